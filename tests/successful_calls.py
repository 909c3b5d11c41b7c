"""Calls that succeed: at least one of every public name, and what can be different about it.

A name up to the first comma says what is called; tests/test_leaks.py wants one for every name.
"""

from __future__ import annotations

import copy
import functools
import importlib
import operator
import pickle
from typing import Any

import pytest

from leak_trees import AUX, LEAF, NAME, Bad, Case, never, tree
from nodes import Fields, Pair, Plain, Record


def structure(lw: Any) -> Any:
    return lw.tree_structure(tree())


def other_tree() -> Any:
    """Differs from `tree()` in a length, a key, a type and metadata."""
    found = tree()
    found[1] = {"b": (1.5,), "c": [Pair([], LEAF)]}
    found[4] = Plain([3, (LEAF,)], "other")
    return found


def numbers() -> Any:
    np = pytest.importorskip("numpy")
    return {"b": np.ones((2, 3)), "a": [1, (2.5, np.zeros(0, np.float32))]}


def flatten_util() -> Any:
    pytest.importorskip("numpy")
    return importlib.import_module("leafwise.flatten_util")


def ravel() -> Any:
    return flatten_util().ravel_pytree(numbers())


def all_about_a_key(key: Any) -> Any:
    return repr(key), hash(key), key == pickle.loads(pickle.dumps(key)), copy.deepcopy(key)


def mismatch(lw: Any) -> Any:
    try:
        lw.tree_map(max, tree(), other_tree())
    except lw.PyTreeMismatchError as error:
        return error


def children_of_the_registry(lw: Any) -> Any:
    registry = lw.PyTreeRegistry(parent=lw.PyTreeRegistry(parent=lw.default_registry))
    return registry.parent.parent, repr(registry)


def proto(lw: Any) -> Any:
    return lw.tree_structure([1, {"a": (2, None), "b": {}}]).serialize_using_proto()


def made_of_its_parts(lw: Any, node: Any) -> Any:
    treedef = lw.tree_structure(node)
    make = lw.PyTreeDef.from_node_data_and_children
    return make(lw.default_registry, treedef.node_data(), treedef.children())


