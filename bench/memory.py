"""What flattening a tree for the first time takes at its peak, beyond the list of its leaves."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from bench.competitors import BY_HAND, SUBJECT
from bench.footnotes import Footnotes
from bench.formats import format_ratio
from bench.layout import Column, Entry, print_table
from bench.memory_probe import TRACER, environment
from bench.operations import OPERATIONS
from bench.progress import steps
from bench.summaries import is_loss
from bench.tables import LOSS
from bench.workloads import WORKLOADS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from bench.competitors import Competitor
    from bench.operations import Operation
    from bench.workloads import Workload

TREES = ("list_10000", "records")
TITLE = "memory: peak while a tree is flattened for the first time, beyond the list of leaves"
PROJECT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Peak:
    """What one competitor took for one tree, or why nothing was measured."""

    workload: str
    competitor: str
    bytes_per_leaf: float | None = None
    unsupported: str | None = None
    difference: str | None = None


@dataclass(frozen=True)
class MemoryReport:
    """All peaks."""

    machine: Mapping[str, str]
    versions: Mapping[str, str]
    peaks: Sequence[Peak]

    def differences(self) -> list[Peak]:
        """Return the peaks that are missing because a probe failed."""
        return [peak for peak in self.peaks if peak.difference is not None]

    def write_json(self, path: Path) -> None:
        """Write the report to a file."""
        path.write_text(json.dumps({"schema": 1, **asdict(self)}, indent=1) + "\n", "utf-8")


def measure_peaks(competitors: Sequence[Competitor]) -> list[Peak]:
    """Run each probe in a process of its own.

    Raises:
        OSError: when memory cannot be traced here.
    """
    try:
        probe("reference", "leaf")
    except subprocess.CalledProcessError as error:
        raise OSError(
            f"memory is traced by {TRACER} of glibc 2.34 or newer: {_last(error)}"
        ) from error
    flatten = next(each for each in OPERATIONS if each.name == "flatten")
    pairs = [
        (workload, competitor)
        for workload in WORKLOADS
        if workload.name in TREES
        for competitor in competitors
        if competitor.name != BY_HAND
    ]
    peaks = []
    with steps("flattening", len(pairs)) as step:
        for workload, competitor in pairs:
            step(f"{workload.name}, {competitor.name}")
            peaks.append(_peak(workload, competitor, flatten))
    return peaks


def probe(competitor: str, workload: str) -> dict[str, int]:
    """Run `bench.memory_probe` and return what it found."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "bench.memory_probe", competitor, workload],
            cwd=PROJECT,
            env=environment(Path(folder) / "trace"),
            capture_output=True,
            text=True,
            check=True,
        )
    found: dict[str, int] = json.loads(done.stdout)
    return found


def _peak(workload: Workload, competitor: Competitor, flatten: Operation) -> Peak:
    reason = competitor.why_not(workload, flatten)
    if reason is not None:
        return Peak(workload.name, competitor.name, unsupported=reason)
    try:
        found = probe(competitor.name, workload.name)
    except subprocess.CalledProcessError as error:
        return Peak(workload.name, competitor.name, difference=_last(error))
    return Peak(workload.name, competitor.name, found["beyond_bytes"] / found["leaves"])


def _last(error: subprocess.CalledProcessError) -> str:
    lines = str(error.stderr).strip().splitlines()
    return lines[-1] if lines else str(error)


def print_peaks(report: MemoryReport, console: Console) -> None:
    """Print a table with a line per tree."""
    footnotes = Footnotes()
    by_name = {
        name: {peak.workload: peak for peak in report.peaks if peak.competitor == name}
        for name in report.versions
    }
    ours = by_name[SUBJECT]
    columns = [
        Column("workload", [Entry(name) for name in ours]),
        *(
            Column(name, [_entry(peaks[tree], ours[tree], footnotes) for tree in ours])
            for name, peaks in by_name.items()
        ),
    ]
    console.print(Text(f"{report.machine['python']}, {report.machine['system']}"))
    console.print(Text("  ".join(f"{name} {version}" for name, version in report.versions.items())))
    console.print(Text(f"bytes per leaf, to the byte; 8.0x: {SUBJECT} takes 8 times less"))
    print_table(TITLE, columns, console, fixed=2)
    footnotes.print(console)


def _entry(peak: Peak, ours: Peak, footnotes: Footnotes) -> Entry:
    reason = peak.difference or peak.unsupported
    if peak.bytes_per_leaf is None:
        return Entry(f"- {footnotes.mark(f'{peak.competitor}: {reason}')}", style="dim")
    taken = f"{peak.bytes_per_leaf:.1f} B"
    # Where nothing is taken, or a few bytes in all, a ratio says nothing.
    if peak is ours or not ours.bytes_per_leaf or not round(ours.bytes_per_leaf, 1):
        return Entry(taken)
    ratio = peak.bytes_per_leaf / ours.bytes_per_leaf
    return Entry(f"{format_ratio(ratio):>5}", f"{taken:>7}", LOSS if is_loss(ratio) else "")
