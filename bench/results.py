"""What a run found, and how it is written to a JSON file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from bench.competitors import PEERS, SUBJECT
from bench.summaries import Ratio, geometric_mean, is_loss
from bench.workloads import APART, MODEL, MODEL_DICTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SCHEMA_VERSION = 2
FASTEST_PEER = "fastest peer"


@dataclass(frozen=True)
class Settings:
    """How long is measured: stretches per competitor and row, and the length of one.

    Many short stretches: when something else takes the processor, it spoils few of them, which
    the median ignores. Where single calls take longer than a stretch, there are fewer rounds.
    """

    rounds: int
    least_rounds: int
    stretch_ns: int


NORMAL = Settings(rounds=101, least_rounds=11, stretch_ns=1_500_000)
QUICK = Settings(rounds=11, least_rounds=3, stretch_ns=500_000)


@dataclass(frozen=True)
class Cell:
    """One competitor on one row. What was not timed has no times but a reason."""

    workload: str
    operation: str
    competitor: str
    call: str | None = None
    median_ns: float | None = None
    min_ns: float | None = None
    ratio: Ratio | None = None
    rounds: int | None = None
    calls_per_stretch: int | None = None
    note: str | None = None
    unsupported: str | None = None
    difference: str | None = None


@dataclass(frozen=True)
class Least:
    """The mean ratio of an operation against a competitor, and the row where it is least.

    `workload` is None where several workloads are summed up, and one that is `APART` otherwise.
    The competitor may be `FASTEST_PEER`: on each row the one of the peers that is fastest there.
    """

    operation: str
    workload: str | None
    competitor: str
    geometric_mean: float
    least: float
    least_workload: str

    @property
    def title(self) -> str:
        """What the line of a summary is called."""
        return self.operation if self.workload is None else f"{self.operation}, {self.workload}"


@dataclass(frozen=True)
class Report:
    """Everything that a run found.

    There are a version and a configuration of each competitor, and a description of each operation.
    """

    machine: Mapping[str, str]
    versions: Mapping[str, str]
    configurations: Mapping[str, str]
    descriptions: Mapping[str, str]
    # What each competitor gets when it is its turn.
    turn: str
    settings: Settings
    cells: Sequence[Cell]

    @property
    def rivals(self) -> list[str]:
        """The competitors that leafwise is compared with."""
        return [name for name in self.versions if name != SUBJECT]

    @property
    def operations(self) -> list[str]:
        """The operations in the order they were measured."""
        return list(dict.fromkeys(cell.operation for cell in self.cells))

    def cells_of(self, operation: str) -> list[Cell]:
        """Return the cells of one operation."""
        return [cell for cell in self.cells if cell.operation == operation]

    def differences(self) -> list[Cell]:
        """Return the cells with a wrong answer."""
        return [cell for cell in self.cells if cell.difference is not None]

    def losses(self) -> list[tuple[Cell, Ratio]]:
        """Return the cells where leafwise is slower, the worst first."""
        compared = [(cell, cell.ratio) for cell in self.cells if cell.ratio is not None]
        losses = [(cell, ratio) for cell, ratio in compared if is_loss(ratio.median)]
        return sorted(losses, key=lambda loss: loss[1].median)

    def summary(self) -> list[Least]:
        """Return mean and least ratio per operation and competitor."""
        found = []
        for workload in (None, *APART):
            for operation in self.operations:
                for rival in (*self.rivals, FASTEST_PEER):
                    ratios = {
                        name: ratio
                        for name, ratio in self.ratios(operation, rival).items()
                        if (name if name in APART else None) == workload
                    }
                    if ratios:
                        worst = min(ratios, key=ratios.__getitem__)
                        mean = geometric_mean(list(ratios.values()))
                        found.append(Least(operation, workload, rival, mean, ratios[worst], worst))
        return found

    def ratios(self, operation: str, rival: str) -> dict[str, float]:
        """Return the ratio against a competitor, or the fastest peer, by workload."""
        rivals = PEERS if rival == FASTEST_PEER else (rival,)
        ratios: dict[str, float] = {}
        for cell in self.cells_of(operation):
            if cell.competitor in rivals and cell.ratio is not None:
                ratio = cell.ratio.median
                ratios[cell.workload] = min(ratio, ratios.get(cell.workload, ratio))
        return ratios

    def model_times(self) -> dict[str, tuple[float, float]]:
        """Return, by operation, what leafwise takes for the model and for its leaves in dicts."""
        times = {
            (cell.operation, cell.workload): cell.median_ns
            for cell in self.cells
            if cell.competitor == SUBJECT and cell.median_ns is not None
        }
        return {
            operation: (times[operation, MODEL], times[operation, MODEL_DICTS])
            for operation in self.operations
            if {(operation, MODEL), (operation, MODEL_DICTS)} <= times.keys()
        }

    def as_json(self) -> dict[str, object]:
        """Return the report as plain dicts and lists."""
        return {
            "schema": SCHEMA_VERSION,
            "machine": dict(self.machine),
            "versions": dict(self.versions),
            "configurations": dict(self.configurations),
            "descriptions": dict(self.descriptions),
            "settings": asdict(self.settings),
            "rows": [asdict(cell) for cell in self.cells],
            "summary": [asdict(least) for least in self.summary()],
        }

    def write_json(self, path: Path) -> None:
        """Write the report to a file."""
        path.write_text(json.dumps(self.as_json(), indent=1) + "\n", encoding="utf-8")
