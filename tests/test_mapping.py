"""tree_map, tree_map_with_path, tree_broadcast, tree_transpose where trees match; errors of f."""

from __future__ import annotations

import importlib
import re
from collections import OrderedDict, namedtuple
from types import ModuleType
from typing import Any

import pytest

import leafwise
from nodes import Constant, Keyed, Methods, Pair, Plain, Record, describe


def test_one_tree(lw: ModuleType) -> None:
    tree = {"b": [1, None], "a": Pair(2, ()), "c": OrderedDict(z=3, y=4)}
    mapped = lw.tree_map(lambda x: x * 10, tree)
    expected = {"a": Pair(20, ()), "b": [10, None], "c": OrderedDict(z=30, y=40)}
    assert describe(mapped) == describe(expected)
    assert tree == {"b": [1, None], "a": Pair(2, ()), "c": OrderedDict(z=3, y=4)}
    assert lw.tree_map(f=lambda x: -x, tree=(1, 2)) == (-1, -2)
    assert lw.tree_map(str, 5) == "5"
    assert lw.tree_map(str, None) is None


def test_user_classes(lw: ModuleType) -> None:
    mapped = lw.tree_map(lambda x: x + 1, [Plain([1], "n"), Record(1, 2, tag=3), Constant(1)])
    assert [type(node) for node in mapped] == [Plain, Record, Constant]
    assert (mapped[0].children, mapped[0].name) == ([2], "n")
    assert mapped[1:] == [Record(2, 3, tag=3), Constant(1)]


def test_several_trees(lw: ModuleType) -> None:
    trees = [{"a": [1, 2], "b": 3}, {"b": 30, "a": [10, 20]}, {"a": [100, 200], "b": 300}]
    assert lw.tree_map(lambda x, y, z: x + y + z, *trees) == {"a": [111, 222], "b": 333}


def test_further_trees_may_be_deeper(lw: ModuleType) -> None:
    mapped = lw.tree_map(lambda *args: args, {"a": [1, 2]}, {"a": [None, (3, [4])]})
    assert mapped == {"a": [(1, None), (2, (3, [4]))]}


def test_f_is_called_in_leaf_order_and_before_anything_is_rebuilt(lw: ModuleType) -> None:
    log: list[Any] = []

    class Noted(Plain):
        pass

    def unflatten(aux: Any, children: Any) -> Noted:
        log.append("rebuilt")
        return Noted(children, aux)

    registry = lw.PyTreeRegistry()
    lw.register_pytree_node(Noted, Plain.flatten, unflatten, registry=registry)
    lw.tree_map(log.append, {"b": 3, "a": [Noted([1]), 2]}, registry=registry)
    assert log == [1, 2, 3, "rebuilt"]


def test_f_need_not_be_callable_without_leaves(lw: ModuleType) -> None:
    assert lw.tree_map(3, []) == []
    assert lw.tree_map(None, {"a": None}, {"a": None}) == {"a": None}
    with pytest.raises(TypeError):
        lw.tree_map(3, [1])


def test_is_leaf_applies_to_the_first_tree(lw: ModuleType) -> None:
    def is_pair(node: Any) -> bool:
        return type(node) is tuple

    assert lw.tree_map(len, [(1, 2), (3,)], is_leaf=is_pair) == [2, 1]
    mapped = lw.tree_map(lambda x, y: (x, y), [(1, 2)], [[3]], is_leaf=is_pair)
    assert mapped == [((1, 2), [3])]
    mapped = lw.tree_map(lambda x, y: y, [None, 1], [[5], 6], is_leaf=lambda x: x is None)
    assert mapped == [[5], 6]


def test_none_is_leaf(lw: ModuleType) -> None:
    assert lw.tree_map(lambda x: x or 0, [None, 1], none_is_leaf=True) == [0, 1]
    mapped = lw.tree_map(lambda x, y: y, {"a": None}, {"a": [3]}, none_is_leaf=True)
    assert mapped == {"a": [3]}
    mapped = lw.tree_map_with_path(lambda p, x: len(p), [None, [None]], none_is_leaf=True)
    assert mapped == [1, [2]]


