"""What goes wrong when classes are registered, or while their functions run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from leak_trees import AUX, LEAF, NAME, Bad, Case, fail, late_error, odd_registry, tree
from nodes import Fields, Keyed, Methods, Plain, Record

# What a flatten function may give by mistake, and one with keys.
ODD_RESULTS: dict[str, Callable[[], Any]] = {
    "nothing": lambda: None,
    "no pair": lambda: LEAF,
    "one item": lambda: ([LEAF],),
    "three items": lambda: ([LEAF], AUX, AUX),
    "no children": lambda: (LEAF, AUX),
    "children that fail late": lambda: (late_error(), AUX),
}
ODD_KEYS: dict[str, Callable[[], Any]] = {
    **ODD_RESULTS,
    "a child without a key": lambda: ([("k", LEAF), LEAF], AUX),
    "a key without a child": lambda: ([("k", LEAF), ("k",)], AUX),
    "a key and two children": lambda: ([("k", LEAF), ("k", LEAF, LEAF)], AUX),
}


def nodes() -> Any:
    return [tree(), Plain([LEAF], AUX)]


def odd(lw: Any, result: Callable[[], Any]) -> Any:
    return odd_registry(lw, result())


def raising(lw: Any, register: Any) -> Any:
    registry = lw.PyTreeRegistry()
    register(Plain, fail, fail, registry=registry)
    return registry


def wrongly_named(lw: Any, names: Any) -> Any:
    registry = lw.PyTreeRegistry()
    lw.register_fields(Plain, names, registry=registry)
    return registry


def with_a_constructor_that_fails(lw: Any) -> Any:
    """The class is called with the names of its fields, which it does not take."""
    registry = lw.PyTreeRegistry()
    registry.register_dataclass_node(Plain, ["children"], ["name", "missing"])
    return registry


def rebuilt(lw: Any, unflatten: Any) -> Any:
    registry = odd_registry(lw, ([LEAF], AUX), unflatten)
    return lw.tree_map(lambda x: x, nodes(), registry=registry)


def compare_static(lw: Any) -> bool:
    registry = lw.PyTreeRegistry()
    lw.register_static(Bad, registry=registry)
    one, other = (lw.tree_structure([tree(), Bad()], registry=registry) for _ in range(2))
    return bool(one == other)


class NoMethods:
    pass


class LateMethods:
    """Its methods are looked up when they are needed."""

    tree_unflatten = fail


def late_methods(lw: Any, register: Any) -> Any:
    registry = lw.PyTreeRegistry()
    register(LateMethods, registry=registry)
    lw.tree_leaves([tree(), LateMethods()], registry=registry)


FAILURES_OF_NODES: dict[str, Case] = {
    "register_pytree_node": lambda lw: lw.register_pytree_node(Plain, fail, fail),
    "register_pytree_node, no class": lambda lw: lw.register_pytree_node(LEAF, fail, fail),
    "register_pytree_node, no function": lambda lw: lw.register_pytree_node(NoMethods, LEAF, fail),
    "register_pytree_node, no keys": lambda lw: lw.register_pytree_node(
        NoMethods, fail, fail, LEAF
    ),
    "register_pytree_node, registry": lambda lw: lw.register_pytree_node(
        NoMethods, fail, fail, registry=LEAF
    ),
    "register_pytree_node, subclasses": lambda lw: lw.register_pytree_node(
        NoMethods, fail, fail, subclasses=LEAF
    ),
    "register_pytree_node, raising": lambda lw: lw.tree_leaves(
        nodes(), registry=raising(lw, lw.register_pytree_node)
    ),
    "register_pytree_with_keys": lambda lw: lw.register_pytree_with_keys(Keyed, fail, fail),
    "register_pytree_with_keys, raising": lambda lw: lw.tree_leaves_with_path(
        nodes(), registry=raising(lw, lw.register_pytree_with_keys)
    ),
    "register_pytree_with_keys, raising without": lambda lw: lw.tree_leaves(
        nodes(), registry=raising(lw, lw.register_pytree_with_keys)
    ),
    "register_pytree_node_class": lambda lw: lw.register_pytree_node_class(NoMethods),
    "register_pytree_node_class, twice": lambda lw: lw.register_pytree_node_class(Methods),
    "register_pytree_node_class, late": lambda lw: late_methods(lw, lw.register_pytree_node_class),
    "register_pytree_with_keys_class": lambda lw: lw.register_pytree_with_keys_class(NoMethods),
    "register_pytree_with_keys_class, late": lambda lw: late_methods(
        lw, lw.register_pytree_with_keys_class
    ),
    "register_static": lambda lw: lw.register_static(LEAF),
    "register_static, ==": compare_static,
    "register_dataclass": lambda lw: lw.register_dataclass(NoMethods, ["a"], ["a", "b"]),
    "register_dataclass, half": lambda lw: lw.register_dataclass(NoMethods, ["a"]),
    "register_dataclass, no fields": lambda lw: lw.register_dataclass(NoMethods),
    "register_dataclass, other fields": lambda lw: lw.register_dataclass(Record, ["a"], ["b"]),
    "register_dataclass, twice": lambda lw: lw.register_dataclass(Record),
    "register_dataclass, construct": lambda lw: lw.register_dataclass(
        NoMethods, ["a"], [], construct=LEAF
    ),
    "register_dataclass, late names": lambda lw: lw.register_dataclass(NoMethods, late_error(), []),
    "register_dataclass, constructor": lambda lw: lw.tree_map(
        lambda x: x, nodes(), registry=with_a_constructor_that_fails(lw)
    ),
    "register_fields": lambda lw: lw.register_fields(Fields, ["left"]),
    "register_fields, no names": lambda lw: lw.register_fields(NoMethods, "name"),
    "register_fields, no text": lambda lw: lw.register_fields(NoMethods, [LEAF, NAME]),
    "register_fields, again": lambda lw: lw.register_fields(NoMethods, ["a", "b"], ["a"]),
    "register_fields, missing": lambda lw: lw.tree_leaves(
        nodes(), registry=wrongly_named(lw, ["children", "missing"])
    ),
    "register_fields, missing in a path": lambda lw: lw.tree_leaves_with_path(
        nodes(), registry=wrongly_named(lw, ["children", "missing"])
    ),
    "register_fields, constructor": lambda lw: lw.tree_map(
        lambda x: x, nodes(), registry=wrongly_named(lw, ["name"])
    ),
    "register_attrs": lambda lw: lw.register_attrs(NoMethods),
    "dataclass": lambda lw: lw.dataclass(odd=1)(NoMethods),
    "dataclass, construct": lambda lw: lw.dataclass(type("Kind", (), {}), construct="odd"),
    "unregister_pytree_node": lambda lw: lw.unregister_pytree_node(NoMethods),
    "unregister_pytree_node, built in": lambda lw: lw.unregister_pytree_node(list),
    "PyTreeRegistry.register_node": lambda lw: lw.default_registry.register_node(Plain, fail, fail),
    "PyTreeRegistry.register_dataclass_node": lambda lw: (
        lw.default_registry.register_dataclass_node(NoMethods, ["a"], [LEAF])
    ),
    "PyTreeRegistry.unregister_node": lambda lw: lw.default_registry.unregister_node(LEAF),
    "tree_unflatten, function": lambda lw: rebuilt(lw, fail),
    "PyTreeDef.flatten_up_to, function": lambda lw: flatten_up_to_a_node_that_fails(lw),
    **{
        f"tree_flatten, flatten gives {name}": lambda lw, result=result: lw.tree_flatten(
            nodes(), registry=odd(lw, result)
        )
        for name, result in ODD_RESULTS.items()
    },
    **{
        f"tree_iter, flatten gives {name}": lambda lw, result=result: list(
            lw.tree_iter(nodes(), registry=odd(lw, result))
        )
        for name, result in ODD_RESULTS.items()
    },
    **{
        f"tree_flatten_with_path, keys: {name}": lambda lw, result=result: (
            lw.tree_flatten_with_path(nodes(), registry=odd(lw, result))
        )
        for name, result in ODD_KEYS.items()
    },
    **{
        f"flatten_one_level, flatten gives {name}": lambda lw, result=result: lw.flatten_one_level(
            nodes()[1], registry=odd(lw, result)
        )
        for name, result in ODD_RESULTS.items()
        if name != "children that fail late"  # they are for the caller to take
    },
    **{
        f"flatten_one_level_with_keys, keys: {name}": lambda lw, result=result: (
            lw.flatten_one_level_with_keys(nodes()[1], registry=odd(lw, result))
        )
        for name, result in ODD_KEYS.items()
    },
}


def flatten_up_to_a_node_that_fails(lw: Any) -> None:
    results = iter([([LEAF], AUX)])
    registry = lw.PyTreeRegistry()
    lw.register_pytree_node(Plain, lambda node: next(results), fail, registry=registry)
    lw.tree_structure(nodes(), registry=registry).flatten_up_to(nodes())
