"""Memory runs out at each allocation in turn: MemoryError or the right answer, and nothing is lost.

Either one allocation fails, or all do from then on, until a call is over before the first failure.
The calls are those of memory_calls.py. Memory that C++ asks for itself does not come from Python:
see test_no_memory_for_cpp.py.
"""

from __future__ import annotations

import gc
import math
import pickle
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

import leafwise as lw
from memory_calls import (
    CALLS,
    WITH_FUNCTIONS,
    WITH_GENERATORS,
    WITH_LISTS,
    WITH_PICKLER,
    outcome,
    shown,
)

_testcapi: Any = pytest.importorskip("_testcapi", reason="this interpreter has no test helpers")

# A generator that is thrown away half done needs memory for the GeneratorExit inside of it.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored .*generator:pytest.PytestUnraisableExceptionWarning"
)

# How many allocations more or less a call may make each time, by what the interpreter remembers.
MARGIN = (None,) * 100


@pytest.fixture(autouse=True)
def no_callbacks_of_others() -> Iterator[None]:
    """Those of the collector, as hypothesis has one, which can do no more without memory."""
    kept = gc.callbacks[:]
    gc.callbacks.clear()
    yield
    gc.callbacks[:] = kept


class Outcome(NamedTuple):
    result: Any = None
    error: Exception | None = None
    has_memory_error: bool = False
    is_over: bool = False  # whether the first failure came only after the call


def without_memory(call: Callable[..., Any], arguments: Any, number: int, end: int) -> Outcome:
    """Call it with allocations failing from that number on, counted from 0, up to another one."""
    fail, restore = _testcapi.set_nomemory, _testcapi.remove_mem_hooks
    result = error = None
    has_memory_error = is_over = False
    fail(number, end)
    try:
        result = call(*arguments)
    except MemoryError:
        # It is not kept: when all of the few that an interpreter has in store are, it gives up.
        has_memory_error = True
    except pickle.PicklingError:
        has_memory_error = True  # CPython before 3.14 says this, of a class that it cannot import
    except (ValueError, SystemError) as raised:
        error = raised
    try:
        for _ in MARGIN:
            object()
    except MemoryError:
        is_over = True
    finally:
        restore()
    if isinstance(error, SystemError):
        # CPython 3.10 says it when it cannot remember where a function looks up its names.
        assert sys.version_info < (3, 11), error
        assert "_PyEval_EvalFrameDefault returned NULL without" in str(error)
        has_memory_error = True
    return Outcome(result, error, has_memory_error, is_over)


def count_failures(call: Callable[..., Any], arguments: Any, is_cold: bool, lasts: bool) -> int:
    """Let each allocation fail in turn, and count how often that is a MemoryError."""
    expected = outcome(call, arguments)
    number = failures = 0
    is_over = False
    while not is_over:
        if is_cold:
            lw.clear_cache()
        found = without_memory(call, arguments, number, number + 1)
        is_over = found.is_over
        if lasts:
            if is_cold:
                lw.clear_cache()
            found = without_memory(call, arguments, number, 0)
        if found.has_memory_error:
            failures += 1
        else:
            text = shown(found.result) if found.error is None else str(found.error)
            assert text == expected, number
        number += 1
    return failures


def crashes_by_itself(name: str) -> bool:
    """Whether CPython does, whatever leafwise does."""
    if name in WITH_GENERATORS:
        return sys.version_info[:2] != (3, 14)
    return name in WITH_FUNCTIONS and (3, 12) <= sys.version_info < (3, 14)


def may_grow(name: str, failures: int) -> float:
    """How many blocks may be lost, because CPython itself loses some."""
    if name in WITH_PICKLER or (name in WITH_LISTS and sys.version_info < (3, 13)):
        return math.inf
    # User code in Python that makes lists is part of most calls.
    return 1 if sys.version_info >= (3, 14) else max(failures / 2, 20)


@pytest.mark.parametrize("remembered", [True, False], ids=["hot", "cold"])
@pytest.mark.parametrize("lasts", [False, True], ids=["one", "all"])
@pytest.mark.parametrize("name", CALLS)
def test_each_allocation(name: str, lasts: bool, remembered: bool) -> None:
    if crashes_by_itself(name):
        pytest.skip("this CPython crashes without memory, in what Python code does there")
    call, arguments = CALLS[name]
    expected = outcome(call, arguments)
    grown = []
    for _ in range(5):  # caches of the interpreter fill up, whereas a leak goes on
        gc.collect()
        blocks = sys.getallocatedblocks()
        failures = count_failures(call, arguments, not remembered, lasts)
        gc.collect()
        grown.append(sys.getallocatedblocks() - blocks)
        if min(grown) <= may_grow(name, failures):
            break
    else:
        raise AssertionError(f"blocks that are not given back, each time: {grown}")
    assert outcome(call, arguments) == expected
