from __future__ import annotations

import pytest

from bench.results import FASTEST_PEER, QUICK, Cell, Report
from bench.summaries import Ratio

# Row by row, how many times faster leafwise is than each.
RATIOS = {
    ("flatten", "leaf"): {"reference": 0.9, "jax": 2.0, "optree": 4.0},
    ("flatten", "mixed"): {"reference": 1.0, "jax": 9.0, "optree": 8.0},
    ("flatten", "registered"): {"reference": 5.0, "jax": 3.0, "optree": None},
    ("hash", "registered"): {"reference": 5.0, "jax": None, "optree": None},
}


@pytest.fixture
def leasts():
    names = ("leafwise", "reference", "jax", "optree")
    cells = [
        Cell(workload, operation, name, ratio=ratio and Ratio(ratio, ratio, ratio))
        for (operation, workload), ratios in RATIOS.items()
        for name, ratio in {"leafwise": None, **ratios}.items()
    ]
    versions = dict.fromkeys(names, "1")
    report = Report({}, versions, versions, {}, "", QUICK, cells)
    return {(least.title, least.competitor): least for least in report.summary()}


def test_workloads_are_summed_up_by_mean_and_least(leasts):
    least = leasts["flatten", "optree"]
    assert least.geometric_mean == pytest.approx(32**0.5)
    assert (least.least, least.least_workload) == (4.0, "leaf")


def test_the_fastest_peer_is_found_row_by_row(leasts):
    least = leasts["flatten", FASTEST_PEER]
    assert least.geometric_mean == pytest.approx(4.0)  # of 2 (jax) and 8 (optree)
    assert (least.least, least.least_workload) == (2.0, "leaf")
    assert leasts["flatten, registered", FASTEST_PEER].geometric_mean == pytest.approx(3.0)


def test_what_is_apart_has_lines_of_its_own(leasts):
    assert set(leasts) == {
        *(("flatten", name) for name in ("reference", "jax", "optree", FASTEST_PEER)),
        *(("flatten, registered", name) for name in ("reference", "jax", FASTEST_PEER)),
        ("hash, registered", "reference"),
    }
