"""Calls that raise an error: at least one of every public name, and each kind of error.

A name up to the first comma says what is called; tests/test_leaks_completeness.py wants one for
every name. What goes wrong when classes are registered, or while their functions run, is in
failing_nodes.py.
"""

from __future__ import annotations

import operator
import pickle
from collections import defaultdict
from typing import Any

from failing_nodes import FAILURES_OF_NODES
from forging import MALFORMED_PROTOS
from leak_trees import AUX, LEAF, Bad, Case, Unhashable, fail, fail_at, late_error, tree
from nodes import Constant, Plain
from successful_calls import flatten_util, ravel, structure


def step_inside_of_a_step(lw: Any) -> None:
    leaves = lw.tree_iter(tree(), lambda node: next(leaves))
    list(leaves)


def flat(lw: Any, children: Any) -> Any:
    return lw.tree_structure(Plain(children, Bad()))


def restore(lw: Any, change: Any) -> None:
    """Restore a treedef of a state in which something is not as it should be."""
    function, (registry, state) = structure(lw).__reduce__()
    function(registry, change(tuple(state)))


def from_parts(lw: Any, node_data: Any, children: Any) -> None:
    lw.PyTreeDef.from_node_data_and_children(lw.default_registry, node_data, children)


def read_proto(lw: Any, data: Any) -> None:
    lw.PyTreeDef.deserialize_using_proto(lw.default_registry, data)


class LosesItsHash:
    def __init__(self) -> None:
        self.is_lost = False

    def __hash__(self) -> int:
        return fail() if self.is_lost else 1


def of_a_key_that_has_lost_its_hash(lw: Any) -> Any:
    key = LosesItsHash()
    treedef = lw.tree_structure([tree(), {key: LEAF}])
    key.is_lost = True
    return treedef


def with_node(change: Any) -> Any:
    """Change one node in a state, that of the first dict."""
    return lambda state: (*state[:2], change(*state[2]), *state[3:])


# How the state of a treedef, a tuple of nodes, is changed. Of a node it has the kind, the number of
# children, data, and a class.
MALFORMED_STATES: dict[str, Any] = {
    "nothing": lambda state: None,
    "no node at all": lambda state: (),
    "too short": lambda state: state[:-1],
    "too long": lambda state: (*state, state[1]),
    "late error": lambda state: late_error(),
    "no node": with_node(lambda *node: 5),
    "a short node": with_node(lambda *node: node[:2]),
    "a long node": with_node(lambda *node: (*node, 1)),
    "no such kind": with_node(lambda kind, *rest: (77, *rest)),
    "an odd kind": with_node(lambda kind, *rest: (Bad(), *rest)),
    "an odd number": with_node(lambda kind, number, *rest: (kind, "a", *rest)),
    "a negative number": with_node(lambda kind, number, *rest: (kind, -1, *rest)),
    "a large number": with_node(lambda kind, number, *rest: (kind, 2**40, *rest)),
    "odd data": with_node(lambda kind, number, data, cls: (kind, number, Unhashable(), cls)),
    "odd keys": with_node(
        lambda kind, number, data, cls: (kind, number, (Unhashable(), Unhashable()), cls)
    ),
    "an unknown class": lambda state: tuple(
        (*node[:3], Bad) if node[3] is Plain else node for node in state
    ),
}

