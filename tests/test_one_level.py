"""One level of a tree: flatten_one_level, flatten_one_level_with_keys, is_tree_node, all_leaves."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from types import ModuleType

import pytest

from nodes import Constant, Fields, Keyed, Methods, Pair, Plain, Record, SubPair, Typed


class FakeNamedTuple(tuple):
    _fields = 3


class ListSubclass(list):
    pass


def test_all_leaves(lw: ModuleType) -> None:
    assert lw.all_leaves([1, "a", object()]) is True
    assert lw.all_leaves([]) is True
    assert lw.all_leaves(iter([1, 2])) is True
    assert lw.all_leaves([1, None]) is False
    assert lw.all_leaves([1, [2]]) is False
    assert lw.all_leaves([Constant(1)]) is False
    assert lw.all_leaves([(1, 2)], is_leaf=lambda node: type(node) is tuple) is True
    assert lw.all_leaves([(1, 2)], lambda node: False) is False
    with pytest.raises(TypeError):
        lw.all_leaves(3)


def test_is_tree_node(lw: ModuleType) -> None:
    kinds = [type(None), tuple, list, dict, OrderedDict, defaultdict, Pair, SubPair, Typed]
    kinds += [FakeNamedTuple, Plain, Keyed, Methods, Record, Fields, Constant, lw.Partial]
    assert [kind for kind in kinds if lw.is_tree_node(kind) is not True] == []
    others = [int, str, deque, ListSubclass, Counter, time.struct_time, 3, None]
    assert [kind for kind in others if lw.is_tree_node(kind) is not False] == []
    assert lw.is_tree_node(namedtuple("Fresh", "a")) is True


def test_flatten_one_level_returns_children_and_metadata(lw: ModuleType) -> None:
    items = [1, [2]]
    pair = (1, (2,))
    assert lw.flatten_one_level(items)[0] is items
    assert lw.flatten_one_level(pair)[0] is pair
    assert lw.flatten_one_level(items)[1] is None
    assert lw.flatten_one_level({"b": 1, "a": [2]}) == (([2], 1), ("a", "b"))
    assert lw.flatten_one_level(OrderedDict(b=1, a=2)) == ([1, 2], ("b", "a"))
    assert lw.flatten_one_level(defaultdict(int, b=1, a=2)) == ([2, 1], (int, ("a", "b")))
    assert lw.flatten_one_level(Pair(1, [2])) == ([1, [2]], Pair)
    assert lw.flatten_one_level(None) == ((), None)
    assert lw.flatten_one_level(Record(1, 2, 3)) == ([1, 2], (3,))
    node = Plain([1, 2], "aux")
    assert lw.flatten_one_level(node)[0] is node.children
    children, aux = lw.flatten_one_level(Methods([1, 2], "aux"))
    assert iter(children) is children
    assert (list(children), aux) == ([1, 2], "aux")


@pytest.mark.parametrize("function", ["flatten_one_level", "flatten_one_level_with_keys"])
def test_one_level_of_a_leaf(lw: ModuleType, function: str) -> None:
    with pytest.raises(ValueError) as caught:
        getattr(lw, function)(5)
    assert str(caught.value) == "can't tree-flatten type: <class 'int'>"


def test_flatten_one_level_with_keys(lw: ModuleType) -> None:
    one_level = lw.flatten_one_level_with_keys
    sequence, key, name = lw.SequenceKey, lw.DictKey, lw.GetAttrKey
    flat = lw.FlattenedIndexKey
    pairs, aux = one_level([5, [6]])
    assert (list(pairs), aux) == ([(sequence(0), 5), (sequence(1), [6])], None)
    pairs, aux = one_level((5,))
    assert (pairs, aux) == (((sequence(0), 5),), None)
    pairs, aux = one_level({"b": 1, "a": 2})
    assert (pairs, aux) == (((key("a"), 2), (key("b"), 1)), ("a", "b"))
    pairs, aux = one_level(OrderedDict(b=1, a=2))
    assert (list(pairs), aux) == ([(key("b"), 1), (key("a"), 2)], ("b", "a"))
    pairs, aux = one_level(Pair(1, 2))
    assert (list(pairs), aux) == ([(name("first"), 1), (name("second"), 2)], Pair)
    pairs, aux = one_level(Record(1, 2, 3))
    assert (list(pairs), aux) == ([(name("x"), 1), (name("y"), 2)], (3,))
    pairs, aux = one_level(Plain([1, 2], "aux"))
    assert (list(pairs), aux) == ([(flat(0), 1), (flat(1), 2)], "aux")
    pairs, aux = one_level(Keyed([1, 2], "aux"))
    assert (list(pairs), aux) == ([(name("first"), 1), ("plain key", 2)], "aux")
