"""The ratios as a picture, a dot per competitor.

Of a few operations there is a panel each, with a line per workload. Of more, where that could not
be read any more, there is one panel with their means.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from bench.competitors import BASELINE, BY_HAND, SUBJECT
from bench.summaries import geometric_mean

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from bench.results import Report

MOST_PANELS = 6
MEANS = "dot: the geometric mean of the workloads; line: from the least to the greatest\n"
PANELS_PER_LINE = 3
LABELS_PER_LINE = 3
LEAST_WIDTH = 8.2  # in inches: that of the title
# Distinguishable without colour vision (Okabe and Ito), with a shape each.
COLOURS = ("#999999", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
MARKERS = ("o", "s", "D", "^", "v", "P")


def draw(report: Report, path: Path) -> None:
    """Draw the report into an image file; its suffix decides the format."""
    figure_of(report).savefig(path, dpi=150)


def figure_of(report: Report) -> Figure:
    """Draw the report."""
    if len(report.operations) <= MOST_PANELS:
        figure, explanation = _draw_workloads(report), ""
    else:
        figure, explanation = _draw_means(report), MEANS
    _legend(figure, report)
    figure.suptitle(_title(report, explanation), fontsize=10)
    return figure


def formats() -> list[str]:
    """Return the suffixes that an image file can have, without the dot."""
    return sorted(Figure().canvas.get_supported_filetypes())


def _draw_workloads(report: Report) -> Figure:
    operations = report.operations
    workloads = [_workloads(report, operation) for operation in operations]
    lines = math.ceil(len(operations) / PANELS_PER_LINE)
    columns = math.ceil(len(operations) / lines)
    figure = _figure(2.6 + 2.9 * columns, 1.6 + lines * (0.7 + 0.21 * max(map(len, workloads))))
    grid = figure.subplots(lines, columns, sharex=True, squeeze=False)
    panels = list(grid.flat)
    for index, operation in enumerate(operations):
        _draw_panel(panels[index], report, operation, workloads[index])
        if index % columns and workloads[index] == workloads[index - 1]:
            panels[index].set_yticklabels([])  # they are to be read on the left
    for panel in panels[len(operations) :]:
        panel.set_visible(False)
    return figure


def _draw_means(report: Report) -> Figure:
    """A line per operation. The means are those of the summary, without classes of one's own."""
    operations = report.operations
    means = {
        (each.operation, each.competitor): each.geometric_mean
        for each in report.summary()
        if each.workload is None
    }
    figure = _figure(LEAST_WIDTH, 1.9 + len(operations) * (0.1 + 0.07 * len(report.rivals)))
    panel = figure.subplots()
    _prepare(panel, operations, 9)
    panel.tick_params(labelsize=10)
    panel.set_ylim(len(operations) - 0.4, -0.6)
    for line in range(1, len(operations), 2):
        panel.axhspan(line - 0.5, line + 0.5, color="#f4f4f4", linewidth=0)
    height = 0.7 / len(report.rivals)
    for number, (rival, style) in enumerate(_styles(report).items()):
        middle = (number - (len(report.rivals) - 1) / 2) * height
        for line, operation in enumerate(operations):
            ratios = list(report.ratios(operation, rival).values())
            if ratios:
                ends, place = [min(ratios), max(ratios)], line + middle
                panel.plot(ends, [place, place], color=style["color"], linewidth=1, alpha=0.6)
                mean = means.get((operation, rival)) or geometric_mean(ratios)
                panel.plot([mean], [place], linestyle="none", **style)
    return figure


def _figure(width: float, height: float) -> Figure:
    figure = Figure(figsize=(max(width, LEAST_WIDTH), height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _draw_panel(panel: Axes, report: Report, operation: str, workloads: list[str]) -> None:
    panel.set_title(operation, fontsize=10, fontweight="bold", loc="left")
    _prepare(panel, workloads, 5)
    panel.grid(axis="y", color="#e6e6e6", linewidth=0.6)
    for rival, style in _styles(report).items():
        ratios = report.ratios(operation, rival)
        panel.plot(
            list(ratios.values()), list(map(workloads.index, ratios)), linestyle="none", **style
        )


def _prepare(panel: Axes, lines: list[str], ticks: int) -> None:
    """Make the panel's scale of ratios and its lines, the first of them on top."""
    panel.set_xscale("log")
    panel.xaxis.set_major_locator(LogLocator(numticks=ticks))
    panel.xaxis.set_major_formatter(FuncFormatter(lambda ratio, _position: f"{ratio:g}x"))
    panel.xaxis.set_minor_formatter(NullFormatter())
    panel.set_yticks(range(len(lines)), lines)
    panel.set_ylim(len(lines) - 0.5, -0.5)
    panel.tick_params(labelsize=8, labelbottom=True)
    panel.grid(axis="x", color="#e6e6e6", linewidth=0.6)
    panel.set_axisbelow(True)
    panel.axvline(1, color="black", linewidth=1)


def _workloads(report: Report, operation: str) -> list[str]:
    return list(dict.fromkeys(cell.workload for cell in report.cells_of(operation)))


def _styles(report: Report) -> dict[str, dict[str, Any]]:
    return {
        rival: {"marker": marker, "color": colour, "markersize": 5, "alpha": 0.9}
        for rival, marker, colour in zip(report.rivals, MARKERS, COLOURS, strict=False)
    }


def _legend(figure: Figure, report: Report) -> None:
    handles = [
        Line2D([], [], linestyle="none", label=_label(report, rival), **style)
        for rival, style in _styles(report).items()
    ]
    ncols = min(LABELS_PER_LINE, len(handles))
    figure.legend(handles=handles, loc="outside lower center", ncols=ncols, frameon=False)


def _label(report: Report, rival: str) -> str:
    if rival == BY_HAND:
        return rival  # its version is that of Python
    return f"leafwise.{rival}" if rival == BASELINE else f"{rival} {report.versions[rival]}"


def _title(report: Report, explanation: str) -> str:
    return (
        f"How many times faster {SUBJECT} {report.versions[SUBJECT]} is; "
        "left of the black line it is slower\n"
        f"{explanation}"
        f"{report.machine['cpu']}, {report.machine['python']}, {report.machine['time'][:10]}"
    )
