"""A run compared with an earlier one, which was written by `--json`.

Two runs are hours or machines apart, so their times alone say little. In both, leafwise and the
reference ran interleaved: how many times faster leafwise was than the reference is compared, and
what slows the whole machine down cancels out.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bench.competitors import BASELINE, SUBJECT
from bench.results import SCHEMA_VERSION
from bench.summaries import Ratio

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from bench.results import Report

# The spread is that of rounds within one process. From one process to the next, the same build
# strays by more: hash seeds and addresses are others. Of 4,605 rows in 15 pairs of --quick runs of
# one build 35 % differed by more than twice their spreads alone, and 1 % by more than twice these
# and this together; of 921 rows in longer runs 18 % and 0.1 %.
BETWEEN_PROCESSES = 0.1
# A change that is smaller than this many times the noise is taken for noise.
CLEAR = 2

Row = tuple[str, str]  # operation, workload


@dataclass(frozen=True)
class Measured:
    """What a run found about leafwise on a row."""

    median_ns: float
    against_baseline: Ratio


@dataclass(frozen=True)
class Earlier:
    """What of an earlier run is compared."""

    machine: Mapping[str, str]
    versions: Mapping[str, str]
    rows: Mapping[Row, Measured]


@dataclass(frozen=True)
class Change:
    """A row then and now."""

    operation: str
    workload: str
    before: Measured
    after: Measured

    @property
    def ratio(self) -> float:
        """How many times faster leafwise is now, the speed of the machine taken out."""
        return self.after.against_baseline.median / self.before.against_baseline.median

    @property
    def noise(self) -> float:
        """The spreads within both runs and that between them together, as a part of the ratio."""
        spreads = (each.against_baseline.spread for each in (self.before, self.after))
        return math.hypot(*spreads, BETWEEN_PROCESSES)

    @property
    def is_clear(self) -> bool:
        """Tell whether it is more than noise."""
        return abs(math.log(self.ratio)) > CLEAR * self.noise


def read(path: Path) -> Earlier:
    """Read a file that `--json` wrote.

    Raises:
        ValueError: There is no such file, or something else in it.
    """
    if not path.is_file():
        raise ValueError(f"there is no file {path} to compare with")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is no file that --json wrote: {error}") from error
    schema = found.get("schema") if isinstance(found, dict) else None
    if schema != SCHEMA_VERSION:
        raise ValueError(
            f"{path} cannot be compared with: expected a run in schema {SCHEMA_VERSION}, "
            f"got {schema or 'something else'}"
        )
    try:
        return Earlier(found["machine"], found["versions"], _rows(found["rows"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path} cannot be compared with: it lacks {error}") from error


def changes(earlier: Earlier, report: Report) -> list[Change]:
    """Compare the rows that are in both runs, in the order of this one."""
    now = _rows(asdict(cell) for cell in report.cells)
    return [
        Change(*row, earlier.rows[row], after) for row, after in now.items() if row in earlier.rows
    ]


def _rows(rows: Iterable[Mapping[str, Any]]) -> dict[Row, Measured]:
    medians, ratios = {}, {}
    for each in rows:
        row = (each["operation"], each["workload"])
        if each["competitor"] == SUBJECT and each["median_ns"] is not None:
            medians[row] = each["median_ns"]
        elif each["competitor"] == BASELINE and each["ratio"] is not None:
            ratios[row] = Ratio(**each["ratio"])
    return {row: Measured(medians[row], ratios[row]) for row in medians if row in ratios}
