"""The report as tables: one per operation, a summary, and the rows that leafwise loses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from bench.competitors import SUBJECT
from bench.footnotes import Footnotes
from bench.formats import format_ns, format_ratio, format_spread
from bench.layout import Column, Entry, one_line_width, print_table
from bench.results import FASTEST_PEER
from bench.summaries import is_loss
from bench.workloads import APART, MODEL, MODEL_DICTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from bench.results import Cell, Least, Report

TEXT_WIDTH = 100
# Dataclasses should not take more than this many times as long as dicts with the same leaves.
MODEL_TARGET = 1.3
LOSS = "red"
WRONG = "bold red"
NOTHING = Entry("-", style="dim")


def print_report(report: Report, console: Console) -> None:
    """Print everything: the machine, the tables, the summary, the losses."""
    _print_settings(report, console)
    for operation in report.operations:
        footnotes = Footnotes()
        columns = _operation_columns(report, operation, footnotes)
        title = f"{operation}: {report.descriptions[operation]}"
        print_table(title, columns, console, fixed=2)
        footnotes.print(console)
    for title, columns in _summaries(report):
        print_table(title, columns, console, fixed=1)
    if report.model_times():
        title = (
            f"{SUBJECT} with itself: {MODEL} against {MODEL_DICTS}, at most {MODEL_TARGET}x wanted"
        )
        print_table(title, _model_columns(report), console, fixed=1)
    _print_losses(report, console)


def paper_width(report: Report) -> int:
    """Return the width for a file: no table needs two lines per row, texts have room."""
    tables = [_operation_columns(report, name, Footnotes()) for name in report.operations]
    tables.extend(columns for _, columns in _summaries(report))
    return max(TEXT_WIDTH, *map(one_line_width, tables))


def _print_settings(report: Report, console: Console) -> None:
    machine = report.machine
    lines = [
        f"{machine['cpu']}, {machine['cpus']} CPUs, {machine['system']}",
        f"{machine['python']}, {machine['compiler']}, {machine['time']}",
        *(
            f"{name} {version} ({report.configurations[name]})"
            for name, version in report.versions.items()
        ),
        f"up to {report.settings.rounds} rounds, in each of which all get {report.turn}; "
        f"8.0x: {SUBJECT} is 8 times faster, median of the rounds; ± half the interquartile range",
    ]
    for line in lines:
        console.print(Text(line))


def _operation_columns(report: Report, operation: str, footnotes: Footnotes) -> list[Column]:
    cells = report.cells_of(operation)
    by_competitor = {
        name: [cell for cell in cells if cell.competitor == name] for name in report.versions
    }
    workloads = [Entry(cell.workload) for cell in by_competitor[SUBJECT]]
    return [
        Column("workload", workloads),
        *(
            Column(name, [_entry(cell, footnotes) for cell in own])
            for name, own in by_competitor.items()
        ),
    ]


def _entry(cell: Cell, footnotes: Footnotes) -> Entry:
    if cell.difference is not None:
        mark = footnotes.mark(f"{cell.competitor}, {cell.workload}: {cell.difference}")
        return Entry(f"wrong {mark}", style=WRONG)
    if cell.unsupported is not None:
        return Entry(f"- {footnotes.mark(f'{cell.competitor}: {cell.unsupported}')}", style="dim")
    if cell.median_ns is None or cell.min_ns is None:
        return NOTHING
    median = format_ns(cell.median_ns)
    if cell.ratio is None:
        return Entry(f"{median:>7}", f"min {format_ns(cell.min_ns):>7}")
    mark = footnotes.mark(f"{cell.competitor}: {cell.note}") if cell.note else ""
    ratio = f"{format_ratio(cell.ratio.median):>5} {format_spread(cell.ratio):<5}{mark}"
    return Entry(ratio, median, LOSS if is_loss(cell.ratio.median) else "")


def _summaries(report: Report) -> list[tuple[str, list[Column]]]:
    """Return the summaries that there is something for, with their titles."""
    leasts = report.summary()
    together = [least for least in leasts if least.workload is None]
    apart = [least for least in leasts if least.workload is not None]
    titles = (
        "summary: how many times faster, geometric mean of the workloads and least",
        f"summary: how many times faster, workloads by themselves ({', '.join(APART)})",
    )
    if len({(cell.operation, cell.workload) for cell in report.cells}) == len(report.operations):
        together = []  # each operation has but one row, which is there already
    found = zip(titles, (together, apart), strict=True)
    return [(title, _summary_columns(report, leasts)) for title, leasts in found if leasts]


def _summary_columns(report: Report, leasts: Sequence[Least]) -> list[Column]:
    found = {(least.title, least.competitor): least for least in leasts}
    titles = dict.fromkeys(least.title for least in leasts)
    rivals = [
        rival
        for rival in (*report.rivals, FASTEST_PEER)
        if any(least.competitor == rival for least in leasts)
    ]
    return [
        Column("operation", [Entry(title) for title in titles]),
        *(
            Column(rival, [_summary_entry(found.get((title, rival))) for title in titles])
            for rival in rivals
        ),
    ]


def _summary_entry(least: Least | None) -> Entry:
    if least is None:
        return NOTHING
    return Entry(
        f"{format_ratio(least.geometric_mean):>5}",
        f"least {format_ratio(least.least):>5}" if least.workload is None else "",
        LOSS if is_loss(least.least) else "",
    )


def _model_columns(report: Report) -> list[Column]:
    times = report.model_times()
    pairs = times.values()
    return [
        Column("operation", [Entry(operation) for operation in times]),
        Column(MODEL, [Entry(format_ns(model)) for model, _ in pairs]),
        Column(MODEL_DICTS, [Entry(format_ns(dicts)) for _, dicts in pairs]),
        Column("times as long", [_times_as_long(model / dicts) for model, dicts in pairs]),
    ]


def _times_as_long(ratio: float) -> Entry:
    return Entry(format_ratio(ratio), style=LOSS if round(ratio, 2) > MODEL_TARGET else "")


def _print_losses(report: Report, console: Console) -> None:
    compared = sum(cell.ratio is not None for cell in report.cells)
    losses = report.losses()
    console.print()
    console.print(Text(f"{SUBJECT} is slower in {len(losses)} of {compared} comparisons"))
    for cell, ratio in losses:
        line = (
            f"  {cell.operation}, {cell.workload}: {format_ratio(ratio.median)} "
            f"{format_spread(ratio)} {cell.competitor}"
        )
        console.print(Text(line, style=LOSS))


def print_differences(cells: Sequence[Cell], console: Console) -> None:
    """Print the wrong answers, one per line."""
    for cell in cells:
        line = (
            f"DIFFERENT ANSWER: {cell.competitor}, {cell.operation}, {cell.workload}: "
            f"{cell.difference}"
        )
        console.print(Text(line, style=WRONG))