def test_registry(lw: ModuleType) -> None:
    class Local(Plain):
        pass

    registry = lw.PyTreeRegistry()
    lw.register_pytree_node(Local, Plain.flatten, Local.unflatten, registry=registry)
    mapped = lw.tree_map(lambda x: x + 1, Local([1, 2]), registry=registry)
    assert mapped.children == [2, 3]
    with pytest.raises(TypeError):
        lw.tree_map(lambda x: x, [1], registry="default")


@pytest.mark.parametrize("error", [KeyError("k"), ValueError("v"), KeyboardInterrupt()], ids=repr)
def test_exceptions_of_f_propagate(lw: ModuleType, error: BaseException) -> None:
    def f(*args: Any) -> Any:
        raise error

    for call in (
        lambda: lw.tree_map(f, [1, {"a": 2}]),
        lambda: lw.tree_map(f, [1, {"a": 2}], [3, {"a": 4}]),
        lambda: lw.tree_map_with_path(f, [1, {"a": 2}]),
    ):
        with pytest.raises(type(error)) as caught:
            call()
        assert caught.value is error


def test_stop_iteration_from_f_is_a_runtime_error(lw: ModuleType) -> None:
    def f(*args: Any) -> Any:
        if args[-1] == 2:
            raise StopIteration("mine")
        return args

    for call in (
        lambda: lw.tree_map(f, {"a": [1, 2, 3]}),
        lambda: lw.tree_map(f, {"a": [1, 2, 3]}, {"a": [1, 2, 3]}),
        lambda: lw.tree_map_with_path(f, {"a": [1, 2, 3]}),
    ):
        with pytest.raises(RuntimeError) as caught:
            call()
        text = "generator raised StopIteration (by the function mapped over the tree, at key path "
        assert str(caught.value).startswith(f"{text}['a'][1]")
        assert isinstance(caught.value.__cause__, StopIteration)


def test_where_an_iteration_was_stopped_is_told_in_short(lw: ModuleType) -> None:
    wide = namedtuple("wide", ["long" * 100])
    tree: Any = 1
    for _ in range(20):
        tree = wide(tree)
    with pytest.raises(RuntimeError) as caught:
        lw.tree_map(lambda x: next(iter(())), [wide(1)])
    assert re.search(r"at key path \[0\]\.(long)+l?o?n?\.\.\.o?n?g?(long)+\)$", str(caught.value))
    with pytest.raises(RuntimeError) as caught:
        lw.tree_map(lambda x: next(iter(())), tree)
    assert len(str(caught.value)) < 600


def test_map_with_path(lw: ModuleType) -> None:
    tree = {"a": [1, (2,)], "b": Record(3, 4), "c": Keyed([5, 6]), "d": Plain([7])}
    mapped = lw.tree_map_with_path(lambda path, x: lw.keystr(path), tree)
    assert mapped["a"] == ["['a'][0]", ("['a'][1][0]",)]
    assert (mapped["b"].x, mapped["b"].y) == ("['b'].x", "['b'].y")
    assert mapped["c"].children == ["['c'].first", "['c']plain key"]
    assert mapped["d"].children == ["['d'][<flat index 0>]"]


def test_map_with_path_over_several_trees(lw: ModuleType) -> None:
    mapped = lw.tree_map_with_path(
        lambda p, x, y: (lw.keystr(p), x, y), [1, {"a": 2}], [(3,), {"a": 4}]
    )
    assert mapped == [("[0]", 1, (3,)), {"a": ("[1]['a']", 2, 4)}]


def test_map_with_path_gives_is_leaf_the_path(lw: ModuleType) -> None:
    seen: list[Any] = []

    def is_leaf(path: Any, node: Any) -> bool:
        seen.append((lw.keystr(path), node))
        return type(path) is tuple and len(path) == 1 and isinstance(node, tuple)

    mapped = lw.tree_map_with_path(
        lambda path, x: x, [(1,), {"a": None}], is_leaf=is_leaf, is_leaf_takes_path=True
    )
    assert mapped == [(1,), {"a": None}]
    assert seen[0] == ("", [(1,), {"a": None}])
    assert seen[1:] == [("[0]", (1,)), ("[1]", {"a": None}), ("[1]['a']", None)]


