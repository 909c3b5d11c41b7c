"""A whole run: check every answer, then time row by row."""

from __future__ import annotations

import random
import statistics
from typing import TYPE_CHECKING

from bench.competitors import SUBJECT
from bench.results import Cell, Settings
from bench.summaries import ratio
from bench.timing import (
    Pace,
    affordable_rounds,
    calibrate,
    compile_loop,
    garbage_collection_paused,
    long_lived_objects_frozen,
    time_in_turns,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from bench.checks import CheckedCall, CheckedRow

SEED = 0


def measure(
    rows: Iterable[CheckedRow], settings: Settings, started: Callable[[str], None]
) -> Iterator[list[Cell]]:
    """Time the checked rows one by one, and yield the cells of each.

    `started` is told the title of each row before its clock starts.
    """
    order = random.Random(SEED)
    with long_lived_objects_frozen():
        for row in rows:
            started(f"{row.operation.name}, {row.workload.name}")
            yield _measure_row(row, settings, order)


def _measure_row(row: CheckedRow, settings: Settings, order: random.Random) -> list[Cell]:
    calls = {name: checked.call for name, checked in row.calls.items() if checked.call is not None}
    loops = {name: compile_loop(call) for name, call in calls.items()}
    with garbage_collection_paused():
        paces = {name: calibrate(loop, settings.stretch_ns) for name, loop in loops.items()}
        rounds = affordable_rounds(paces.values(), settings) if paces else 0
        times = time_in_turns(loops, paces, rounds, order)
    subject_times = times.get(SUBJECT)
    return [
        _cell(row, name, checked, paces.get(name), times.get(name), subject_times)
        for name, checked in row.calls.items()
    ]


def _cell(
    row: CheckedRow,
    name: str,
    checked: CheckedCall,
    pace: Pace | None,
    times: Sequence[float] | None,
    subject_times: Sequence[float] | None,
) -> Cell:
    return Cell(
        row.workload.name,
        row.operation.name,
        name,
        call=checked.call.expression if checked.call else None,
        median_ns=statistics.median(times) if times else None,
        min_ns=min(times) if times else None,
        ratio=ratio(times, subject_times) if times and subject_times and name != SUBJECT else None,
        rounds=len(times) if times else None,
        calls_per_stretch=pace.calls if pace else None,
        note=checked.note,
        unsupported=checked.unsupported,
        difference=checked.difference,
    )
