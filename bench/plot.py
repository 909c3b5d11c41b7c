"""The ratios as a picture: a panel per operation, a line per workload, a dot per competitor."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from bench.competitors import SUBJECT

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from bench.results import Report

PANELS_PER_LINE = 5
# Distinguishable without colour vision (Okabe and Ito), with a shape each.
COLOURS = ("#999999", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
MARKERS = ("o", "s", "D", "^", "v", "P")


def draw(report: Report, path: Path) -> None:
    """Draw the report into an image file; its suffix decides the format."""
    operations = report.operations
    workloads = [_workloads(report, operation) for operation in operations]
    columns = min(PANELS_PER_LINE, len(operations))
    lines = math.ceil(len(operations) / columns)
    figure = Figure(
        figsize=(2.6 + 2.9 * columns, 1.6 + lines * (0.7 + 0.21 * max(map(len, workloads)))),
        layout="constrained",
    )
    FigureCanvasAgg(figure)
    grid = figure.subplots(lines, columns, sharex=True, squeeze=False)
    panels = list(grid.flat)
    for index, operation in enumerate(operations):
        _draw_panel(panels[index], report, operation, workloads[index])
        if index % columns and workloads[index] == workloads[index - 1]:
            panels[index].set_yticklabels([])  # they are to be read on the left
    for panel in panels[len(operations) :]:
        panel.set_visible(False)
    _legend(figure, report)
    figure.suptitle(_title(report), fontsize=10)
    figure.savefig(path, dpi=150)


def _draw_panel(panel: Axes, report: Report, operation: str, workloads: list[str]) -> None:
    panel.set_title(operation, fontsize=10, fontweight="bold", loc="left")
    panel.set_xscale("log")
    panel.xaxis.set_major_locator(LogLocator(numticks=5))
    panel.xaxis.set_major_formatter(FuncFormatter(lambda ratio, _position: f"{ratio:g}x"))
    panel.xaxis.set_minor_formatter(NullFormatter())
    panel.set_yticks(range(len(workloads)), workloads)
    panel.set_ylim(len(workloads) - 0.5, -0.5)  # the first workload is on top
    panel.tick_params(labelsize=8, labelbottom=True)
    panel.grid(axis="both", color="#e6e6e6", linewidth=0.6)
    panel.set_axisbelow(True)
    panel.axvline(1, color="black", linewidth=1)
    for rival, style in _styles(report).items():
        ratios = [
            (cell.ratio.median, workloads.index(cell.workload))
            for cell in report.cells_of(operation)
            if cell.competitor == rival and cell.ratio is not None
        ]
        panel.plot(
            [ratio for ratio, _ in ratios], [line for _, line in ratios], linestyle="none", **style
        )


def _workloads(report: Report, operation: str) -> list[str]:
    return list(dict.fromkeys(cell.workload for cell in report.cells_of(operation)))


def _styles(report: Report) -> dict[str, dict[str, Any]]:
    return {
        rival: {"marker": marker, "color": colour, "markersize": 5, "alpha": 0.9}
        for rival, marker, colour in zip(report.rivals, MARKERS, COLOURS, strict=False)
    }


def _legend(figure: Figure, report: Report) -> None:
    handles = [
        Line2D([], [], linestyle="none", label=f"{rival} {report.versions[rival]}", **style)
        for rival, style in _styles(report).items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False)


def _title(report: Report) -> str:
    return (
        f"How many times faster {SUBJECT} {report.versions[SUBJECT]} is; "
        "left of the black line it is slower\n"
        f"{report.machine['cpu']}, {report.machine['python']}, {report.machine['time'][:10]}"
    )
