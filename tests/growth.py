"""Whether memory and reference counts grow with the number of calls."""

from __future__ import annotations

import ctypes
import gc
import os
import platform
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from effort import rounds
from interpreter import has_gil

REPEAT = rounds(60, torture=100_000)
# Blocks, and references to one object: what leaks in one of a few calls is found.
MAX_GROWTH = min(REPEAT // 6, 1000)
# Less than half of the smallest piece that malloc gives, of 32 bytes in glibc.
MAX_BYTES = REPEAT * 12


def check_no_growth(call: Callable[[], object], watched: Sequence[Any] = ()) -> None:
    """Check that nothing has grown after REPEAT calls, in one round of some.

    A leak grows by as much in every round, whereas caches of the interpreter and of malloc fill up
    slowly. That is why each measure has to stand still once, and not all of them at once.

    Args:
        call: What to call.
        watched: Objects that are used by it and stay; references to them are counted.
    """
    limits = {"blocks": MAX_GROWTH, "bytes of malloc": MAX_BYTES, "bytes of the process": MAX_BYTES}
    lowest = dict.fromkeys(limits, sys.maxsize)
    references = [sys.maxsize] * len(watched)
    for _ in range(30):
        call()
        collect()
        counted = counts(watched)
        before = measures()  # last, so that it counts what is made here, which still exists later
        for _ in range(REPEAT):
            call()
        collect()
        after = measures()
        for name, value in after.items():
            lowest[name] = min(lowest[name], value - before[name])
        more = [new - old for new, old in zip(counts(watched), counted)]
        references = [min(pair) for pair in zip(references, more)]
        grown = {name: value for name, value in lowest.items() if value >= limits[name]}
        kept = [thing for thing, count in zip(watched, references) if count >= MAX_GROWTH]
        if not grown and not kept:
            return
    raise AssertionError(f"{REPEAT} calls: more of {grown}, references to {kept}")


def collect() -> None:
    """Free what is garbage: that of classes comes in a free-threaded CPython the next time only."""
    for _ in range(1 if has_gil() else 2):
        gc.collect()


def counts(things: Sequence[Any]) -> list[int]:
    # A free-threaded CPython does not count each reference to what threads share.
    return [sys.getrefcount(thing) for thing in things] if has_gil() else [0] * len(things)


def measures() -> dict[str, int]:
    # Of few calls, the size of a process says nothing: it has pages, and larger pieces.
    resident = resident_bytes() if REPEAT >= 10_000 else 0
    return {
        "blocks": sys.getallocatedblocks(),
        "bytes of malloc": malloc_bytes(),
        "bytes of the process": resident,
    }


def resident_bytes() -> int:
    """Return how much memory the process has, that of C++ included; 0 where nobody says so."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0


class MallocInfo(ctypes.Structure):
    """The `struct mallinfo2` of glibc."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


def find_mallinfo() -> Callable[[], MallocInfo] | None:
    is_glibc = platform.libc_ver()[0] == "glibc"
    # It is there since glibc 2.33. Where a sanitizer replaces malloc, it sees none of it.
    function = getattr(ctypes.CDLL(None), "mallinfo2", None) if is_glibc else None
    if function is not None:
        function.restype = MallocInfo
    return function


MALLINFO = find_mallinfo()


def malloc_bytes() -> int:
    """Return how much of the memory of C and C++ is in use; 0 where nobody says so.

    It is all that C++ asks for, and of Python what is larger than 512 bytes.
    """
    if MALLINFO is None:
        return 0
    info = MALLINFO()
    return int(info.uordblks + info.hblkhd)