SUCCESSES: dict[str, Case] = {
    "DictKey": lambda lw: all_about_a_key(lw.DictKey("k")),
    "FlattenedIndexKey": lambda lw: all_about_a_key(lw.FlattenedIndexKey(1000)),
    "GetAttrKey": lambda lw: all_about_a_key(lw.GetAttrKey("name")),
    "SequenceKey": lambda lw: all_about_a_key(lw.SequenceKey(1000)),
    "Partial": lambda lw: lw.tree_map(
        lambda x: x, lw.Partial(functools.partial(max, 1), 2, key=NAME)
    ),
    "Partial, as a value": lambda lw: [
        (repr(part), hash(part), part == lw.Partial(max, 1, 2), part(3))
        for part in [lw.Partial(max, 1, 2)]
    ],
    "PyTreeMismatchError": lambda lw: pickle.loads(pickle.dumps(mismatch(lw))),
    "PyTreeMismatchTypeError": lambda lw: lw.PyTreeMismatchTypeError("text", (), "this", "that"),
    "TreeDiff": lambda lw: repr(lw.TreeDiff([lw.TreeDifference((), "a", "b")] * 2)),
    "TreeDifference": lambda lw: [str(lw.TreeDifference((lw.DictKey("k"),), "a", "b"))],
    "all_leaves": lambda lw: lw.all_leaves([1, object(), None]),
    "broadcast_flattened_prefix_with_treedef": lambda lw: (
        lw.broadcast_flattened_prefix_with_treedef(
            [LEAF] * 10, lw.tree_structure([0] * 10), structure(lw)
        )
    ),
    "broadcast_prefix": lambda lw: lw.broadcast_prefix([LEAF] * 10, tree()),
    "broadcast_prefix, is_leaf": lambda lw: lw.broadcast_prefix(tree(), tree(), never),
    "cache_info": lambda lw: repr(lw.cache_info()),
    "clear_cache": lambda lw: (structure(lw), lw.clear_cache()),
    "equality_errors": lambda lw: list(lw.equality_errors(tree(), other_tree())),
    "equality_errors, none": lambda lw: list(lw.equality_errors(tree(), tree(), never)),
    "equality_errors, not to the end": lambda lw: next(lw.equality_errors(tree(), other_tree())),
    "equality_errors_pytreedef": lambda lw: list(
        lw.equality_errors_pytreedef(structure(lw), lw.tree_structure(other_tree()))
    ),
    "field": lambda lw: lw.field(static=True, default=NAME),
    "flatten_one_level": lambda lw: [lw.flatten_one_level(node) for node in tree()[1:]],
    "flatten_one_level_with_keys": lambda lw: [
        [list(pairs), aux]
        for node in tree()[1:]
        for pairs, aux in [lw.flatten_one_level_with_keys(node)]
    ],
    "generate_key_paths": lambda lw: lw.generate_key_paths(tree()),
    "is_tree_node": lambda lw: [lw.is_tree_node(t) for t in (list, int, Pair, Record, object())],
    "keystr": lambda lw: [lw.keystr(path) for path, _ in lw.tree_leaves_with_path(tree())],
    "keystr, simple": lambda lw: [
        lw.keystr(path, simple=True, separator="/") for path, _ in lw.tree_leaves_with_path(tree())
    ],
    "keystr, of other things": lambda lw: lw.keystr([object(), 1, "a", None, ()], simple=True),
    "prefix_errors": lambda lw: [
        make("name") for make in lw.prefix_errors(tree(), other_tree(), never)
    ],
    "prefix_errors, none": lambda lw: lw.prefix_errors(LEAF, tree()),
    "tree_all": lambda lw: lw.tree_all(tree()),
    "tree_all, is_leaf": lambda lw: lw.tree_all(tree(), is_leaf=lambda node: None),
    "tree_any": lambda lw: lw.tree_any([[object()], tree()]),
    "tree_broadcast": lambda lw: lw.tree_broadcast([0] * 10, tree()),
    "tree_diff": lambda lw: repr(lw.tree_diff(tree(), other_tree())),
    "tree_diff, compare": lambda lw: lw.tree_diff(tree(), tree(), compare=operator.is_),
    "tree_diff, what cannot be shown": lambda lw: lw.tree_diff(Bad(), Bad(), compare=never),
    "tree_flatten": lambda lw: lw.tree_flatten(tree()),
    "tree_flatten, is_leaf": lambda lw: lw.tree_flatten(tree(), is_leaf=lambda node: None),
    "tree_flatten, None is a leaf": lambda lw: lw.tree_flatten(tree(), none_is_leaf=True),
    "tree_flatten_with_path": lambda lw: lw.tree_flatten_with_path(tree()),
    "tree_iter": lambda lw: list(lw.tree_iter(tree(), lambda node: None)),
    "tree_iter, not to the end": lambda lw: next(lw.tree_iter(tree())),
    "tree_leaves": lambda lw: lw.tree_leaves(tree(), none_is_leaf=True),
    "tree_leaves_with_path": lambda lw: lw.tree_leaves_with_path(
        tree(), lambda path, node: None, is_leaf_takes_path=True
    ),
    "tree_map": lambda lw: lw.tree_map(lambda x: [x], tree()),
    "tree_map, three trees": lambda lw: lw.tree_map(lambda x, y, z: y, *[tree()] * 3),
    "tree_map_with_path": lambda lw: lw.tree_map_with_path(lambda p, x, y: p, tree(), tree()),
    "tree_reduce": lambda lw: lw.tree_reduce(lambda a, b: [b], tree()),
    "tree_reduce, initializer": lambda lw: lw.tree_reduce(lambda a, b: b, tree(), LEAF),
    "tree_reduce_associative": lambda lw: lw.tree_reduce_associative(lambda a, b: [a, b], tree()),
    "tree_reduce_associative, identity": lambda lw: lw.tree_reduce_associative(
        operator.add, (), identity=LEAF
    ),
    "tree_structure": structure,
    "tree_transpose": lambda lw: lw.tree_transpose(
        lw.tree_structure([0, 0]), None, [{"a": LEAF}, {"a": 2}]
    ),
    "tree_unflatten": lambda lw: lw.tree_unflatten(*reversed(lw.tree_flatten(tree()))),
    "treedef_children": lambda lw: lw.treedef_children(structure(lw)),
    "treedef_is_leaf": lambda lw: lw.treedef_is_leaf(structure(lw)),
    "treedef_is_strict_leaf": lambda lw: lw.treedef_is_strict_leaf(lw.tree_structure(LEAF)),
    "treedef_tuple": lambda lw: lw.treedef_tuple([structure(lw)] * 2),
    "tree.static": lambda lw: lw.tree.static(default=NAME, metadata={"more": AUX}),
    "flatten_util.ravel_pytree": lambda lw: ravel(),
    "flatten_util.ravel_pytree, one dtype": lambda lw: flatten_util().ravel_pytree([1.0, (2.0,)]),
    "flatten_util.Unravel": lambda lw: [unravel(vector) for vector, unravel in [ravel()]],
    "flatten_util.Unravel, as a value": lambda lw: hash(pickle.loads(pickle.dumps(ravel()[1]))),
    "PyTreeDef.children": lambda lw: structure(lw).children(),
    "PyTreeDef.compose": lambda lw: structure(lw).compose(structure(lw)),
    "PyTreeDef.deserialize_using_proto": lambda lw: lw.PyTreeDef.deserialize_using_proto(
        lw.default_registry, proto(lw)
    ),
    "PyTreeDef.flatten_up_to": lambda lw: structure(lw).flatten_up_to(tree()),
    "PyTreeDef.from_iterable_tree": lambda lw: lw.tree_structure(
        [Plain([1, 2], AUX), {"a": 3}, Record(4, 5)]
    ).from_iterable_tree([iter([LEAF, 2]), (3,), [4, LEAF]]),
    "PyTreeDef.from_node_data_and_children": lambda lw: [
        made_of_its_parts(lw, node) for node in [LEAF, tree(), *tree()]
    ],
    "PyTreeDef.node_data": lambda lw: [child.node_data() for child in structure(lw).children()],
    "PyTreeDef.num_leaves": lambda lw: structure(lw).num_leaves,
    "PyTreeDef.num_nodes": lambda lw: structure(lw).num_nodes,
    "PyTreeDef.serialize_using_proto": proto,
    "PyTreeDef.unflatten": lambda lw: structure(lw).unflatten(dict.fromkeys(range(12))),
    "PyTreeDef.walk": lambda lw: structure(lw).walk(lambda c, d: (c, d), None, range(12)),
    "PyTreeDef.walk, two functions": lambda lw: structure(lw).walk(
        lambda children, data: children, lambda leaf: LEAF, range(12)
    ),
    "PyTreeDef, ==": lambda lw: structure(lw) == structure(lw) != lw.tree_structure(other_tree()),
    "PyTreeDef, hash": lambda lw: hash(lw.tree_structure([*tree()[:7], tree()[8:]])),
    "PyTreeDef, repr": lambda lw: repr(structure(lw)),
    "PyTreeDef, pickle": lambda lw: pickle.loads(pickle.dumps(structure(lw))),
    "PyTreeDef, copy": lambda lw: copy.deepcopy(copy.copy(structure(lw))),
    "PyTreeRegistry": children_of_the_registry,
    "PyTreeRegistry, pickle": lambda lw: pickle.loads(pickle.dumps(lw.none_leaf_registry)),
    "PyTreeRegistry.flatten": lambda lw: lw.default_registry.flatten(tree(), never),
    "PyTreeRegistry.flatten_one_level": lambda lw: [
        lw.default_registry.flatten_one_level(node) for node in tree()
    ],
    "PyTreeRegistry.flatten_one_level_with_keys": lambda lw: [
        lw.default_registry.flatten_one_level_with_keys(node) for node in tree()
    ],
    "PyTreeRegistry.flatten_with_path": lambda lw: lw.default_registry.flatten_with_path(
        tree(), never
    ),
    "PyTreeRegistry.is_node": lambda lw: [
        lw.default_registry.is_node(kind) for kind in (list, int, Fields)
    ],
    "PyTreeRegistry.parent": lambda lw: lw.none_leaf_registry.parent,
}
