from __future__ import annotations

import io
import unicodedata

import pytest
from rich.console import Console

from bench.results import NORMAL, Cell, Report
from bench.summaries import Ratio
from bench.tables import paper_width, print_differences, print_report

RIVALS = ("reference", "jax", "optree", "torch", "dm-tree")
WORKLOADS = ("leaf", "transformer", "list_10000")


def cell(operation, workload, competitor, **parts):
    if competitor != "leafwise" and not parts:
        parts["ratio"] = Ratio(12.3, 10.1, 14.8)
    timed = {"median_ns": 12_345.6, "min_ns": 10_234.5, "call": "f(tree)", "calls_per_stretch": 3}
    return Cell(operation=operation, workload=workload, competitor=competitor, **{**timed, **parts})


def report(rivals=RIVALS, cells=None, **replaced):
    """A report in which the named cells, `operation_workload_competitor`, are replaced."""
    names = ("leafwise", *rivals)
    return Report(
        machine=dict.fromkeys(("cpu", "cpus", "system", "python", "compiler", "time"), "known"),
        versions=dict.fromkeys(names, "1.0"),
        configurations=dict.fromkeys(names, "as it comes"),
        descriptions=dict.fromkeys(("flatten", "leaves_with_path"), "what it does"),
        turn="1.50 ms",
        settings=NORMAL,
        cells=cells
        or [
            replaced.get(f"{operation}_{workload}_{name}") or cell(operation, workload, name)
            for operation in ("flatten", "leaves_with_path")
            for workload in WORKLOADS
            for name in names
        ],
    )


def printed(given, width, **options):
    stream = io.StringIO()
    print_report(given, Console(file=stream, width=width, highlight=False, **options))
    return stream.getvalue()


@pytest.mark.parametrize("width", [60, 80, 100, 200])
@pytest.mark.parametrize("rivals", [RIVALS[:1], RIVALS])
def test_nothing_is_cut_off_or_decorated_without_a_terminal(width, rivals):
    noted = cell("flatten", "leaf", "reference", ratio=Ratio(2, 2, 2), note="in another order")
    text = printed(report(rivals, flatten_leaf_reference=noted), width)
    assert "…" not in text
    assert not [char for char in text if char != "\n" and unicodedata.category(char) == "Cc"]
    assert max(map(len, text.splitlines())) <= width
    assert text.count("12.3x ±19%") == 6 * len(rivals) - 1
    for name in (*rivals, *WORKLOADS):
        assert name in text


def test_a_file_gets_one_line_per_row():
    given = report()
    lines = printed(given, paper_width(given)).splitlines()
    rows = [line for line in lines if line.startswith("transformer")]
    assert len(rows) == 2
    assert rows[0].split()[:5] == ["transformer", "12.3", "us", "min", "10.2"]
    assert rows[0].count("12.3x ±19%") == 5


def test_losses_are_red_and_listed():
    lost = cell("flatten", "leaf", "reference", ratio=Ratio(0.5, 0.4, 0.6))
    given = report(RIVALS[:1], flatten_leaf_reference=lost)
    text = printed(given, 100)
    assert "leafwise is slower in 1 of 6 comparisons" in text
    assert "flatten, leaf: 0.50x ±20% reference" in text
    coloured = printed(given, 100, force_terminal=True, color_system="standard")
    assert "\x1b[31m0.50x ±20%" in coloured


def test_classes_of_ones_own_have_a_summary_of_their_own():
    names = {"operation": "flatten", "workload": "registered"}
    ours = cell(competitor="leafwise", **names)
    theirs = cell(competitor="jax", ratio=Ratio(1.25, 1.2, 1.3), **names)
    text = printed(report(("jax",), cells=[*report(("jax",)).cells, ours, theirs]), 200)
    together, apart = text.split("summary: ")[1:]
    assert "registered" not in together
    assert together.splitlines()[1].split()[-2:] == ["fastest", "peer"]
    lines = apart.split("\n\n")[0].splitlines()
    assert lines[0] == (
        "how many times faster, workloads by themselves "
        "(registered, dataclasses, model, model_dicts, namedtuples)"
    )
    assert [line.split() for line in lines[1:]] == [
        ["operation", "jax", "fastest", "peer"],
        ["─" * len(lines[2])],
        ["flatten,", "registered", "1.25x", "1.25x"],
    ]


def test_the_model_is_compared_with_its_leaves_in_dicts():
    times = {"model": 1500.0, "model_dicts": 1000.0}
    cells = [
        cell(operation, workload, "leafwise", median_ns=median_ns)
        for operation in ("flatten", "leaves_with_path")
        for workload, median_ns in times.items()
    ]
    text = printed(report((), cells=cells[:3]), 100)
    found = text.split("leafwise with itself: ")[1].split("\n\n")[0].splitlines()
    assert found[0] == "model against model_dicts, at most 1.3x wanted"
    assert [line.split() for line in found[1:]] == [
        ["operation", "model", "model_dicts", "times", "as", "long"],
        ["─" * len(found[2])],
        ["flatten", "1.50", "us", "1.00", "us", "1.50x"],
    ]
    assert "with itself" not in printed(report(), 100)


def test_what_was_not_timed_has_a_footnote():
    nothing = dict.fromkeys(("median_ns", "min_ns", "call", "calls_per_stretch"))
    cannot = cell("flatten", "leaf", "jax", unsupported="no such call", **nothing)
    wrong = cell("flatten", "leaf", "optree", difference="built another tree", **nothing)
    given = report(flatten_leaf_jax=cannot, flatten_leaf_optree=wrong)
    lines = printed(given, paper_width(given)).splitlines()
    row = next(line for line in lines if line.startswith("leaf "))
    assert "- a" in row
    assert "wrong b" in row
    assert " a  jax: no such call" in lines
    assert " b  optree, leaf: built another tree" in lines
    stream = io.StringIO()
    print_differences(given.differences(), Console(file=stream, width=200))
    assert stream.getvalue() == "DIFFERENT ANSWER: optree, flatten, leaf: built another tree\n"


def test_a_row_without_leafwise_has_times_but_no_ratios():
    nothing = dict.fromkeys(("median_ns", "min_ns", "call", "calls_per_stretch"))
    wrong = cell("flatten", "leaf", "leafwise", difference="built another tree", **nothing)
    alone = cell("flatten", "leaf", "reference", ratio=None)
    given = report(RIVALS[:1], flatten_leaf_leafwise=wrong, flatten_leaf_reference=alone)
    row = next(line for line in printed(given, 100).splitlines() if line.startswith("leaf "))
    assert row.split() == ["leaf", "wrong", "a", "12.3", "us", "min", "10.2", "us"]
    assert [least.operation for least in given.summary()] == ["flatten", "leaves_with_path"]
