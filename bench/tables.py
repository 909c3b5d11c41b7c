"""The report as tables: one per operation, a summary, and the rows that leafwise loses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from bench.competitors import SUBJECT
from bench.footnotes import Footnotes
from bench.formats import format_ns, format_ratio, format_spread
from bench.layout import Column, Entry, one_line_width, print_table
from bench.operations import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from bench.results import Cell, Report
from bench.summaries import is_loss

TEXT_WIDTH = 100
LOSS = "red"
WRONG = "bold red"
NOTHING = Entry("-", style="dim")


def print_report(report: Report, console: Console) -> None:
    """Print everything: the machine, the tables, the summary, the losses."""
    _print_settings(report, console)
    for operation in report.operations:
        footnotes = Footnotes()
        columns = _operation_columns(report, operation, footnotes)
        description = next(known.description for known in OPERATIONS if known.name == operation)
        print_table(f"{operation}: {description}", columns, console, fixed=2)
        footnotes.print(console)
    title = "summary: how many times faster, geometric mean of the workloads and least"
    print_table(title, _summary_columns(report), console, fixed=1)
    _print_losses(report, console)


def paper_width(report: Report) -> int:
    """Return the width for a file: no table needs two lines per row, texts have room."""
    tables = [_operation_columns(report, name, Footnotes()) for name in report.operations]
    return max(TEXT_WIDTH, *map(one_line_width, (*tables, _summary_columns(report))))


def _print_settings(report: Report, console: Console) -> None:
    machine, settings = report.machine, report.settings
    lines = [
        f"{machine['cpu']}, {machine['cpus']} CPUs, {machine['system']}",
        f"{machine['python']}, {machine['compiler']}, {machine['time']}",
        *(
            f"{name} {version} ({report.configurations[name]})"
            for name, version in report.versions.items()
        ),
        f"up to {settings.rounds} rounds, {format_ns(settings.stretch_ns)} for each in turn; "
        f"8.0x: {SUBJECT} is 8 times faster, median of the rounds; ± half the interquartile range",
    ]
    for line in lines:
        console.print(Text(line))


def _operation_columns(report: Report, operation: str, footnotes: Footnotes) -> list[Column]:
    cells = [cell for cell in report.cells if cell.operation == operation]
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


def _summary_columns(report: Report) -> list[Column]:
    found = {(least.operation, least.competitor): least for least in report.summary()}

    def entry(operation: str, rival: str) -> Entry:
        least = found.get((operation, rival))
        if least is None:
            return NOTHING
        return Entry(
            f"{format_ratio(least.geometric_mean):>5}",
            f"least {format_ratio(least.least):>5}",
            LOSS if is_loss(least.least) else "",
        )

    operations = report.operations
    return [
        Column("operation", [Entry(operation) for operation in operations]),
        *(
            Column(rival, [entry(operation, rival) for operation in operations])
            for rival in report.rivals
        ),
    ]


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
