from __future__ import annotations

import pytest

from bench.checks import check
from bench.competitors import BASELINE, PEERS, SUBJECT, is_installed, load
from bench.competitors.jax_dialect import JaxDialect
from bench.operations import OPERATIONS
from bench.workloads import WORKLOADS

pytestmark = pytest.mark.usefixtures("short_streams")
by_workload = pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
SOME = [workload for workload in WORKLOADS if workload.name in ("mixed", "cold_mixed")]


class Liar(JaxDialect):
    """The reference with some calls replaced."""

    name = "liar"
    configuration = "wrong on purpose"

    def __init__(self, order_note=None, **expressions):
        self.calls = load(BASELINE).calls
        self.version = "0"
        self.expressions = {**JaxDialect.expressions, **expressions}
        self.order_note = order_note


def outcome(competitor, operation_name):
    (operation,) = (each for each in OPERATIONS if each.name == operation_name)
    workloads = [workload for workload in SOME if workload.fits(operation)]
    (row,) = check(workloads, [operation], [load(BASELINE), competitor])
    return row.calls[competitor.name]


@by_workload
def test_leafwise_and_the_reference_answer_alike(workload):
    rows = list(check([workload], OPERATIONS, [load(SUBJECT), load(BASELINE)]))
    assert [row.operation for row in rows] == [each for each in OPERATIONS if workload.fits(each)]
    assert rows
    for row in rows:
        checked = row.calls[SUBJECT]
        assert checked.difference is None, (row.operation.name, checked.difference)
        assert checked.note is None
        assert checked.unsupported is None
        assert checked.call is not None


def test_installed_peers_answer_alike():
    peers = [load(name) for name in PEERS if is_installed(name)]
    if not peers:
        pytest.skip("no peer is installed")
    for row in check(WORKLOADS, OPERATIONS, [load(BASELINE), *peers]):
        for name, checked in row.calls.items():
            place = (name, row.operation.name, row.workload.name)
            assert checked.difference is None, (place, checked.difference)
            assert (checked.call is None) == (checked.unsupported is not None), place


@pytest.mark.parametrize(
    ("operation", "expression"),
    [
        ("flatten", "tree_flatten([tree, 1])"),
        ("flatten", "(tree_leaves(tree)[::-1], tree_structure(tree))"),
        ("flatten_is_leaf", "tree_flatten(tree)"),
        ("flatten_is_leaf", "tree_flatten(tree, is_leaf=lambda x: f(x) or type(x) is dict)"),
        ("unflatten", "tree_unflatten(treedef, list(leaves)[::-1])"),
        ("leaves", "tree_leaves(tree)[::-1]"),
        ("leaves", "tree_leaves(tree)[1:]"),
        ("structure", "tree_structure([tree])"),
        ("flatten_up_to", "treedef.flatten_up_to(tree)"),
        ("map_1", "tree_map(f, other)"),
        ("map_2", "tree_map(f, other, other)"),
        ("map_3", "tree_map(f, tree, third, third)"),
        ("flatten_with_path", "tree_flatten_with_path(other)"),
        ("leaves_with_path", "[((), leaf) for leaf in leaves]"),
        ("map_with_path", "tree_map(lambda leaf: f((), leaf), tree)"),
        ("reduce", "tree_reduce(f, tree, 1)"),
        ("all", "not tree_all(trues)"),
        ("all", "tree_leaves(trues)[0]"),
        ("all_stops", "tree_all(trues)"),
        ("any", "tree_leaves(falses)[0]"),
        ("any_stops", "any(tree_leaves(falses))"),
        ("equal", "treedef != other_treedef"),
        ("hash", "hash(f)"),
        ("cold", "exhaust(map(tree_flatten, stream[1:]))"),
        ("cold", "exhaust((tree_leaves(tree)[::-1], tree_structure(tree)) for tree in stream)"),
        ("cold", "exhaust((tree_leaves(tree), tree_structure([])) for tree in stream)"),
        ("leaves", "no_such_name(tree)"),
        ("flatten", "no_such_name(tree)"),
    ],
)
def test_a_wrong_answer_is_found_out(operation, expression):
    checked = outcome(Liar(**{operation: expression}), operation)
    assert checked.difference
    assert checked.call is None


def test_another_order_passes_only_with_a_note():
    backwards = {"leaves": "tree_leaves(tree)[::-1]"}
    assert outcome(Liar(**backwards), "leaves").difference
    checked = outcome(Liar(order_note="backwards", **backwards), "leaves")
    assert checked.difference is None
    assert checked.note == "backwards"


def test_a_note_excuses_no_other_leaves():
    checked = outcome(Liar(order_note="backwards", leaves="tree_leaves(other)"), "leaves")
    assert checked.difference


def test_what_a_competitor_cannot_do_is_said():
    liar = Liar()
    liar.cannot = {"reduce": "no such call"}
    checked = outcome(liar, "reduce")
    assert checked.unsupported == "no such call"
    assert checked.call is None
