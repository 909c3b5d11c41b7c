"""Treedefs and trees made of their parts: nested iterables, node data, protocol buffers."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import leafwise
from nodes import Pair, Plain, Record

PLAIN_TREES = st.recursive(
    st.one_of(st.none(), st.integers()),
    lambda children: st.one_of(
        st.lists(children, max_size=3),
        st.lists(children, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=3), children, max_size=3),
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("tree", "iterables", "expected"),
    [
        (1, [1, 2], [1, 2]),
        (None, (), None),
        ([], (), []),
        ([1, (2, 3)], (9, [8, 7]), [9, (8, 7)]),
        ([1, 2], "ab", ["a", "b"]),
        ({"b": [2], "a": 1}, [5, [6]], {"a": 5, "b": [6]}),
        (Pair(1, [2]), [5, [6]], Pair(5, [6])),
        (OrderedDict(b=1, a=2), [5, 6], OrderedDict(b=5, a=6)),
        (defaultdict(int, b=1, a=2), [5, 6], defaultdict(int, a=5, b=6)),
    ],
)
def test_from_iterable_tree(tree: Any, iterables: Any, expected: Any) -> None:
    built = leafwise.tree_structure(tree).from_iterable_tree(iterables)
    assert built == expected
    assert type(built) is type(expected)


def test_from_iterable_tree_of_registered_classes() -> None:
    built = leafwise.tree_structure([Plain([1, 2], "aux"), Record(3, 4)]).from_iterable_tree(
        [iter([5, 6]), (7, 8)]
    )
    assert leafwise.tree_leaves(built) == [5, 6, 7, 8]
    assert [type(node) for node in built] == [Plain, Record]


@pytest.mark.parametrize(
    ("tree", "iterables", "error"),
    [
        ([1, 2], [1], ValueError),
        ([1, 2], [1, 2, 3], ValueError),
        ([1, 2], iter(int, 1), ValueError),
        (None, [1], ValueError),
        ([1, 2], 3, TypeError),
        ([1, [2]], [1, 2], TypeError),
    ],
)
def test_from_iterable_tree_of_another_shape(
    tree: Any, iterables: Any, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        leafwise.tree_structure(tree).from_iterable_tree(iterables)
    if error is ValueError:
        assert str(caught.value).startswith("Arity mismatch between trees")


def test_from_iterable_tree_at_any_depth() -> None:
    treedef = leafwise.tree_structure([1])
    for _ in range(17):
        treedef = treedef.compose(treedef)
    tree = treedef.unflatten([7])
    assert treedef.flatten_up_to(treedef.from_iterable_tree(tree)) == [7]


@pytest.mark.parametrize(
    "tree",
    [
        1,
        None,
        [],
        [1, (2,)],
        {"b": 1, "a": [2]},
        Pair(1, [2]),
        OrderedDict(b=1, a=2),
        defaultdict(list, b=1, a=2),
        Plain([1, [2]], "aux"),
        Record(1, [2], tag="t"),
    ],
)
def test_from_node_data_and_children(tree: Any) -> None:
    treedef = leafwise.tree_structure(tree)
    make = leafwise.PyTreeDef.from_node_data_and_children
    again = make(leafwise.default_registry, treedef.node_data(), iter(treedef.children()))
    assert again == treedef
    assert repr(again) == repr(treedef)
    assert (again.num_leaves, again.num_nodes) == (treedef.num_leaves, treedef.num_nodes)


LEAF = leafwise.tree_structure(0)


@pytest.mark.parametrize(
    ("node_data", "children", "error", "text"),
    [
        ((int, None), [LEAF], RuntimeError, "Could not find type: <class 'int'>."),
        (3, [], TypeError, r"node_data must be None or \(type, metadata\), got 3"),
        ((list, None), [3], TypeError, "expects a leafwise.PyTreeDef, got 3, of <class .int.>"),
        ((list, 5), [LEAF], ValueError, "no aux data"),
        (None, [LEAF], ValueError, "a leaf has no children"),
        ((type(None), None), [LEAF], ValueError, "None has no children"),
        ((dict, ["a"]), [LEAF, LEAF], ValueError, r"a tuple of as many dict keys .* got \('a',\)$"),
        ((dict, ["a", "b"]), [LEAF], ValueError, "as many dict keys as there are children, 1, got"),
        ((dict, ["b", "a"]), [LEAF, LEAF], ValueError, "not sorted"),
        ((dict, ["a", "a"]), [LEAF, LEAF], ValueError, "twice"),
        ((Record, ("only",)), [LEAF], ValueError, "fields of"),
    ],
)
def test_node_data_that_does_not_fit(
    node_data: Any, children: Any, error: type[Exception], text: str
) -> None:
    make = leafwise.PyTreeDef.from_node_data_and_children
    with pytest.raises(error, match=text):
        make(leafwise.default_registry, node_data, children)
    other = leafwise.tree_structure(0, registry=leafwise.PyTreeRegistry())
    with pytest.raises(ValueError, match="registries"):
        make(leafwise.default_registry, (list, None), [other])


@pytest.mark.parametrize(
    ("tree", "data"),
    [
        (0, b"\n\x02\x10\x01"),
        (None, b"\n\x02\x10\x03"),
        ([], b"\n\x02\x10\x02"),
        ((), b"\n\x02\x10\x04"),
        ({}, b"\n\x02\x10\x05"),
        ({"a": {}}, b"\n\x02\x10\x05\n\t\x08\x01\x10\x05\x1a\x03\n\x01\x00\x12\x01a"),
    ],
)
def test_proto_format(tree: Any, data: bytes) -> None:
    treedef = leafwise.tree_structure(tree)
    assert treedef.serialize_using_proto() == data
    read = leafwise.PyTreeDef.deserialize_using_proto
    assert read(leafwise.default_registry, data) == treedef


@given(PLAIN_TREES)
def test_proto_round_trip(tree: Any) -> None:
    treedef = leafwise.tree_structure(tree)
    data = treedef.serialize_using_proto()
    read = leafwise.PyTreeDef.deserialize_using_proto
    assert read(leafwise.default_registry, data) == treedef


ONLY_STRINGS = "Only string keys are supported in proto pytree serialization."
NO_USER_NODES = (
    "User-defined nodes are not supported when serializing pytrees as protocol buffers. You should "
    "either convert the user-defined nodes to another type or use pickle instead."
)


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        ({1: 2}, f"{ONLY_STRINGS} Got one of type int."),
        ({"\ud800": 2}, f"{ONLY_STRINGS} Got one that UTF-8 cannot hold."),
        (Pair(1, 2), f"{NO_USER_NODES} Got one of type Pair."),
        ([OrderedDict(a=1)], f"{NO_USER_NODES} Got one of type OrderedDict."),
        (defaultdict(int, a=1), f"{NO_USER_NODES} Got one of type defaultdict."),
        (Plain([1], None), f"{NO_USER_NODES} Got one of type Plain."),
    ],
)
def test_what_a_proto_cannot_hold(tree: Any, text: str) -> None:
    with pytest.raises(ValueError) as caught:
        leafwise.tree_structure(tree).serialize_using_proto()
    assert str(caught.value) == text


def test_other_types_of_data() -> None:
    read: Callable[..., Any] = leafwise.PyTreeDef.deserialize_using_proto
    with pytest.raises(TypeError):
        read(leafwise.default_registry, "text")
    with pytest.raises(TypeError, match="registry must be a PyTreeRegistry"):
        read(3, b"")


def test_protos_are_those_of_jax() -> None:
    jtu = pytest.importorskip("jax.tree_util", reason="jax is in the extra `peers`")
    for tree in ({"b": [1, None], "a": (2, {"z": 1})}, {"é": 1, "a": 2}, [({},), "leaf"]):
        data = jtu.tree_structure(tree).serialize_using_proto()
        assert leafwise.tree_structure(tree).serialize_using_proto() == data
