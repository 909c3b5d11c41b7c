"""Names and patterns on the command line, turned into what they stand for."""

from __future__ import annotations

import difflib
import fnmatch
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.operations import Operation
    from bench.workloads import Workload


class Named(Protocol):
    """Something that has a name."""

    @property
    def name(self) -> str:
        """The name."""
        ...


Item = TypeVar("Item", bound=Named)


def split(text: str) -> list[str]:
    """Take a comma-separated list apart."""
    return [word for word in (part.strip() for part in text.split(",")) if word]


def select(text: str, items: Sequence[Item], noun: str) -> list[Item]:
    """Return the items whose names are given, or match a given pattern, in their own order.

    Raises:
        ValueError: when a name or pattern fits nothing.
    """
    names = [item.name for item in items]
    chosen: set[str] = set()
    for pattern in split(text):
        fitting = fnmatch.filter(names, pattern)
        if not fitting:
            raise ValueError(unknown(pattern, names, noun))
        chosen.update(fitting)
    if not chosen:
        raise ValueError(f"no {noun} given; there are: {', '.join(names)}")
    return [item for item in items if item.name in chosen]


def fitting(workloads: Sequence[Workload], operations: Sequence[Operation]) -> list[Workload]:
    """Return the workloads that one of the operations is about.

    Raises:
        ValueError: when there is none.
    """
    chosen = [workload for workload in workloads if any(map(workload.fits, operations))]
    if not chosen:
        named = [", ".join(each.name for each in items) for items in (operations, workloads)]
        raise ValueError(f"{named[0]} cannot be done with {named[1]}; see --list")
    return chosen


def unfit(workloads: Sequence[Workload], operations: Sequence[Operation]) -> list[str]:
    """Say which operations can be done with none of the workloads, and the other way round."""
    idle = [each for each in operations if not any(tree.fits(each) for tree in workloads)]
    unused = [tree for tree in workloads if not any(map(tree.fits, operations))]
    trees, doings = (", ".join(each.name for each in items) for items in (workloads, operations))
    return [
        *(f"{each.name} cannot be done with {trees}" for each in idle),
        *(f"{tree.name} is not for {doings}" for tree in unused),
    ]


def unknown(name: str, known: Sequence[str], noun: str) -> str:
    """Say that there is no such name, and which ones there are."""
    longer = [other for other in known if other.startswith(name)] if name else []
    close = longer or difflib.get_close_matches(name, known, n=1)
    guess = f" (did you mean {' or '.join(close)}?)" if close else ""
    return f"unknown {noun} {name!r}{guess}; there are: {', '.join(known)}"
