"""Run by valgrind: the calls of leafwise and of the reference, with a mark before and after them.

callgrind counts the instructions that the processor executes. It is told to write down its count
whenever `getppid` is called, which nothing else here does; so every second count is of one row.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bench.competitors import BASELINE, SUBJECT, Call, Inputs, load
from bench.operations import OPERATIONS
from bench.timing import Loop, compile_loop, garbage_collection_paused
from bench.workloads import WORKLOADS, Stream

if TYPE_CHECKING:
    from bench.operations import Operation
    from bench.workloads import Workload

MARK = "getppid"
COMPETITORS: tuple[str, ...] = (SUBJECT, BASELINE)
# Each does something of its own. What differs from one of them in size only is left out: counting
# makes the reference fifty times slower.
CHOSEN = (
    "mixed",
    "transformer",
    "state_dict",
    "deep_100",
    "registered",
    "dataclasses",
    "cold_dicts",
    "cold_sequences",
)
WARM_CALLS = 2
# So many trees of a stream are flattened, none of which came before.
TREES = 100


def workloads() -> list[Workload]:
    """Return the chosen workloads, in their order."""
    return [workload for workload in WORKLOADS if workload.name in CHOSEN]


def operations(workload: Workload) -> list[Operation]:
    """Return the operations that are counted on a workload, in their order."""
    return [operation for operation in OPERATIONS if workload.fits(operation)]


def main() -> None:
    """Count nothing, then each competitor's row in turn."""
    with garbage_collection_paused():
        nothing = compile_loop(Call("None", {}))
        nothing(WARM_CALLS)
        _count(nothing, 1)
        for workload in workloads():
            _count_workload(workload)


def _count_workload(workload: Workload) -> None:
    competitors = [load(name) for name in COMPETITORS]
    inputs: dict[str, Inputs]
    if isinstance(workload, Stream):
        stream = workload.build(2 * TREES)
        warm = dict.fromkeys(COMPETITORS, Inputs(stream=stream[:TREES]))
        inputs = dict.fromkeys(COMPETITORS, Inputs(stream=stream[TREES:]))
    else:
        trees = workload.trees()
        warm = inputs = {each.name: each.inputs(workload, trees) for each in competitors}
    for operation in operations(workload):
        for each in competitors:
            # What is done but once, such as remembering a structure, is over when counting begins.
            compile_loop(each.call(workload, operation, warm[each.name]))(WARM_CALLS)
            loop = compile_loop(each.call(workload, operation, inputs[each.name]))
            _count(loop, calls(operation, workload))


def calls(operation: Operation, workload: Workload) -> int:
    """Return how often a row is called: short calls more often, so that they count."""
    if isinstance(workload, Stream):
        return 1
    return 20 if workload.name == "mixed" or operation.name in ("equal", "hash") else 2


def _count(loop: Loop, times: int) -> None:
    os.getppid()
    loop(times)
    os.getppid()


if __name__ == "__main__":
    main()
