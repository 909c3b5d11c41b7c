"""What has changed since an earlier run, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from bench.competitors import BASELINE
from bench.formats import format_ns, format_ratio
from bench.layout import Column, Entry, print_table
from bench.summaries import geometric_mean

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

    from bench.earlier import Change, Earlier
    from bench.results import Report

FASTER = "green"
SLOWER = "red"


def print_changes(
    path: Path, earlier: Earlier, report: Report, changes: Sequence[Change], console: Console
) -> None:
    """Print what was compared, each row with its noise, and a mean per operation."""
    console.print()
    title = f"compared with {path}, of {earlier.machine.get('time', 'an unknown time')}"
    console.print(Text(title, style="bold"), soft_wrap=True)  # a path is not to be broken
    for line in _other_circumstances(earlier, report):
        console.print(Text(line, style=SLOWER))
    if not changes:
        console.print(Text("no row is in both runs"))
        return
    title = f"now against then, each as {BASELINE} ran beside it: 2.00x is twice as fast as then"
    print_table(title, _columns(changes), console, fixed=2)
    print_table("the same by operation, geometric mean", _means(changes), console, fixed=1)
    clear = [change for change in changes if change.is_clear]
    slower = sum(change.ratio < 1 for change in clear)
    rows = "1 row" if len(changes) == 1 else f"{len(changes)} rows"
    console.print()
    console.print(
        Text(
            f"{rows} compared: {len(clear) - slower} clearly faster, {slower} clearly "
            f"slower, {len(changes) - len(clear)} within the noise"
        )
    )


def _other_circumstances(earlier: Earlier, report: Report) -> list[str]:
    """Say what else differs, so that nobody takes it for a change of leafwise."""
    then = {**earlier.machine, **earlier.versions}
    now = {**report.machine, **report.versions}
    return [
        f"{name} was {then[name]}, is {now[name]}"
        for name in then
        if name != "time" and name in now and then[name] != now[name]
    ]


def _columns(changes: Sequence[Change]) -> list[Column]:
    return [
        Column("operation", [Entry(change.operation) for change in changes]),
        Column("workload", [Entry(change.workload) for change in changes]),
        Column("then", [Entry(f"{format_ns(each.before.median_ns):>7}") for each in changes]),
        Column("now", [Entry(f"{format_ns(each.after.median_ns):>7}") for each in changes]),
        Column("ratio", [_ratio(change) for change in changes]),
    ]


def _ratio(change: Change) -> Entry:
    text = f"{format_ratio(change.ratio):>5} ±{change.noise:.0%}"
    if not change.is_clear:
        return Entry(text, style="dim")
    is_faster = change.ratio > 1
    return Entry(text, "faster" if is_faster else "slower", FASTER if is_faster else SLOWER)


def _means(changes: Sequence[Change]) -> list[Column]:
    ratios: dict[str, list[float]] = {}
    for change in changes:
        ratios.setdefault(change.operation, []).append(change.ratio)
    means = [geometric_mean(each) for each in ratios.values()]
    leasts = [min(each) for each in ratios.values()]
    return [
        Column("operation", [Entry(operation) for operation in ratios]),
        Column("ratio", [Entry(f"{format_ratio(mean):>5}") for mean in means]),
        Column("least", [Entry(f"{format_ratio(least):>5}") for least in leasts]),
        Column("rows", [Entry(str(len(each))) for each in ratios.values()]),
    ]
