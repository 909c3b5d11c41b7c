"""What `--measure` can ask for: who takes part, and how the cells of the report come about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.checks import check
from bench.competitors import BASELINE, BY_HAND
from bench.formats import format_ns
from bench.importing import IMPORT, time_imports
from bench.measuring import measure
from bench.operations import OPERATIONS, Operation
from bench.progress import steps
from bench.scaling import LIST, RECORDS, ListCopy, check_scaled, scaled
from bench.selection import fitting, select, unfit
from bench.timing import garbage_collection_paused
from bench.workloads import WORKLOADS, Workload

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.competitors import Competitor
    from bench.results import Cell, Settings

EVERYTHING = "*"
MEASUREMENTS = {
    "calls": "each operation on each workload (if nothing else is asked for)",
    "scaling": "flattening of more and more leaves",
    "imports": "importing each library in a new interpreter",
    "memory": "peak while a tree is flattened for the first time",
}


@dataclass(frozen=True)
class Plan:
    """A measurement of time: who takes part, in what.

    `left_out` says of what was asked for by its name that it cannot be measured.
    """

    competitors: Sequence[Competitor]
    operations: Sequence[Operation]
    left_out: Sequence[str] = field(default=(), kw_only=True)

    def cells(self, settings: Settings) -> Iterator[Sequence[Cell]]:
        """Check and measure, and yield the cells of each row that is finished."""
        raise NotImplementedError

    def turn(self, settings: Settings) -> str:
        """Say what each competitor gets when it is its turn."""
        return format_ns(settings.stretch_ns)


@dataclass(frozen=True)
class Calls(Plan):
    """Each operation on each workload."""

    workloads: Sequence[Workload]

    def cells(self, settings: Settings) -> Iterator[Sequence[Cell]]:
        """Check all answers, then measure."""
        # Answers are many objects, among which the collector would search in vain.
        with garbage_collection_paused(), steps("comparing answers", len(self.workloads)) as step:
            rows = list(check(self.workloads, self.operations, self.competitors, step))
        # Rows are grouped by operation, as the tables are.
        rows.sort(key=lambda row: self.operations.index(row.operation))
        with steps("timing", len(rows)) as step:
            yield from measure(rows, settings, step)


@dataclass(frozen=True)
class Scaling(Plan):
    """Flattening of more and more leaves."""

    quick: bool

    def cells(self, settings: Settings) -> Iterator[Sequence[Cell]]:
        """Check and measure size by size."""
        sizes = scaled(self.quick)
        with steps("timing", len(sizes)) as step:
            yield from measure(check_scaled(sizes, self.competitors), settings, step)


@dataclass(frozen=True)
class Imports(Plan):
    """Importing each library in a new interpreter."""

    def cells(self, settings: Settings) -> Iterator[Sequence[Cell]]:
        """Measure all in turns."""
        yield time_imports(self.competitors, settings)

    def turn(self, settings: Settings) -> str:
        """Say what each competitor gets when it is its turn."""
        return "an interpreter without and one with the import"


def plan(
    what: str, workloads: str, operations: str, competitors: Sequence[Competitor], quick: bool
) -> Plan:
    """Return the plan for a measurement.

    Raises:
        ValueError: when there are no such workloads or operations, or they are not asked for here.
    """
    if what == "calls":
        chosen = select(operations, OPERATIONS, "operation")
        trees = select(workloads, WORKLOADS, "workload")
        left_out = [] if EVERYTHING in (workloads, operations) else unfit(trees, chosen)
        return Calls(competitors, chosen, fitting(trees, chosen), left_out=left_out)
    if (workloads, operations) != (EVERYTHING, EVERYTHING):
        raise ValueError("--workloads and --operations are for --measure calls only")
    libraries = [each for each in competitors if each.name != BY_HAND]
    left_out = no_part_of_by_hand(what, competitors)
    if what == "scaling":
        subject, *others = (each for each in libraries if each.name != BASELINE)
        rivals = [subject, ListCopy(), *others]
        return Scaling(rivals, [LIST, RECORDS], quick, left_out=left_out)
    return Imports(libraries, [IMPORT], left_out=left_out)


def no_part_of_by_hand(what: str, competitors: Sequence[Competitor]) -> list[str]:
    """Say that only libraries are measured, if something else was asked for."""
    names = [each.name for each in competitors]
    return [f"{BY_HAND} has no part in --measure {what}"] if BY_HAND in names else []