FAILURES: dict[str, Case] = {
    "DictKey": lambda lw: lw.DictKey(),
    "DictKey, hash": lambda lw: hash(lw.DictKey(Unhashable())),
    "DictKey, ==": lambda lw: lw.DictKey(Bad()) == lw.DictKey(Bad()),
    "DictKey, repr": lambda lw: repr(lw.DictKey(Bad())),
    "FlattenedIndexKey": lambda lw: lw.FlattenedIndexKey([]),
    "GetAttrKey": lambda lw: lw.GetAttrKey(3),
    "SequenceKey": lambda lw: lw.SequenceKey("a"),
    "SequenceKey, too large": lambda lw: lw.SequenceKey(2**100),
    "Partial": lambda lw: lw.Partial(LEAF),
    "Partial, call": lambda lw: lw.Partial(fail, AUX)(LEAF),
    "Partial, in a tree": lambda lw: lw.tree_map(fail, lw.Partial(fail, AUX, key=LEAF)),
    "PyTreeMismatchError": lambda lw: lw.PyTreeMismatchError(),
    "PyTreeMismatchTypeError": lambda lw: lw.PyTreeMismatchTypeError(),
    "TreeDiff": lambda lw: lw.TreeDiff(late_error()),
    "TreeDiff, repr": lambda lw: repr(lw.TreeDiff([lw.TreeDifference((), "a", "b"), Bad()])),
    "TreeDifference": lambda lw: lw.TreeDifference(),
    "all_leaves": lambda lw: lw.all_leaves(late_error(), is_leaf=lambda node: False),
    "broadcast_flattened_prefix_with_treedef": lambda lw: (
        lw.broadcast_flattened_prefix_with_treedef(
            [LEAF] * 2, lw.tree_structure([0, [0]]), lw.tree_structure([0, (0,)])
        )
    ),
    "broadcast_flattened_prefix_with_treedef, leaves": lambda lw: (
        lw.broadcast_flattened_prefix_with_treedef([LEAF] * 3, structure(lw), structure(lw))
    ),
    "broadcast_prefix": lambda lw: lw.broadcast_prefix([tree(), [1]], [tree(), (1,)]),
    "broadcast_prefix, is_leaf": lambda lw: lw.broadcast_prefix(tree(), tree(), fail_at(12)),
    "equality_errors": lambda lw: list(lw.equality_errors(tree(), tree(), fail_at(12))),
    "equality_errors, metadata": lambda lw: list(
        lw.equality_errors([tree(), Plain([1], Bad())], [tree(), Plain([1], Bad())])
    ),
    "equality_errors_pytreedef": lambda lw: list(
        lw.equality_errors_pytreedef(flat(lw, [1]), flat(lw, [1]))
    ),
    "field": lambda lw: lw.field(odd=1),
    "flatten_one_level": lambda lw: lw.flatten_one_level(LEAF),
    "flatten_one_level_with_keys": lambda lw: lw.flatten_one_level_with_keys(LEAF),
    "generate_key_paths": lambda lw: lw.generate_key_paths(tree(), fail_at(12)),
    "is_tree_node": lambda lw: lw.is_tree_node(list, registry=3),
    "keystr": lambda lw: lw.keystr([lw.DictKey("a"), lw.DictKey(Bad())]),
    "keystr, no path": lambda lw: lw.keystr(3),
    "keystr, late error": lambda lw: lw.keystr(late_error()),
    "keystr, simple": lambda lw: lw.keystr([1, lw.DictKey(Bad())], simple=True),
    "keystr, separator": lambda lw: lw.keystr([lw.DictKey(1)], separator=3),
    "prefix_errors": lambda lw: lw.prefix_errors(tree(), tree(), fail_at(12)),
    "prefix_errors, metadata": lambda lw: lw.prefix_errors(
        [tree(), Plain([1], Bad())], [tree(), Plain([1], Bad())]
    ),
    "tree_all": lambda lw: lw.tree_all([tree(), Bad(), {Bad(): 1, Bad(): 2}]),
    "tree_any": lambda lw: lw.tree_any([0, [(), [0]], "", [""]], is_leaf=fail_at(6)),
    "tree_broadcast": lambda lw: lw.tree_broadcast([tree(), [1]], [tree(), 2]),
    "tree_diff": lambda lw: lw.tree_diff(tree(), tree(), fail_at(12)),
    "tree_diff, compare": lambda lw: lw.tree_diff(tree(), tree(), compare=fail_at(7)),
    "tree_flatten": lambda lw: lw.tree_flatten(tree(), is_leaf=fail),
    "tree_flatten, is_leaf late": lambda lw: lw.tree_flatten(tree(), is_leaf=fail_at(12)),
    "tree_flatten, is_leaf answer": lambda lw: lw.tree_flatten(tree(), is_leaf=lambda node: 1),
    "tree_flatten, is_leaf type": lambda lw: lw.tree_flatten(tree(), is_leaf=3),
    "tree_flatten, registry": lambda lw: lw.tree_flatten(tree(), registry=3),
    "tree_flatten, dict keys": lambda lw: lw.tree_flatten([tree(), {Bad(): 1, Bad(): 2}]),
    "tree_flatten, defaultdict keys": lambda lw: lw.tree_flatten(
        [tree(), defaultdict(int, {Bad(): 1, Bad(): 2})]
    ),
    "tree_flatten, iterator": lambda lw: lw.tree_flatten([tree(), iter([1])]),
    "tree_flatten_with_path": lambda lw: lw.tree_flatten_with_path(tree(), is_leaf=fail_at(12)),
    "tree_flatten_with_path, path": lambda lw: lw.tree_flatten_with_path(tree(), fail_at(12), True),
    "tree_flatten_with_path, fields": lambda lw: lw.tree_flatten_with_path(
        [tree(), type("Fake", (tuple,), {"_fields": 3})((1, 2))]
    ),
    "tree_iter": lambda lw: list(lw.tree_iter(tree(), is_leaf=fail_at(12))),
    "tree_iter, iterator": lambda lw: list(lw.tree_iter([tree(), iter([1])])),
    "tree_iter, stop": lambda lw: list(lw.tree_iter(tree(), lambda node: next(iter(())))),
    "tree_iter, again": step_inside_of_a_step,
    "tree_iter, argument": lambda lw: lw.tree_iter(tree(), 3),
    "tree_leaves": lambda lw: lw.tree_leaves(tree(), fail_at(12)),
    "tree_leaves_with_path": lambda lw: lw.tree_leaves_with_path([tree(), {1: LEAF, "a": 1}]),
    "tree_map": lambda lw: lw.tree_map(fail, tree()),
    "tree_map, late": lambda lw: lw.tree_map(fail_at(5), tree(), tree()),
    "tree_map, stop": lambda lw: lw.tree_map(lambda x: next(iter(())), tree()),
    "tree_map, mismatch": lambda lw: lw.tree_map(max, tree(), [*tree()[:-1], Constant(12)]),
    "tree_map_with_path": lambda lw: lw.tree_map_with_path(max, [tree()], [[]]),
    "tree_map_with_path, late": lambda lw: lw.tree_map_with_path(fail_at(5), tree(), tree()),
    "tree_reduce": lambda lw: lw.tree_reduce(operator.add, []),
    "tree_reduce, late": lambda lw: lw.tree_reduce(fail_at(4), tree(), LEAF),
    "tree_reduce_associative": lambda lw: lw.tree_reduce_associative(operator.add, []),
    "tree_reduce_associative, late": lambda lw: lw.tree_reduce_associative(fail_at(4), tree()),
    "tree_structure": lambda lw: lw.tree_structure(tree(), fail_at(9)),
    "tree_transpose": lambda lw: lw.tree_transpose(structure(lw), lw.tree_structure([0]), [1]),
    "tree_transpose, inner": lambda lw: lw.tree_transpose(
        lw.tree_structure([0, 0]), None, [{"a": LEAF}, {"b": 2, "c": 3}]
    ),
    "tree_unflatten": lambda lw: lw.tree_unflatten(3, [LEAF]),
    "treedef_children": lambda lw: lw.treedef_children(LEAF),
    "treedef_is_leaf": lambda lw: lw.treedef_is_leaf(LEAF),
    "treedef_is_strict_leaf": lambda lw: lw.treedef_is_strict_leaf(LEAF),
    "treedef_tuple": lambda lw: lw.treedef_tuple([structure(lw), 3]),
    "treedef_tuple, late": lambda lw: lw.treedef_tuple(late_error()),
    "tree.static": lambda lw: lw.tree.static(odd=1),
    "flatten_util.ravel_pytree": lambda lw: flatten_util().ravel_pytree([1.0, tree()]),
    "flatten_util.ravel_pytree, too large": lambda lw: flatten_util().ravel_pytree([1, 2**100]),
    "flatten_util.Unravel": lambda lw: ravel()[1](ravel()[0][1:]),
    "flatten_util.Unravel, no array": lambda lw: ravel()[1](LEAF),
    "PyTreeDef": lambda lw: lw.PyTreeDef(),
    "PyTreeDef.children": lambda lw: lw.PyTreeDef.children(LEAF),
    "PyTreeDef.compose": lambda lw: structure(lw).compose(
        lw.tree_structure(tree(), registry=lw.PyTreeRegistry())
    ),
    "PyTreeDef.flatten_up_to": lambda lw: lw.tree_structure([*tree(), [1]]).flatten_up_to(
        [*tree(), (1,)]
    ),
    "PyTreeDef.flatten_up_to, keys": lambda lw: lw.tree_structure({"a": 1}).flatten_up_to(
        {"b": tree()}
    ),
    "PyTreeDef.flatten_up_to, aux": lambda lw: flat(lw, [1]).flatten_up_to(Plain([1], Bad())),
    "PyTreeDef.flatten_up_to, sort": lambda lw: lw.tree_structure({1: 1}).flatten_up_to(
        {Bad(): 1, Bad(): 2}
    ),
    "PyTreeDef.from_iterable_tree": lambda lw: lw.tree_structure(
        [[1, 2], Plain([3], AUX)]
    ).from_iterable_tree([[LEAF, 2], [3, 4]]),
    "PyTreeDef.from_iterable_tree, late": lambda lw: lw.tree_structure(
        [LEAF] * 9
    ).from_iterable_tree(late_error()),
    "PyTreeDef.from_iterable_tree, no iterable": lambda lw: structure(lw).from_iterable_tree(LEAF),
    "PyTreeDef.from_node_data_and_children": lambda lw: from_parts(lw, (list, 5), [structure(lw)]),
    "PyTreeDef.from_node_data_and_children, type": lambda lw: from_parts(lw, (Bad, None), []),
    "PyTreeDef.from_node_data_and_children, data": lambda lw: from_parts(lw, LEAF, []),
    "PyTreeDef.from_node_data_and_children, late": lambda lw: from_parts(
        lw, (list, None), late_error()
    ),
    "PyTreeDef.from_node_data_and_children, child": lambda lw: from_parts(
        lw, (list, None), [structure(lw), LEAF]
    ),
    "PyTreeDef.from_node_data_and_children, keys": lambda lw: from_parts(
        lw, (dict, ["b", "a"]), [structure(lw)] * 2
    ),
    "PyTreeDef.from_node_data_and_children, odd keys": lambda lw: from_parts(
        lw, (dict, [Unhashable(), Unhashable()]), [structure(lw)] * 2
    ),
    "PyTreeDef.node_data": lambda lw: lw.PyTreeDef.node_data(LEAF),
    "PyTreeDef.serialize_using_proto": lambda lw: lw.tree_structure(
        [1, {"a": Plain([LEAF], AUX)}]
    ).serialize_using_proto(),
    "PyTreeDef.serialize_using_proto, key": lambda lw: lw.tree_structure(
        [1, {"a": {1: LEAF}}]
    ).serialize_using_proto(),
    "PyTreeDef.serialize_using_proto, surrogate": lambda lw: lw.tree_structure(
        [1, {"a": {"\ud800": LEAF}}]
    ).serialize_using_proto(),
    "PyTreeDef.unflatten": lambda lw: structure(lw).unflatten([1, 2]),
    "PyTreeDef.unflatten, many": lambda lw: structure(lw).unflatten(range(100)),
    "PyTreeDef.unflatten, late": lambda lw: structure(lw).unflatten(late_error()),
    "PyTreeDef.unflatten, no leaves": lambda lw: structure(lw).unflatten(None),
    "PyTreeDef.walk": lambda lw: structure(lw).walk(fail_at(4), None, range(12)),
    "PyTreeDef.walk, leaves": lambda lw: structure(lw).walk(fail, fail_at(4), range(12)),
    "PyTreeDef.walk, few": lambda lw: structure(lw).walk(max, None, [LEAF]),
    "PyTreeDef.walk, many": lambda lw: structure(lw).walk(lambda *a: a, None, range(100)),
    "PyTreeDef, ==": lambda lw: flat(lw, [1]) == flat(lw, [1]),
    "PyTreeDef, <": lambda lw: structure(lw) < structure(lw),
    "PyTreeDef, hash": lambda lw: hash(of_a_key_that_has_lost_its_hash(lw)),
    "PyTreeDef, repr": lambda lw: repr(lw.tree_structure([tree(), Plain([1], Bad())])),
    "PyTreeDef, pickle": lambda lw: pickle.dumps(
        lw.tree_structure(tree(), registry=lw.PyTreeRegistry())
    ),
    "PyTreeDef, pickle of a key": lambda lw: pickle.dumps(
        lw.tree_structure([tree(), {(lambda: 0): [LEAF]}])
    ),
    "PyTreeRegistry": lambda lw: lw.PyTreeRegistry(parent=lw.default_registry, enable_none=0),
    "PyTreeRegistry, parent": lambda lw: lw.PyTreeRegistry(parent=LEAF),
    "PyTreeRegistry, pickle": lambda lw: pickle.dumps(lw.PyTreeRegistry()),
    "PyTreeRegistry.flatten": lambda lw: lw.default_registry.flatten(tree(), fail_at(12)),
    "PyTreeRegistry.flatten_one_level": lambda lw: lw.default_registry.flatten_one_level(
        {Bad(): 1, Bad(): 2}
    ),
    "PyTreeRegistry.flatten_one_level_with_keys": lambda lw: (
        lw.default_registry.flatten_one_level_with_keys({Bad(): 1, Bad(): 2})
    ),
    "PyTreeRegistry.flatten_with_path": lambda lw: lw.default_registry.flatten_with_path(
        tree(), fail_at(12)
    ),
    "PyTreeRegistry.is_node": lambda lw: lw.default_registry.is_node(),
    "PyTreeRegistry.parent": lambda lw: setattr(lw.default_registry, "parent", LEAF),
    **{
        f"PyTreeDef, restored: {name}": lambda lw, change=change: restore(lw, change)
        for name, change in MALFORMED_STATES.items()
    },
    **{
        f"PyTreeDef.deserialize_using_proto, {name}": lambda lw, data=data: read_proto(lw, data)
        for name, data in {**MALFORMED_PROTOS, "text": "text", "nothing": None}.items()
    },
    **FAILURES_OF_NODES,
}
