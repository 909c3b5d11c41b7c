from __future__ import annotations

from collections import OrderedDict, namedtuple

import pytest

from bench.answers import same_items, same_items_in_any_order, same_tree
from bench.nodes import AdamState, Linear, Particle, ScheduleState, Segment

LEAF = object()
OTHER_LEAF = object()
SAME_FIELDS = namedtuple("SAME_FIELDS", "step")


@pytest.mark.parametrize(
    "build",
    [
        lambda leaf: leaf,
        lambda leaf: [1, (leaf, None)],
        lambda leaf: {"a": leaf, "b": {}},
        lambda leaf: OrderedDict(a=1, b=leaf),
        lambda leaf: AdamState(1, leaf, 2),
        lambda leaf: [Segment(1, leaf, "label")],
        lambda leaf: Particle(1, leaf),
        lambda leaf: Linear(1, leaf, 2, 3),
    ],
)
def test_trees_are_the_same_when_each_leaf_is_the_same_object(build):
    assert same_tree(build(LEAF), build(LEAF))
    assert not same_tree(build(LEAF), build(OTHER_LEAF))


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ([1], (1,)),
        ([1], [1, 1]),
        ({"a": 1}, {"b": 1}),
        ({"a": 1}, OrderedDict(a=1)),
        (OrderedDict(a=1, b=1), OrderedDict(b=1, a=1)),
        (ScheduleState(1), SAME_FIELDS(1)),
        (Segment(1, 2, "label"), Segment(1, 2, "another label")),
        (Linear(1, 2, 3, 4), Linear(1, 2, 3, 5)),
        (None, ()),
    ],
)
def test_trees_with_other_nodes_are_not_the_same(one, another):
    assert not same_tree(one, another)


def test_dicts_are_the_same_in_any_order():
    assert same_tree({"a": LEAF, "b": 1}, {"b": 1, "a": LEAF})


def test_items_are_compared_by_identity_and_paths_by_text():
    path = "".join(["a", "/0"])
    assert same_items([(path, LEAF)], [("a/0", LEAF)])
    assert not same_items([("a/0", LEAF)], [("a/1", LEAF)])
    assert not same_items([(LEAF,)], [(OTHER_LEAF,)])


def test_items_in_any_order_are_counted():
    assert same_items_in_any_order([(LEAF,), (OTHER_LEAF,)], [(OTHER_LEAF,), (LEAF,)])
    assert not same_items_in_any_order([(LEAF,), (LEAF,)], [(LEAF,), (OTHER_LEAF,)])
    assert not same_items_in_any_order([(LEAF,)], [(LEAF,), (LEAF,)])
