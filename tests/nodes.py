"""User classes of each kind of registration, in both implementations; how to compare trees."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict, defaultdict, namedtuple
from types import ModuleType
from typing import Any, NamedTuple

import leafwise
import leafwise.reference

IMPLEMENTATIONS: dict[str, ModuleType] = {
    "leafwise": leafwise,
    "reference": leafwise.reference,
}

Pair = namedtuple("Pair", "first second")


class Typed(NamedTuple):
    x: Any
    y: Any = 0


class SubPair(Pair):
    """A subclass of a namedtuple is a node too, rebuilt as itself."""


class Plain:
    """Registered with `register_pytree_node`, without keys."""

    def __init__(self, children: Any, name: Any = "plain") -> None:
        self.children = list(children)
        self.name = name

    def flatten(self) -> tuple[Any, Any]:
        return self.children, self.name

    @classmethod
    def unflatten(cls, name: Any, children: Any) -> Plain:
        return cls(children, name)


class Keyed(Plain):
    """Registered with `register_pytree_with_keys`; a key may be any object."""


class Methods(Plain):
    """Registered with `register_pytree_node_class`."""

    def tree_flatten(self) -> tuple[Any, Any]:
        return iter(self.children), self.name

    @classmethod
    def tree_unflatten(cls, name: Any, children: Any) -> Methods:
        return cls(children, name)


@dataclasses.dataclass
class Record:
    """Registered with `register_dataclass`: `tag` is metadata."""

    x: Any
    y: Any
    tag: Any = dataclasses.field(default="tag", metadata={"static": True})


class Fields:
    """Not a dataclass, but registered with `register_dataclass` and named fields."""

    def __init__(self, left: Any, right: Any, label: Any = "label") -> None:
        self.left = left
        self.right = right
        self.label = label


class Constant(int):
    """Registered with `register_static`: the object itself is metadata."""


class ClearingKey:
    """A key of a dict that clears the dict when it is compared."""

    def __init__(self, number: int, tree: dict[Any, Any]) -> None:
        self.number, self.tree = number, tree

    def __lt__(self, other: ClearingKey) -> bool:
        self.tree.clear()
        return self.number < other.number


def register_all(lw: Any) -> None:
    """Register the classes above in the default registry of `lw`."""

    def keys_of(node: Keyed) -> list[Any]:
        return [lw.GetAttrKey("first"), "plain key", *range(len(node.children))]

    def flatten_with_keys(node: Keyed) -> tuple[Any, Any]:
        return tuple(zip(keys_of(node), node.children)), node.name

    lw.register_pytree_node(Plain, Plain.flatten, Plain.unflatten)
    lw.register_pytree_with_keys(Keyed, flatten_with_keys, Keyed.unflatten)
    lw.register_pytree_node_class(Methods)
    lw.register_dataclass(Record)
    lw.register_dataclass(Fields, ["left", "right"], ["label"])
    lw.register_static(Constant)


for _implementation in IMPLEMENTATIONS.values():
    register_all(_implementation)


def describe(tree: Any) -> Any:
    """A value that is equal for two trees when types, order, metadata and leaf identities are."""
    kind = type(tree)
    if tree is None:
        return None
    if isinstance(tree, Plain):
        return kind, tree.name, [describe(child) for child in tree.children]
    if kind is Record:
        return kind, tree.tag, describe(tree.x), describe(tree.y)
    if kind is Fields:
        return kind, tree.label, describe(tree.left), describe(tree.right)
    if kind in (list, tuple, Pair, SubPair, Typed):
        return kind, [describe(child) for child in tree]
    if kind in (dict, OrderedDict, defaultdict):
        items = [(key, describe(value)) for key, value in tree.items()]
        return kind, items, getattr(tree, "default_factory", None)
    return kind, id(tree)
