"""broadcast_prefix and broadcast_flattened_prefix_with_treedef; tree_broadcast: test_mapping.py."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from nodes import Pair, Plain


def test_broadcast_prefix(lw: ModuleType) -> None:
    broadcast = lw.broadcast_prefix
    assert broadcast({"a": 1, "b": 2}, {"a": [0, 0], "b": 0}) == [1, 1, 2]
    assert broadcast(prefix_tree=7, full_tree=[0, (0, None)]) == [7, 7]
    assert broadcast([1, 2], [[], {}]) == []
    assert broadcast([(1,), 2], [[0, 0], 0], is_leaf=lambda x: x == (1,)) == [(1,), (1,), 2]
    assert broadcast([None, 1], [[0, 0], 0], is_leaf=lambda x: x is None) == [None, None, 1]
    assert broadcast([None, 1], [[0, None], 0], none_is_leaf=True) == [None, None, 1]
    assert broadcast([1], [Plain([0, 0])]) == [1, 1]
    assert broadcast([1], [Plain([0, 0])], registry=lw.PyTreeRegistry()) == [1]


def test_broadcast_prefix_of_other_trees(lw: ModuleType) -> None:
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        lw.broadcast_prefix({"a": [1, 2]}, {"a": [1]})
    assert "broadcast_prefix prefix_tree['a']" in str(caught.value)
    assert (caught.value.expected, caught.value.got) == ("list of length 2", "list of length 1")
    with pytest.raises(ZeroDivisionError):
        lw.broadcast_prefix([1], [1], is_leaf=lambda node: 1 / 0)


def broadcast(lw: ModuleType, leaves: list[Any], prefix: Any, full: Any) -> Any:
    treedefs = lw.tree_structure(prefix), lw.tree_structure(full)
    return lw.broadcast_flattened_prefix_with_treedef(leaves, *treedefs)


def test_treedefs(lw: ModuleType) -> None:
    assert broadcast(lw, [1, 2], [0, 0], [(0, 0), 0]) == [1, 1, 2]
    assert broadcast(lw, [1], 0, {"a": [0, None], "b": Plain([0])}) == [1, 1]
    assert broadcast(lw, [1, 2], Pair(0, Plain([0])), Pair([], Plain([[0, 0]]))) == [2, 2]
    assert broadcast(lw, [], None, None) == []


MISMATCHES = [
    ([0], 0, "`prefix_treedef` is not a prefix of `full_treedef`", "", "list of length 1", "leaf"),
    (
        {"a": [0, 0]},
        {"a": [0]},
        "`prefix_treedef` is not a prefix of `full_treedef`",
        "['a']",
        "list of length 2",
        "list of length 1",
    ),
    (
        [0, [0]],
        [0, (0,)],
        "expected (<class 'tuple'>, None), got (<class 'list'>, None)",
        "[1]",
        "list of length 1",
        "tuple of length 1",
    ),
    (
        (None, 0),
        (0, 0),
        "`prefix_treedef` is not a prefix of `full_treedef`",
        "[0]",
        "None",
        "leaf",
    ),
]


@pytest.mark.parametrize(
    "prefix, full, text, place, expected, got", MISMATCHES, ids=range(len(MISMATCHES))
)
def test_treedefs_that_do_not_match(
    lw: ModuleType, prefix: Any, full: Any, text: str, place: str, expected: str, got: str
) -> None:
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        broadcast(lw, [1] * lw.tree_structure(prefix).num_leaves, prefix, full)
    error = caught.value
    where = f"key path {place}" if place else "the root of the tree"
    assert str(error) == f"{text}\n\nAt {where}: expected {expected}, got {got}."
    assert (lw.keystr(error.path), error.expected, error.got) == (place, expected, got)


def test_treedefs_of_classes_that_reject_other_leaves(lw: ModuleType) -> None:
    class Strict(Plain):
        pass

    def unflatten(name: Any, children: Any) -> Any:
        raise ZeroDivisionError

    lw.register_pytree_node(Strict, Plain.flatten, unflatten)
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        broadcast(lw, [1], [0], (Strict([0]),))
    assert caught.value.expected == "PyTreeDef([*])"
    lw.unregister_pytree_node(Strict)


def test_each_subtree_is_flattened_by_itself_and_once(lw: ModuleType) -> None:
    registry = lw.PyTreeRegistry()

    class Once:
        children = iter([1, 2])

    lw.register_pytree_node(
        Once, lambda node: (node.children, None), lambda _, children: Once(), registry=registry
    )
    assert lw.broadcast_prefix([7], [Once()], registry=registry) == [7, 7]
    half = sys.getrecursionlimit() * 6 // 10
    prefix: Any = 1
    for _ in range(half):
        prefix = [prefix]
    full: Any = prefix
    for _ in range(half):
        full = [full]
    assert lw.broadcast_prefix(prefix, full) == [1]


def test_wrong_numbers_of_leaves(lw: ModuleType) -> None:
    for amount, leaves in (("few", [1]), ("many", [1, 2, 3])):
        with pytest.raises(ValueError) as caught:
            broadcast(lw, leaves, [0, 0], [0, 0])
        text = f"Too {amount} leaves for PyTreeDef; expected 2, got {len(leaves)}"
        assert str(caught.value) == text
    leaf = lw.tree_structure(0)
    text = "broadcast_flattened_prefix_with_treedef expects a leafwise.PyTreeDef, got 3, of"
    for treedefs in ((3, leaf), (leaf, 3)):
        with pytest.raises(TypeError, match=text):
            lw.broadcast_flattened_prefix_with_treedef([1], *treedefs)


def test_strict_leaves(lw: ModuleType) -> None:
    trees = [1, [], None, [1], (1, 2)]
    answers = [lw.treedef_is_strict_leaf(lw.tree_structure(tree)) for tree in trees]
    assert answers == [True, False, False, False, False]
    assert lw.treedef_is_strict_leaf(treedef=lw.tree_structure(None, none_is_leaf=True)) is True
    with pytest.raises(TypeError, match=r"^treedef_is_strict_leaf expects a leafwise\.PyTreeDef"):
        lw.treedef_is_strict_leaf(3)
