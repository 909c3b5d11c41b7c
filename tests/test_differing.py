"""tree_diff: all differences between two trees."""

from __future__ import annotations

import operator
import pickle
from collections import OrderedDict, defaultdict
from types import ModuleType
from typing import Any

import pytest

from nodes import Constant, Keyed, Pair, Plain, Record

PLAIN_X, PLAIN_Y = "Plain with metadata 'x'", "Plain with metadata 'y'"

DIFFERENCES: list[tuple[Any, Any, list[tuple[str, str, str]]]] = [
    ([1, {"a": (2, None)}], ["x", {"a": (2.5, None)}], []),
    (1, [1], [("", "int", "list of length 1")]),
    ({"a": [1]}, {"a": (1,)}, [("['a']", "list of length 1", "tuple of length 1")]),
    ([None, 1], [1, None], [("[0]", "None", "int"), ("[1]", "int", "None")]),
    (
        [[1], [2]],
        [[1, 2], 2],
        [("[0]", "list of length 1", "list of length 2"), ("[1]", "list of length 1", "int")],
    ),
    (
        {"a": 1, "b": [2], "d": (1,)},
        {"a": 1, "c": None, "d": [1]},
        [
            ("['b']", "list of length 1", "nothing"),
            ("['d']", "tuple of length 1", "list of length 1"),
            ("['c']", "nothing", "None"),
        ],
    ),
    (
        OrderedDict(a=1, b=[2]),
        OrderedDict(b=2, a=1),
        [
            ("", "OrderedDict with keys ['a', 'b']", "OrderedDict with keys ['b', 'a']"),
            ("['b']", "list of length 1", "int"),
        ],
    ),
    (
        OrderedDict(a=1),
        OrderedDict(b=1),
        [("['a']", "int", "nothing"), ("['b']", "nothing", "int")],
    ),
    (
        defaultdict(int, a=1),
        defaultdict(list, a=1, b=1),
        [
            (
                "",
                "defaultdict with keys ['a']",
                "defaultdict with keys ['a', 'b']",
            ),
            ("['b']", "nothing", "int"),
        ],
    ),
    (
        defaultdict(int, a=1),
        defaultdict(int, b=1),
        [("['a']", "int", "nothing"), ("['b']", "nothing", "int")],
    ),
    (Pair(1, [2]), Pair([1], [2]), [(".first", "int", "list of length 1")]),
    (
        Plain([1, [2]], "x"),
        Plain([1, 2], "y"),
        [("", PLAIN_X, PLAIN_Y), ("[<flat index 1>]", "list of length 1", "int")],
    ),
    (Plain([1]), Plain([1, 2]), [("[<flat index 1>]", "nothing", "int")]),
    (Keyed([1]), Keyed([1, 2]), [("plain key", "nothing", "int")]),
    (Record(1, [2]), Record(1, 2), [(".y", "list of length 1", "int")]),
    (Constant(1), Constant(2), [("", "Constant with metadata 1", "Constant with metadata 2")]),
]


@pytest.mark.parametrize("a, b, expected", DIFFERENCES, ids=range(len(DIFFERENCES)))
def test_differences(lw: ModuleType, a: Any, b: Any, expected: Any) -> None:
    diff = lw.tree_diff(a, b)
    assert [(lw.keystr(each.path), each.expected, each.got) for each in diff] == expected
    assert bool(diff) is bool(expected)
    assert (lw.tree_structure(a) == lw.tree_structure(b)) is not bool(expected)
    assert not lw.tree_diff(a, a)
    assert not lw.tree_diff(b, b)


def test_compare_must_be_callable(lw: ModuleType) -> None:
    for wrong in (3, "==", True):
        with pytest.raises(TypeError) as caught:
            lw.tree_diff([1], [1], compare=wrong)
        assert str(caught.value) == f"compare must be a callable or None, got {wrong!r}"


def test_leaves_are_compared_on_demand(lw: ModuleType) -> None:
    a, b = {"x": 1, "y": (2, "s")}, {"x": 1, "y": (3, "t")}
    assert not lw.tree_diff(a, b)
    diff = lw.tree_diff(a, b, compare=operator.eq)
    assert [(lw.keystr(each.path), each.expected, each.got) for each in diff] == [
        ("['y'][0]", "2", "3"),
        ("['y'][1]", "'s'", "'t'"),
    ]
    assert not lw.tree_diff([1.0], [1.05], compare=lambda x, y: abs(x - y) < 0.1)
    with pytest.raises(ZeroDivisionError):
        lw.tree_diff([1], [0], compare=operator.truediv)


def test_options(lw: ModuleType) -> None:
    assert not lw.tree_diff([(1,)], [(1, 2)], is_leaf=lambda node: type(node) is tuple)
    assert lw.tree_diff([None], [1])
    assert not lw.tree_diff([None], [1], none_is_leaf=True)
    assert not lw.tree_diff([None], [1], registry=lw.none_leaf_registry)
    assert not lw.tree_diff([Plain([])], [1], registry=lw.PyTreeRegistry())


def test_how_it_prints(lw: ModuleType) -> None:
    assert str(lw.tree_diff(1, 2)) == repr(lw.tree_diff(1, 2)) == "no differences"
    assert str(lw.tree_diff(1, None)) == "1 difference:\n  at the root: expected int, got None"
    diff = lw.tree_diff([1, None], [None, 1])
    text = "2 differences:\n  at [0]: expected int, got None\n  at [1]: expected None, got int"
    assert str(diff) == repr(diff) == text
    assert str(diff[0]) == "at [0]: expected int, got None"
    assert repr(diff[0]) == (
        "TreeDifference(path=(SequenceKey(idx=0),), expected='int', got='None')"
    )


def test_many_and_big_differences_fit_on_a_screen(lw: ModuleType) -> None:
    diff = lw.tree_diff(list(range(1000)), [None] * 1000)
    assert len(diff) == 1000
    assert str(diff).splitlines()[0] == "1000 differences:"
    assert str(diff).endswith("\n  and 980 more")
    big = "x" * 10**6
    assert len(str(lw.tree_diff({big: [big]}, {big: 1}))) < 1000
    assert len(str(lw.tree_diff([big], [1], compare=operator.eq))) < 1000


def test_it_is_a_tuple_that_pickles(lw: ModuleType) -> None:
    diff = lw.tree_diff([1, 2], [[], None])
    first, second = diff
    assert (len(diff), diff[0], diff[-1]) == (2, first, second)
    assert isinstance(diff, lw.TreeDiff)
    assert isinstance(first, lw.TreeDifference)
    twin = pickle.loads(pickle.dumps(diff))
    assert type(twin) is lw.TreeDiff
    assert repr(twin) == repr(diff)


def test_children_that_cannot_be_matched(lw: ModuleType) -> None:
    class Odd(Plain):
        pass

    def with_keys(node: Any) -> Any:
        return [(node.name, child) for child in node.children], None

    lw.register_pytree_with_keys(Odd, with_keys, Odd.unflatten)
    for name in ("same", []):
        diff = lw.tree_diff(Odd([1, 2], name), Odd([1, 2, 3], name))
        assert [(each.expected, each.got) for each in diff] == [
            ("Odd with 2 children", "Odd with 3 children")
        ]
    lw.unregister_pytree_node(Odd)


def test_cycles(lw: ModuleType) -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    with pytest.raises(RecursionError):
        lw.tree_diff(cycle, cycle)
    cycle.clear()
