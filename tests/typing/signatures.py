"""What each public function gives, for the type checkers; it is run as well, by test_typing.py."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import attrs

import leafwise as lw
from leafwise.flatten_util import Unravel, ravel_pytree

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from typing_extensions import assert_type
else:

    def assert_type(value: Any, kind: Any) -> Any:
        return value


Difference = tuple[lw.KeyPath, str, str, str]

TREE: dict[str, list[float]] = {"a": [1.0, 2.0], "b": [3.0]}


class Box:
    def __init__(self, content: Any) -> None:
        self.content = content


@lw.register_pytree_with_keys_class
class Keyed:
    def __init__(self, content: Any) -> None:
        self.content = content

    def tree_flatten_with_keys(self) -> tuple[tuple[tuple[Any, Any]], None]:
        return ((lw.GetAttrKey("content"), self.content),), None

    @classmethod
    def tree_unflatten(cls, aux: None, children: tuple[Any]) -> Keyed:
        return cls(*children)


@lw.register_static
@dataclasses.dataclass(frozen=True)
class Settings:
    rate: float


@attrs.define
class Weights:
    values: list[float]


class Slotted:
    x: float
    y: str


def plus(one: float, other: float) -> float:
    return one + other


def functions_on_trees() -> None:
    treedef = lw.tree_structure(TREE)
    assert_type(treedef, lw.PyTreeDef)
    assert_type(lw.tree_leaves(TREE), list[Any])
    assert_type(lw.tree_flatten(TREE), tuple[list[Any], lw.PyTreeDef])
    assert_type(lw.tree_unflatten(treedef, [1, 2, 3]), Any)
    assert_type(lw.tree_iter(TREE), Iterator[Any])
    assert_type(lw.all_leaves([1, 2]), bool)
    assert_type(lw.tree_map(abs, TREE), Any)
    assert_type(lw.tree_map_with_path(lambda path, x: (path, x), TREE), Any)
    assert_type(lw.tree_transpose(treedef, None, {"a": [[1], [2]], "b": [[3]]}), Any)
    assert_type(lw.tree_broadcast(0, TREE), Any)
    assert_type(lw.broadcast_prefix(0, TREE), list[Any])
    leaf = lw.tree_structure(0)
    repeated = lw.broadcast_flattened_prefix_with_treedef([0], leaf, treedef)
    assert_type(repeated, list[Any])
    assert_type(lw.tree_reduce(plus, TREE, 0.0), float)
    assert_type(lw.tree_reduce_associative(plus, TREE, identity=0.0), float)
    assert_type(lw.tree_all(TREE), bool)
    assert_type(lw.tree_any(TREE), bool)
    assert_type(lw.flatten_one_level([1, 2]), tuple[Iterable[Any], Any])
    assert_type(lw.flatten_one_level_with_keys([1]), tuple[Iterable[tuple[lw.KeyEntry, Any]], Any])
    assert_type(lw.is_tree_node(Box), bool)


def paths_and_treedefs() -> None:
    pairs = lw.tree_leaves_with_path(TREE)
    assert_type(pairs, list[tuple[lw.KeyPath, Any]])
    assert_type(lw.tree_flatten_with_path(TREE), tuple[list[tuple[lw.KeyPath, Any]], lw.PyTreeDef])
    assert_type(lw.generate_key_paths(TREE), list[tuple[lw.KeyPath, Any]])
    assert_type(lw.keystr(pairs[0][0], simple=True, separator="/"), str)
    assert_type(lw.SequenceKey(0).idx, int)
    assert_type(lw.DictKey("a").key, Any)
    assert_type(lw.GetAttrKey("x").name, str)
    assert_type(lw.FlattenedIndexKey(0).key, int)

    treedef = lw.tree_structure(TREE)
    assert_type(treedef.children(), list[lw.PyTreeDef])
    assert_type(treedef.flatten_up_to(TREE), list[Any])
    assert_type(treedef.compose(treedef), lw.PyTreeDef)
    assert_type(hash(treedef), int)
    assert_type(treedef.serialize_using_proto(), bytes)
    assert_type(lw.treedef_tuple([treedef, treedef]), lw.PyTreeDef)
    assert_type(lw.treedef_children(treedef), list[lw.PyTreeDef])
    assert_type(lw.treedef_is_leaf(treedef), bool)
    assert_type(lw.treedef_is_strict_leaf(treedef), bool)


def differences() -> None:
    found = lw.tree_diff(TREE, {"a": [1.0, 2.0]})
    assert_type(found, lw.TreeDiff)
    assert_type(found[0], lw.TreeDifference)
    assert_type(found[0].path, lw.KeyPath)
    assert_type(lw.cache_info().hits, int)
    for error in lw.prefix_errors({"a": 0}, TREE):
        assert_type(error("tree"), lw.PyTreeMismatchError)
    treedef = lw.tree_structure(TREE)
    assert_type(lw.equality_errors(TREE, [1]), Iterator[Difference])
    assert_type(lw.equality_errors_pytreedef(treedef, treedef), Iterator[Difference])
    assert issubclass(lw.PyTreeMismatchTypeError, TypeError)
    lw.clear_cache()
    assert_type(lw.__version__, str)


def registrations() -> None:
    registry = lw.PyTreeRegistry(parent=lw.default_registry)
    assert_type(registry.parent, lw.PyTreeRegistry | None)
    lw.register_pytree_node(
        Box,
        lambda box: ((box.content,), None),
        lambda aux, children: Box(*children),
        registry=registry,
    )
    lw.register_pytree_with_keys(
        Slotted,
        lambda node: (((lw.GetAttrKey("x"), node.x),), node.y),
        lambda aux, children: Slotted(),
        registry=registry,
    )
    lw.unregister_pytree_node(Box, registry=registry)
    assert_type(lw.register_attrs(Weights, registry=registry), type[Weights])
    assert_type(lw.register_fields(Slotted, data=["x"], meta=["y"], construct="new"), type[Slotted])
    assert_type(Keyed(1), Keyed)
    assert_type(Settings(0.1), Settings)
    assert_type(lw.Partial(max, 1)(2), Any)
    assert_type(lw.none_leaf_registry, lw.PyTreeRegistry)


def vectors() -> None:
    vector, unravel = ravel_pytree(TREE)
    assert_type(unravel, Unravel)
    if TYPE_CHECKING:
        assert_type(vector, NDArray[Any])
    assert lw.tree_leaves(unravel(vector)) == [1.0, 2.0, 3.0]


if __name__ == "__main__":
    functions_on_trees()
    paths_and_treedefs()
    differences()
    registrations()
    vectors()
