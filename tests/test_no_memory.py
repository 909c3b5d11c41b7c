"""Memory runs out at each allocation in turn: MemoryError or the right answer, and nothing is lost.

The calls are those of memory_calls.py. Memory that C++ asks for itself does not come from Python:
see test_no_memory_for_cpp.py.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import Any

import pytest

import leafwise as lw
from memory_calls import CALLS, outcome, shown

_testcapi: Any = pytest.importorskip("_testcapi", reason="this interpreter has no test helpers")

# So many allocations in a row that did not matter are taken for the end of a call.
ENOUGH = 60


def without_memory(call: Callable[..., Any], arguments: Any, at: int) -> Any:
    """The outcome where the allocation of this number fails; None for a MemoryError."""
    error = result = None
    _testcapi.set_nomemory(at, at + 1)
    try:
        result = call(*arguments)
    except MemoryError:
        return None
    except ValueError as raised:
        error = raised
    finally:
        _testcapi.remove_mem_hooks()
    return shown(result) if error is None else str(error)


@pytest.mark.parametrize("remembered", [True, False], ids=["hot", "cold"])
@pytest.mark.parametrize("name", CALLS)
def test_each_allocation(name: str, remembered: bool) -> None:
    call, arguments = CALLS[name]
    expected = outcome(call, arguments)
    blocks = failures = in_a_row = 0
    for round_number in range(2):  # in the first, the interpreter fills its own caches
        gc.collect()
        blocks = sys.getallocatedblocks()
        failures = in_a_row = number = 0
        while in_a_row < ENOUGH:
            number += 1
            if not remembered:
                lw.clear_cache()
            found = without_memory(call, arguments, number)
            if found is None:
                failures += 1
                in_a_row = 0
            else:
                assert found == expected, (round_number, number)
                in_a_row += 1
    gc.collect()
    assert sys.getallocatedblocks() - blocks < max(failures / 2, 20)
    assert outcome(call, arguments) == expected
