"""What it takes to import each library, above what an empty interpreter takes."""

from __future__ import annotations

import dataclasses
import random
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from bench.competitors import SUBJECT
from bench.operations import Operation
from bench.progress import steps
from bench.results import Cell
from bench.summaries import ratio
from bench.timing import Pace, affordable_rounds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.competitors import Competitor
    from bench.results import Settings

IMPORT = Operation("import", "import in a new interpreter, above an empty one")
# Starting an interpreter takes about as long as this many stretches.
STRETCHES = 50
TOO_BUSY = "the machine was too busy to tell"


def time_imports(competitors: Sequence[Competitor], settings: Settings) -> list[Cell]:
    """Start an interpreter without and with each import, in turns, and compare pair by pair."""
    statements = {each.name: f"import {each.module}" for each in competitors}
    # The first time, files are read from the disk and byte code may be written.
    first = {name: Pace(1, _start(statement)) for name, statement in statements.items()}
    planned = dataclasses.replace(settings, stretch_ns=STRETCHES * settings.stretch_ns)
    rounds = affordable_rounds(first.values(), planned)
    order = random.Random(0)
    found: list[dict[str, int]] = []
    names = list(statements)
    with steps("importing", rounds) as step:
        for number in range(rounds):
            step(f"round {number + 1}")
            order.shuffle(names)
            found.append({name: -_start("pass") + _start(statements[name]) for name in names})
    times = usable(found)
    return [_cell(name, statement, times) for name, statement in statements.items()]


def usable(found: Sequence[Mapping[str, int]]) -> list[Mapping[str, int]]:
    """Leave out the rounds in which the machine stumbled so that an import took no time."""
    return [each for each in found if min(each.values()) > 0]


def _start(statement: str) -> int:
    command = [sys.executable, "-c", statement]
    start = time.perf_counter_ns()
    subprocess.run(command, check=True)
    return time.perf_counter_ns() - start


def _cell(name: str, statement: str, times: Sequence[Mapping[str, int]]) -> Cell:
    own = [each[name] for each in times]
    if not own:
        return Cell("import", IMPORT.name, name, statement, unsupported=TOO_BUSY)
    return Cell(
        "import",
        IMPORT.name,
        name,
        call=statement,
        median_ns=statistics.median(own),
        min_ns=min(own),
        ratio=ratio(own, [each[SUBJECT] for each in times]) if name != SUBJECT else None,
        rounds=len(own),
        calls_per_stretch=1,
    )
