from __future__ import annotations

import pytest

from bench.competitors import SUBJECT, load
from bench.competitors.jax_dialect import JaxDialect
from bench.scaling import LIST, LIST_SIZES, RECORDS, RECORDS_SIZES, ListCopy, check_scaled, scaled


class Liar(JaxDialect):
    name = "liar"
    module = "leafwise"
    configuration = "wrong on purpose"

    def __init__(self, expression):
        self.calls, self.version = load(SUBJECT).calls, "0"
        self.expressions = {"flatten": expression}


def test_up_to_ten_million_leaves_and_a_million_in_records():
    assert max(LIST_SIZES) == 10_000_000
    assert 999_990 < 6 * max(RECORDS_SIZES) <= 1_000_000
    assert len(scaled(quick=False)) == len(LIST_SIZES) + len(RECORDS_SIZES)
    assert (LIST, 100_000) in scaled(quick=True)
    assert (LIST, 1_000_000) not in scaled(quick=True)


def test_right_leaves_are_timed():
    for row in check_scaled([(LIST, 10), (RECORDS, 3)], [load(SUBJECT)]):
        assert row.calls[SUBJECT].call() == load(SUBJECT).calls["tree_flatten"](
            row.calls[SUBJECT].call.names["tree"]
        )


@pytest.mark.parametrize("operation", [LIST, RECORDS])
@pytest.mark.parametrize(
    "expression",
    [
        "(tree_leaves(tree)[::-1], None)",
        "(tree_leaves(tree)[1:], None)",
        "([float(leaf) for leaf in tree_leaves(tree)[:-1]] + [0.5], None)",
        "no_such_name(tree)",
    ],
)
def test_wrong_leaves_are_found_out(operation, expression):
    (row,) = check_scaled([(operation, 5)], [Liar(expression)])
    assert row.calls["liar"].difference
    assert row.calls["liar"].call is None


def test_the_copy_of_a_list_has_no_part_in_records():
    of_list, of_records = check_scaled([(LIST, 10), (RECORDS, 3)], [ListCopy()])
    assert of_list.calls["list(x)"].call() == [float(index) for index in range(10)]
    assert of_records.calls["list(x)"].unsupported