def test_broadcast(lw: ModuleType) -> None:
    full = {"a": [1, (2, None)], "b": 3, "c": {}}
    assert lw.tree_broadcast(0, full) == {"a": [0, (0, None)], "b": 0, "c": {}}
    prefix = {"a": "x", "b": "y", "c": "z"}
    assert lw.tree_broadcast(prefix, full) == {"a": ["x", ("x", None)], "b": "y", "c": {}}
    assert lw.tree_broadcast(prefix_tree=[1, 2], full_tree=[{"k": 3}, 4]) == [{"k": 1}, 2]
    assert lw.tree_broadcast([None, 1], [None, (2, 3)]) == [None, (1, 1)]


def test_broadcast_asks_is_leaf_for_the_prefix_only(lw: ModuleType) -> None:
    def is_pair(node: Any) -> bool:
        return type(node) is tuple

    found = lw.tree_broadcast([(1, 2), 3], [{"a": 0}, (0, 0)], is_leaf=is_pair)
    assert found == [{"a": (1, 2)}, (3, 3)]


def test_broadcast_repeats_the_same_object(lw: ModuleType) -> None:
    value = object()
    found = lw.tree_broadcast([value], [(1, 2)])
    assert found[0][0] is value
    assert found[0][1] is value


def test_transpose(lw: ModuleType) -> None:
    outer, inner = lw.tree_structure({"a": 0, "b": 0}), lw.tree_structure([0, (0,)])
    tree = {"a": [1, (2,)], "b": [3, (4,)]}
    assert lw.tree_transpose(outer, inner, tree) == [{"a": 1, "b": 3}, ({"a": 2, "b": 4},)]
    assert lw.tree_transpose(outer, None, tree) == [{"a": 1, "b": 3}, ({"a": 2, "b": 4},)]
    found = lw.tree_transpose(
        outer_treedef=outer, inner_treedef=inner, pytree_to_transpose=[1, 2, 3, 4]
    )
    assert found == [{"a": 1, "b": 3}, ({"a": 2, "b": 4},)]


def test_transpose_needs_matching_sizes(lw: ModuleType) -> None:
    outer, inner = lw.tree_structure([0, 0]), lw.tree_structure((0, 0))
    with pytest.raises(lw.PyTreeMismatchTypeError) as caught:
        lw.tree_transpose(outer, inner, [(1, 2), (3,)])
    text = "Mismatch\nPyTreeDef([(*, *), (*,)])\n != \nPyTreeDef([(*, *), (*, *)])"
    assert str(caught.value).startswith(text)
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, ValueError)


def test_transpose_cannot_infer_without_leaves(lw: ModuleType) -> None:
    with pytest.raises(IndexError):
        lw.tree_transpose(lw.tree_structure([]), None, [])


def test_methods_given_an_iterator_are_read_once(lw: ModuleType) -> None:
    assert lw.tree_map(lambda x: x * 2, Methods([1, 2], "m")).children == [2, 4]


@pytest.mark.parametrize("wrong", [3, [0, 0], "x"])
def test_transposing_by_what_is_no_treedef(lw: ModuleType, wrong: Any) -> None:
    treedef = lw.tree_structure([0, 0])
    for outer, inner in ((wrong, treedef), (treedef, wrong), (wrong, None)):
        with pytest.raises(
            TypeError, match=r"tree_transpose expects a leafwise\.PyTreeDef, got .*, of <class"
        ):
            lw.tree_transpose(outer, inner, [[1, 2], [3, 4]])


def test_what_the_core_takes_apart_is_checked() -> None:
    core: Any = importlib.import_module("leafwise._core")
    treedef = leafwise.tree_structure(1)
    for arguments in [(max, treedef), (max, 1, ([1],)), (max, treedef, [[1]])]:
        with pytest.raises(TypeError, match="call_each expects a function, a PyTreeDef and"):
            core.call_each(*arguments)
    with pytest.raises(
        TypeError, match=r"call_each expects lists or tuples as columns, got .*'str'"
    ):
        core.call_each(max, treedef, ("a",))
    for arguments in [(max,), (max, (1, 2)), (max, [1], 2, 3)]:
        with pytest.raises(TypeError, match="fold expects a function, a list and maybe"):
            core.fold(*arguments)
