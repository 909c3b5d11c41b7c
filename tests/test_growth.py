"""The check for leaks finds what it is there to find, in code that leaks."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

import pytest

from effort import Effort
from growth import MALLINFO, check_no_growth, malloc_bytes
from interpreter import needs_gil


@pytest.fixture(autouse=True)
def not_for_hours() -> None:
    if Effort.torture:
        pytest.skip("what leaks on purpose would do so by the gigabyte")


def test_no_leak() -> None:
    check_no_growth(lambda: [object(), {}], [object])


# Where Python takes all memory from malloc, as with a sanitizer, there are no blocks to count.
needs_blocks = pytest.mark.skipif(sys.getallocatedblocks() == 0, reason="blocks are not counted")


@needs_blocks
def test_a_block() -> None:
    kept: list[Any] = []
    with pytest.raises(AssertionError, match="'blocks': "):
        check_no_growth(lambda: kept.append(object()))


@needs_blocks
def test_a_block_now_and_then() -> None:
    kept: list[Any] = []
    numbers = iter(range(10**6))
    with pytest.raises(AssertionError, match="'blocks': "):
        check_no_growth(lambda: None if next(numbers) % 2 else kept.append(object()))


@needs_gil("references are not counted")
def test_a_reference() -> None:
    thing = [object()]
    leak = ctypes.pythonapi.Py_IncRef
    leak.argtypes, leak.restype = [ctypes.py_object], None
    with pytest.raises(AssertionError, match="references to \\[\\["):
        check_no_growth(lambda: leak(thing), [thing])


@pytest.mark.skipif(MALLINFO is None, reason="this malloc does not say what is in use")
def test_memory_of_c() -> None:
    assert MALLINFO is not None
    malloc = ctypes.CDLL(None).malloc
    malloc.argtypes, malloc.restype = [ctypes.c_size_t], ctypes.c_void_p
    if not sees(malloc):
        pytest.skip("a sanitizer replaces malloc")
    with pytest.raises(AssertionError, match="'bytes of malloc': "):
        check_no_growth(lambda: malloc(1))


def sees(malloc: Any) -> bool:
    before = malloc_bytes()
    malloc(1_000_000)
    return malloc_bytes() > before
