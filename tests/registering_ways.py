"""Each way to register a class: how to make such a class, and how to register it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest


class Way(NamedTuple):
    """`make()` gives a class that can be called with two children; `register` takes options."""

    make: Callable[[], Any]
    register: Callable[..., object]


def box() -> Any:
    """A class with the methods that are wanted by some way or other."""

    class Box:
        def __init__(self, left: Any, right: Any) -> None:
            self.left, self.right = left, right

        def tree_flatten(self) -> Any:
            return (self.left, self.right), "aux"

        def tree_flatten_with_keys(self) -> Any:
            return [("left", self.left), ("right", self.right)], "aux"

        @classmethod
        def tree_unflatten(cls, aux: Any, children: Any) -> Any:
            return cls(*children)

    return Box


def record() -> Any:
    @dataclasses.dataclass
    class Record:
        left: Any
        right: Any
        tag: Any = dataclasses.field(default="tag", metadata={"static": True})

    return Record


def no_dataclass_yet() -> Any:
    class Record:
        __annotations__ = {"left": Any, "right": Any}

    return Record


def attrs_class() -> Any:
    # attrs keeps the source of what it generates, in `linecache`, for each class.
    attrs = pytest.importorskip("attrs")

    @attrs.define(slots=False)
    class Record:
        left: Any
        right: Any
        tag: Any = attrs.field(default="tag", metadata={"static": True})

    return Record


def by_functions(lw: Any, kind: Any, **options: Any) -> None:
    lw.register_pytree_node(kind, kind.tree_flatten, kind.tree_unflatten, **options)


def with_keys(lw: Any, kind: Any, **options: Any) -> None:
    flatten = kind.tree_flatten_with_keys
    lw.register_pytree_with_keys(kind, flatten, kind.tree_unflatten, **options)


def at_the_registry(lw: Any, kind: Any, **options: Any) -> None:
    registry = options.pop("registry", lw.default_registry)
    registry.register_node(
        *(kind, kind.tree_flatten, kind.tree_unflatten, kind.tree_flatten_with_keys), **options
    )


def fields_at_the_registry(lw: Any, kind: Any, **options: Any) -> None:
    registry = options.pop("registry", lw.default_registry)
    registry.register_dataclass_node(kind, ["left", "right"], [], **options)


# By the name of the function, and what is special.
WAYS: dict[str, Way] = {
    "register_pytree_node": Way(box, by_functions),
    "register_pytree_with_keys": Way(box, with_keys),
    "register_pytree_node_class": Way(
        box, lambda lw, kind, **options: lw.register_pytree_node_class(kind, **options)
    ),
    "register_pytree_with_keys_class": Way(
        box, lambda lw, kind, **options: lw.register_pytree_with_keys_class(kind, **options)
    ),
    "register_static": Way(box, lambda lw, kind, **options: lw.register_static(kind, **options)),
    "register_dataclass": Way(
        record, lambda lw, kind, **options: lw.register_dataclass(kind, **options)
    ),
    "register_dataclass, new": Way(
        record,
        lambda lw, kind, **options: lw.register_dataclass(kind, construct="new", **options),
    ),
    "register_dataclass, named": Way(
        box,
        lambda lw, kind, **options: lw.register_dataclass(kind, ["left", "right"], [], **options),
    ),
    "register_fields": Way(
        box, lambda lw, kind, **options: lw.register_fields(kind, ["left"], ["right"], **options)
    ),
    "register_attrs": Way(
        attrs_class, lambda lw, kind, **options: lw.register_attrs(kind, **options)
    ),
    "dataclass": Way(no_dataclass_yet, lambda lw, kind, **options: lw.dataclass(kind, **options)),
    "PyTreeRegistry.register_node": Way(box, at_the_registry),
    "PyTreeRegistry.register_dataclass_node": Way(box, fields_at_the_registry),
}


def use(lw: Any, nodes: list[Any], registry: Any) -> None:
    """Do what makes a library remember classes and structures, more than once."""
    for _ in range(3):
        leaves, treedef = lw.tree_flatten(nodes, registry=registry)
        lw.tree_unflatten(treedef, leaves)
        lw.tree_flatten_with_path(nodes, registry=registry)
        lw.tree_map(lambda x, y: x, nodes, nodes, registry=registry)
        list(lw.tree_iter(nodes, registry=registry))
        treedef.flatten_up_to(nodes)
        assert treedef == lw.tree_structure(nodes, registry=registry)
        assert lw.is_tree_node(type(nodes[0]), registry=registry)
        (repr(treedef), hash(treedef))
