"""How the time to flatten grows with the number of leaves, next to copying a list.

No library can be faster at a list of leaves than `list(x)`, which is all there is to do.
"""

from __future__ import annotations

import operator
import platform
from typing import TYPE_CHECKING, Any, ClassVar

from bench.checks import CheckedCall, CheckedRow
from bench.competitors import Competitor, Inputs
from bench.operations import OPERATIONS, Operation
from bench.workloads import Workload, long_list, records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

FLATTEN = next(each for each in OPERATIONS if each.name == "flatten")
LIST = Operation("list", "flatten a list of n leaves")
RECORDS = Operation("records", "flatten a list of n records of six leaves each")
LEAVES_PER_RECORD = 6
LIST_SIZES = tuple(10**power for power in range(1, 8))
RECORDS_SIZES = tuple(10**power // LEAVES_PER_RECORD for power in range(1, 7))
# The largest number of leaves in a quick run.
QUICK_LEAVES = 100_000


class ListCopy(Competitor):
    """`list(x)`, which gives the leaves of a list without looking at them."""

    name = "list(x)"
    configuration = "a copy of the list: the least there is to do"
    expressions: ClassVar[Mapping[str, str]] = {LIST.name: "list(tree)"}
    cannot: ClassVar[Mapping[str, str]] = {RECORDS.name: "the leaves are not in a list"}

    def __init__(self) -> None:
        """There is nothing to import."""
        super().__init__({}, platform.python_version())


def scaled(quick: bool) -> list[tuple[Operation, int]]:
    """Return what is measured: lists and records in growing numbers."""
    sizes = [(LIST, size, size) for size in LIST_SIZES]
    sizes += [(RECORDS, size, size * LEAVES_PER_RECORD) for size in RECORDS_SIZES]
    return [
        (operation, size)
        for operation, size, leaves in sizes
        if not quick or leaves <= QUICK_LEAVES
    ]


def check_scaled(
    sizes: Sequence[tuple[Operation, int]], competitors: Sequence[Competitor]
) -> Iterator[CheckedRow]:
    """Compare the leaves that are found in each tree with those that were put into it.

    The trees are made one at a time: all of them together would take gigabytes.
    """
    for operation, size in sizes:
        if operation is LIST:
            tree = leaves = long_list(0, size)
        else:
            tree = records(0, size)
            leaves = [leaf for row in tree for leaf in _leaves_of_record(row)]
        workload = Workload(f"n = {size:,}", operation.description, lambda _: None)
        calls = {each.name: _check(each, workload, operation, tree, leaves) for each in competitors}
        yield CheckedRow(workload, operation, calls)


def _check(
    competitor: Competitor,
    workload: Workload,
    operation: Operation,
    tree: object,
    leaves: Sequence[object],
) -> CheckedCall:
    # ListCopy has calls of its own; the libraries do what they do elsewhere.
    known = operation if isinstance(competitor, ListCopy) else FLATTEN
    reason = competitor.why_not(workload, known)
    if reason is not None:
        return CheckedCall(unsupported=reason)
    call = competitor.call(workload, known, Inputs(tree))
    try:
        answer = call()
    except Exception as error:  # whatever a competitor raises is a finding, not our failure
        return CheckedCall(difference=f"raised {type(error).__name__}: {error}")
    found = answer if isinstance(competitor, ListCopy) else answer[0]
    if len(found) == len(leaves) and all(map(operator.is_, found, leaves)):
        return CheckedCall(call)
    return CheckedCall(difference="found other leaves")


def _leaves_of_record(record: Any) -> Iterator[object]:
    yield record["id"]
    yield from record["x"]
    yield from record["y"]
