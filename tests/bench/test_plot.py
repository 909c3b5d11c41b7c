from __future__ import annotations

import pytest

from bench.competitors import BASELINE, SUBJECT
from bench.results import QUICK, Cell, Report
from bench.summaries import Ratio
from bench.workloads import APART

plot = pytest.importorskip("bench.plot", reason="matplotlib is not installed")


def report_of(operations, workloads):
    """A report in which leafwise is 4 times as fast on the first workload, 9 times on the next."""
    return Report(
        machine={"cpu": "a processor", "python": "CPython", "time": "2026-11-28T12:00:00"},
        versions={SUBJECT: "1.0", BASELINE: "1.0", "jax": "0.5"},
        configurations={},
        descriptions={},
        turn="",
        settings=QUICK,
        cells=[
            Cell(
                workload, operation, rival, ratio=None if rival == SUBJECT else Ratio(*[times] * 3)
            )
            for operation in operations
            for workload, times in zip(workloads, (4.0, 9.0), strict=True)
            for rival in (SUBJECT, BASELINE, "jax")
        ],
    )


def test_the_title_is_inside_of_the_picture():
    for number in (1, 2, 7):
        report = report_of(["flatten", "map_1", *"abcde"][:number], ["leaf", "mlp"])
        report.versions[SUBJECT] = "0.1.0.dev228+g3ddfbc857"
        figure = plot.figure_of(report)
        figure.draw_without_rendering()
        title = figure._suptitle.get_window_extent()
        assert 0 <= title.x0 < title.x1 <= figure.bbox.width


def labels_of(panel):
    return [label.get_text() for label in panel.get_yticklabels()]


def dots_of(panel):
    return [tuple(line.get_xdata()) for line in panel.lines if line.get_linestyle() == "None"]


@pytest.mark.parametrize(("number", "columns"), [(1, 1), (2, 2), (3, 3), (4, 2), (5, 3), (6, 3)])
def test_a_few_operations_have_a_panel_each(number, columns):
    names = [f"operation {index}" for index in range(number)]
    figure = plot.figure_of(report_of(names, ["leaf", "mixed"]))
    panels = [panel for panel in figure.axes if panel.get_visible()]
    assert [panel.get_title(loc="left") for panel in panels] == names
    assert panels[0].get_subplotspec().get_gridspec().ncols == columns
    assert labels_of(panels[0]) == ["leaf", "mixed"]
    for panel in panels:
        assert dots_of(panel) == [(4.0, 9.0), (4.0, 9.0)]


def test_many_operations_are_lines_of_one_panel():
    names = [f"operation {index}" for index in range(plot.MOST_PANELS + 1)]
    figure = plot.figure_of(report_of(names, ["leaf", "mixed"]))
    (panel,) = figure.axes
    assert labels_of(panel) == names
    assert dots_of(panel) == [pytest.approx((6.0,))] * 2 * len(names)
    ranges = [line.get_xdata() for line in panel.lines if len(set(line.get_ydata())) == 1]
    assert [4.0, 9.0] in [list(each) for each in ranges]
    assert plot.MEANS in figure.get_suptitle()


def test_classes_of_ones_own_count_where_there_is_nothing_else():
    names = [f"operation {index}" for index in range(plot.MOST_PANELS + 1)]
    (panel,) = plot.figure_of(report_of(names, list(APART)[:2])).axes
    assert dots_of(panel) == [pytest.approx((6.0,))] * 2 * len(names)


def test_the_legend_names_versions():
    figure = plot.figure_of(report_of(["flatten"], ["leaf", "mixed"]))
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["leafwise.reference", "jax 0.5"]
    assert "leafwise 1.0" in figure.get_suptitle()
