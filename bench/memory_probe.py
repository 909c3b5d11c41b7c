"""Run in a process of its own: how much memory flattening takes at its peak, to the byte.

What is counted is every block that malloc, realloc and their kin hand out while the tree is
flattened, whoever asks: C++ by `new`, and Python's objects too, as PYTHONMALLOC=malloc keeps them
from coming out of Python's own arenas. The C library writes each call down (mtrace), so nothing is
sampled. What was there before is not counted: the tree, and what belongs to the library itself.
"""

from __future__ import annotations

import ctypes
import json
import operator
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bench.competitors import BASELINE, Inputs, load
from bench.operations import OPERATIONS
from bench.workloads import WORKLOADS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

TRACER = "libc_malloc_debug.so.0"
TRACE = "MALLOC_TRACE"
FIRST_VERSIONS = (b"GLIBC_2.2.5", b"GLIBC_2.17")  # on x86_64, on aarch64
# `+ ADDRESS SIZE` and `- ADDRESS`; `< ADDRESS` and `> ADDRESS SIZE` for the halves of a realloc.
_EVENT = re.compile(r" ([-+<>]) 0x([0-9a-f]+)(?: 0x([0-9a-f]+))?$")


def environment(trace: Path) -> dict[str, str]:
    """Return the environment in which a probe has to run."""
    return {**os.environ, "LD_PRELOAD": TRACER, "PYTHONMALLOC": "malloc", TRACE: str(trace)}


def peak_of(lines: Iterable[str]) -> int:
    """Return the most bytes that were in use at one time, by the lines of a trace."""
    in_use = peak = 0
    sizes: dict[str, int] = {}
    for line in lines:
        event = _EVENT.search(line)
        if event is None:
            continue
        kind, address, size = event.groups()
        if kind in "+>":
            sizes[address] = int(size, 16)
            in_use += sizes[address]
            peak = max(peak, in_use)
        else:
            in_use -= sizes.pop(address, 0)
    return peak


def tracer(name: str) -> Callable[[], None]:
    """Return a function of the C library's tracer.

    There it has the version with which glibc began on this machine, and libc has one of the same
    name that does nothing.

    Raises:
        OSError: when the tracer is not loaded.
    """
    find = ctypes.CDLL(None).dlvsym
    find.restype = ctypes.c_void_p
    find.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p)
    addresses = [find(None, name.encode(), version) for version in FIRST_VERSIONS]
    if not any(addresses):
        raise OSError(f"no {name} in {TRACER}")
    return ctypes.CFUNCTYPE(None)(next(filter(None, addresses)))


def main(competitor_name: str, workload_name: str) -> None:
    """Flatten a workload's tree for the first time and print what it took as JSON."""
    competitor = load(competitor_name)
    (workload,) = (each for each in WORKLOADS if each.name == workload_name)
    flatten = next(each for each in OPERATIONS if each.name == "flatten")
    tree = workload.build(0)
    expected, _ = load(BASELINE).take_apart(workload, tree)
    # What is made but once, whatever the tree, is not the tree's.
    competitor.call(workload, flatten, Inputs(({"a": 0},)))()
    call = competitor.call(workload, flatten, Inputs(tree))
    function = eval(f"lambda: {call.expression}", dict(call.names))
    start, stop = tracer("mtrace"), tracer("muntrace")

    start()
    answer = function()
    stop()

    leaves = answer[0]
    if len(leaves) != len(expected) or not all(map(operator.is_, leaves, expected)):
        raise ValueError(f"{competitor_name} found other leaves")
    with Path(os.environ[TRACE]).open(encoding="utf-8", errors="replace") as trace:
        peak = peak_of(trace)
    print(json.dumps({"leaves": len(leaves), "beyond_bytes": peak - list_bytes(len(leaves))}))


def list_bytes(length: int) -> int:
    """Return what a list takes that is as long as it has to be."""
    made = [None] * length
    collected = 2 * ctypes.sizeof(ctypes.c_void_p)  # the collector's part, before the object
    return list.__sizeof__(made) + collected


if __name__ == "__main__":
    main(*sys.argv[1:])
