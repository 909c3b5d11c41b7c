from __future__ import annotations

import pytest

from bench.checks import check
from bench.competitors import BASELINE, BY_HAND, PEERS, load
from bench.operations import OPERATIONS
from bench.workloads import WORKLOADS, Stream

pytestmark = pytest.mark.usefixtures("short_streams")


def expression(workload_name, operation_name):
    (workload,) = (each for each in WORKLOADS if each.name == workload_name)
    (operation,) = (each for each in OPERATIONS if each.name == operation_name)
    return load(BY_HAND).expression(workload, operation)


def test_it_is_what_one_would_write():
    assert expression("mixed", "leaves") == (
        "[tree[0], tree[1]['k1'], tree[1]['k2'][0], tree[1]['k2'][1], tree[2]]"
    )
    assert expression("mixed", "unflatten") == (
        "[leaves[0], {'k1': leaves[1], 'k2': (leaves[2], leaves[3])}, leaves[4]]"
    )
    assert expression("linear", "map_2") == (
        "{'W': f(tree['W'], other['W']), 'b': f(tree['b'], other['b'])}"
    )


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_it_answers_as_the_reference_does(workload):
    for row in check([workload], OPERATIONS, [load(BASELINE), load(BY_HAND)]):
        checked = row.calls[BY_HAND]
        assert checked.difference is None, (row.operation.name, checked.difference)
        assert checked.note is None
        if row.operation.name in ("leaves", "unflatten"):
            assert checked.call is not None
        if isinstance(workload, Stream):
            assert checked.unsupported == "there is no one tree to write it for"


def test_a_wrong_loop_is_found_out(monkeypatch):
    from bench.competitors import by_hand

    by_hand._expression.cache_clear()
    monkeypatch.setitem(
        by_hand.LOOPS, ("records", "unflatten"), "[dict(id=1)] * (len(leaves) // 6)"
    )
    workloads = [each for each in WORKLOADS if each.name == "records"]
    operations = [each for each in OPERATIONS if each.name == "unflatten"]
    (row,) = check(workloads, operations, [load(BASELINE), load(BY_HAND)])
    by_hand._expression.cache_clear()
    assert row.calls[BY_HAND].difference == "built another tree"


def test_it_is_not_a_peer():
    assert BY_HAND not in PEERS
