from __future__ import annotations

import pytest

from bench.competitors import BASELINE, load
from bench.workloads import WORKLOADS

LEAVES = {
    "leaf": 1,
    "mixed": 5,
    "linear": 2,
    "mlp": 6,
    "transformer": 195,
    "adam": 392,
    "state_dict": 200,
    "dict_1000": 1000,
    "list_10000": 10_000,
    "deep_100": 67,
    "registered": 400,
    "dataclasses": 400,
    "model": 198,
    "model_dicts": 198,
    "namedtuples": 600,
    "records": 12_000,
}


STREAMS = ["cold_dicts", "cold_sequences", "cold_mixed"]
TREES = [workload for workload in WORKLOADS if workload.name not in STREAMS]


def test_every_workload_is_counted_here():
    assert [workload.name for workload in WORKLOADS] == [*LEAVES, *STREAMS]


@pytest.mark.parametrize("workload", TREES, ids=lambda workload: workload.name)
def test_trees_of_a_workload_have_one_structure_and_their_own_leaves(workload):
    taken_apart = [load(BASELINE).take_apart(workload, tree) for tree in workload.trees()]
    (first, treedef), *others = taken_apart
    assert len(first) == LEAVES[workload.name]
    for leaves, other_treedef in others:
        assert other_treedef == treedef
        assert all(one is not another for one, another in zip(first, leaves, strict=True))


def test_nesting_is_100_deep():
    (tree,) = (workload.build(0) for workload in WORKLOADS if workload.name == "deep_100")

    def depth(node):
        if isinstance(node, dict):
            return 1 + max(map(depth, node.values()))
        if isinstance(node, (list, tuple)):
            return 1 + max(map(depth, node))
        return 0

    assert depth(tree) == 100
