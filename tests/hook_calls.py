"""Calls of all public functions that run user code, each with trees in which it is everywhere.

The name of a call is that of the function, and behind a comma what is special.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from typing import Any

from harms import Call, Given
from hook_trees import NUM_LEAVES, make_iterables
from hooks import (
    Function,
    Mortal,
    Noisy,
    NoisyType,
    add,
    giving,
    is_leaf,
    is_leaf_by_path,
    mapped,
    mapped_with_path,
    same,
    tick,
)


def structure(given: Given) -> Any:
    return given.lw.tree_structure(given.tree, registry=given.registry)


def mismatching(given: Given, child: Any = ()) -> Any:
    """The other tree, having another first child.

    No slice of it: CPython crashes when the collector runs in the middle of making one, and
    empties the list.
    """
    given.other[0] = dict(child)
    return given.other


def paths(given: Given, tree: Any) -> list[Any]:
    pairs = given.lw.tree_leaves_with_path(tree, registry=given.registry)
    return [path for path, _ in pairs]


def walking(given: Given) -> Iterator[Any]:
    walk = given.lw.tree_iter(given.tree, is_leaf, registry=given.registry)
    given.walks = [walk]
    return walk


def let_go(thing: Any) -> None:
    """Have the last reference to it taken away within the call."""
    things = [thing]
    del thing
    things.clear()


FLATTENING: dict[str, Call] = {
    "tree_flatten": lambda g: g.lw.tree_flatten(g.tree, registry=g.registry),
    "tree_flatten, is_leaf": lambda g: g.lw.tree_flatten(g.tree, is_leaf, registry=g.registry),
    "tree_leaves": lambda g: g.lw.tree_leaves(g.tree, registry=g.registry),
    "tree_structure": structure,
    "tree_structure, let go": lambda g: let_go(structure(g)),
    "tree_flatten_with_path": lambda g: g.lw.tree_flatten_with_path(
        g.tree, is_leaf, registry=g.registry
    ),
    "tree_leaves_with_path": lambda g: g.lw.tree_leaves_with_path(g.tree, registry=g.registry),
    "generate_key_paths": lambda g: g.lw.generate_key_paths(
        g.tree, is_leaf_by_path, True, registry=g.registry
    ),
    "tree_iter": lambda g: list(walking(g)),
    "tree_iter, let go": lambda g: next(g.lw.tree_iter(g.tree, registry=g.registry), None),
    "all_leaves": lambda g: g.lw.all_leaves(giving([1, 2, Noisy("3")]), registry=g.registry),
    "all_leaves, is_leaf": lambda g: g.lw.all_leaves(giving(g.tree), is_leaf, registry=g.registry),
    "flatten_one_level": lambda g: [
        (list(children), data)
        for node in [g.tree, *[g.tree[number] for number in range(4)]]
        for children, data in [g.lw.flatten_one_level(node, registry=g.registry)]
    ],
    "flatten_one_level_with_keys": lambda g: [
        (list(pairs), data)
        for node in [g.tree, *[g.tree[number] for number in range(4)]]
        for pairs, data in [g.lw.flatten_one_level_with_keys(node, registry=g.registry)]
    ],
}

MAPPING: dict[str, Call] = {
    "tree_map": lambda g: g.lw.tree_map(mapped, g.tree, g.other, registry=g.registry),
    "tree_map, is_leaf": lambda g: g.lw.tree_map(
        mapped, g.tree, is_leaf=is_leaf, registry=g.registry
    ),
    "tree_map, mismatch": lambda g: g.lw.tree_map(
        mapped, g.tree, mismatching(g), registry=g.registry
    ),
    "tree_map_with_path": lambda g: g.lw.tree_map_with_path(
        mapped_with_path, g.tree, is_leaf=is_leaf, registry=g.registry
    ),
    "tree_transpose": lambda g: g.lw.tree_transpose(
        g.lw.tree_structure((0, 0), registry=g.registry),
        g.treedef,
        (g.tree, g.other),
        registry=g.registry,
    ),
    "tree_transpose, mismatch": lambda g: g.lw.tree_transpose(
        g.treedef,
        g.lw.tree_structure((0, 0), registry=g.registry),
        g.tree,
        registry=g.registry,
    ),
    "tree_reduce": lambda g: g.lw.tree_reduce(add, g.tree, registry=g.registry),
    "tree_reduce_associative": lambda g: g.lw.tree_reduce_associative(
        add, g.tree, is_leaf=is_leaf, registry=g.registry
    ),
    "tree_all": lambda g: g.lw.tree_all(g.tree, registry=g.registry),
    "tree_any": lambda g: g.lw.tree_any(g.tree, is_leaf=is_leaf, registry=g.registry),
    "tree_broadcast": lambda g: g.lw.tree_broadcast(g.tree, g.other, is_leaf, registry=g.registry),
    "broadcast_prefix": lambda g: g.lw.broadcast_prefix(g.tree, g.other, registry=g.registry),
    "broadcast_prefix, mismatch": lambda g: g.lw.broadcast_prefix(
        g.tree, mismatching(g), registry=g.registry
    ),
    "broadcast_flattened_prefix_with_treedef": lambda g: (
        g.lw.broadcast_flattened_prefix_with_treedef(
            giving(range(NUM_LEAVES)), g.treedef, structure(g)
        )
    ),
    "broadcast_flattened_prefix_with_treedef, mismatch": lambda g: (
        g.lw.broadcast_flattened_prefix_with_treedef(
            range(NUM_LEAVES), g.treedef, g.lw.tree_structure(mismatching(g), registry=g.registry)
        )
    ),
}

COMPARING: dict[str, Call] = {
    "prefix_errors": lambda g: [
        str(error("x")) for error in g.lw.prefix_errors(g.tree, mismatching(g), registry=g.registry)
    ],
    "equality_errors": lambda g: [
        str(error) for error in g.lw.equality_errors(g.tree, mismatching(g), registry=g.registry)
    ],
    "equality_errors_pytreedef": lambda g: [
        str(error)
        for error in g.lw.equality_errors_pytreedef(
            g.treedef,
            g.lw.tree_structure(mismatching(g), registry=g.registry),
            registry=g.registry,
        )
    ],
    "tree_diff": lambda g: str(
        g.lw.tree_diff(g.tree, mismatching(g, [(Noisy("b"), 1)]), compare=same, registry=g.registry)
    ),
    "keystr": lambda g: [g.lw.keystr(path) for path in paths(g, g.tree)],
    "DictKey, ==": lambda g: paths(g, g.tree) == paths(g, g.other),
    "DictKey, hash": lambda g: len(set(paths(g, g.tree) + paths(g, g.other))),
}

TREEDEFS: dict[str, Call] = {
    "tree_unflatten": lambda g: g.lw.tree_unflatten(g.treedef, giving(range(NUM_LEAVES))),
    "treedef_tuple": lambda g: g.lw.treedef_tuple(giving([g.treedef, structure(g)])),
    "PyTreeDef.unflatten": lambda g: g.treedef.unflatten(giving([g.other[0]] * NUM_LEAVES)),
    "PyTreeDef.unflatten, let go": lambda g: let_go(structure(g).unflatten(range(NUM_LEAVES))),
    "PyTreeDef.unflatten, too few": lambda g: g.treedef.unflatten(
        giving([Noisy(f"{number}") for number in range(NUM_LEAVES - 1)])
    ),
    "PyTreeDef.flatten_up_to": lambda g: g.treedef.flatten_up_to(g.tree),
    "PyTreeDef.flatten_up_to, mismatch": lambda g: g.treedef.flatten_up_to(mismatching(g)),
    "PyTreeDef.walk": lambda g: g.treedef.walk(mapped, mapped, giving(range(NUM_LEAVES))),
    "PyTreeDef.compose": lambda g: g.lw.tree_structure((0, 0), registry=g.registry).compose(
        structure(g)
    ),
    "PyTreeDef.__eq__": lambda g: g.treedef == structure(g),
    "PyTreeDef.__hash__": lambda g: hash(g.treedef) == hash(structure(g)),
    "PyTreeDef.__repr__": lambda g: repr(g.treedef),
    "PyTreeDef.__reduce__": lambda g: len(pickle.dumps(g.treedef)),
    "PyTreeDef.__reduce__, loads": lambda g: pickle.loads(pickle.dumps(g.treedef)),
    "PyTreeDef.__copy__": lambda g: copy.copy(structure(g)) == g.treedef,
    "PyTreeDef.__deepcopy__": lambda g: copy.deepcopy(structure(g)) == g.treedef,
}

# The reference does not say what these do.
OF_THE_CORE_ALONE: dict[str, Call] = {
    "PyTreeDef.from_iterable_tree": lambda g: g.treedef.from_iterable_tree(make_iterables()),
    "PyTreeDef.from_node_data_and_children": lambda g: [
        g.lw.PyTreeDef.from_node_data_and_children(
            g.registry, node.node_data(), giving(node.children())
        )
        for node in g.treedef.children()
    ],
    "PyTreeRegistry.flatten": lambda g: g.registry.flatten(g.tree, is_leaf),
    "PyTreeRegistry.flatten_with_path": lambda g: g.registry.flatten_with_path(
        g.tree, is_leaf_by_path
    ),
    "PyTreeRegistry.flatten_one_level": lambda g: list(g.registry.flatten_one_level(g.tree[1])[0]),
    "PyTreeRegistry.flatten_one_level_with_keys": lambda g: list(
        g.registry.flatten_one_level_with_keys(g.tree[1])[0]
    ),
}


def registering(register: Callable[[Given, Any], object]) -> Call:
    """Make a class, register it, take objects of it apart, and forget the class."""

    def call(given: Given) -> Any:
        cls = fresh_class()
        register(given, cls)
        nodes = [cls(Noisy("x"), Noisy("label")) for _ in range(2)]
        leaves, treedef = given.lw.tree_flatten(nodes[:1], registry=given.registry)
        rebuilt = treedef.unflatten(leaves)
        equal = treedef == given.lw.tree_structure(nodes[1:], registry=given.registry)
        given.lw.unregister_pytree_node(cls, registry=given.registry)
        return leaves, rebuilt, equal, given.lw.is_tree_node(cls, registry=given.registry)

    return call


def fresh_class() -> Any:
    """A class that user code hashes, compares and shows, and that can be registered in any way."""

    def __init__(self: Any, x: Any, label: Any) -> None:  # noqa: N807
        self.x, self.label = x, label

    def unflatten(cls: Any, label: Any, children: Any) -> Any:
        tick()
        return cls(*children, label)

    members = {
        "__init__": __init__,
        "__eq__": lambda self, other: vars(self) == vars(other),
        "__hash__": lambda self: hash(self.label),
        "__module__": __name__,
        "tree_flatten": lambda self: (giving([self.x]), self.label),
        "tree_flatten_with_keys": lambda self: (giving([("x", self.x)]), self.label),
        "tree_unflatten": classmethod(unflatten),
    }
    return NoisyType("Fresh", (Mortal,), members)


def functions_of(cls: Any) -> list[Function]:
    """Functions that die when the class is forgotten."""
    return [Function(cls.tree_flatten), Function(cls.tree_unflatten)]


def register_annotated(given: Given, cls: Any) -> None:
    del cls.__init__
    cls.__annotations__ = {"x": object, "label": object}
    cls.label = given.lw.field(static=True)
    given.lw.dataclass(cls, registry=given.registry, eq=False)


REGISTERING: dict[str, Call] = {
    "register_pytree_node": registering(
        lambda g, cls: g.lw.register_pytree_node(cls, *functions_of(cls), registry=g.registry)
    ),
    "register_pytree_with_keys": registering(
        lambda g, cls: g.lw.register_pytree_with_keys(
            cls,
            Function(cls.tree_flatten_with_keys),
            Function(cls.tree_unflatten),
            registry=g.registry,
        )
    ),
    "register_pytree_node_class": registering(
        lambda g, cls: g.lw.register_pytree_node_class(cls, subclasses=True, registry=g.registry)
    ),
    "register_pytree_with_keys_class": registering(
        lambda g, cls: g.lw.register_pytree_with_keys_class(cls, registry=g.registry)
    ),
    "register_dataclass": registering(
        lambda g, cls: g.lw.register_dataclass(
            cls, giving(["x"]), giving(["label"]), registry=g.registry
        )
    ),
    "register_fields": registering(
        lambda g, cls: g.lw.register_fields(
            cls, giving(["x"]), giving(["label"]), construct="new", registry=g.registry
        )
    ),
    "register_static": registering(lambda g, cls: g.lw.register_static(cls, registry=g.registry)),
    "dataclass": registering(register_annotated),
    "PyTreeRegistry.register_node": registering(
        lambda g, cls: g.registry.register_node(cls, *functions_of(cls), subclasses=True)
    ),
    "PyTreeRegistry.register_dataclass_node": registering(
        lambda g, cls: g.registry.register_dataclass_node(
            cls, giving(["x"]), giving(["label"]), order=giving(["x", "label"])
        )
    ),
}

CALLS = {**FLATTENING, **MAPPING, **COMPARING, **TREEDEFS, **OF_THE_CORE_ALONE, **REGISTERING}
# If a hook raises while these explain a mismatch, the mismatch is what they tell of.
EXPLAINING = [name for name in CALLS if name.endswith(", mismatch")]
# Keys that cannot be compared, hashed or shown do not keep these from telling how trees differ.
FORGIVING = ["prefix_errors", "equality_errors", "equality_errors_pytreedef", "tree_diff"]
