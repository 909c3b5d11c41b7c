"""Trees in which user code runs wherever it can, and how to compare what leafwise makes of them."""

from __future__ import annotations

import dataclasses
import weakref
from collections import OrderedDict, defaultdict
from types import ModuleType
from typing import Any

from hooks import Mortal, Noisy, giving, tick
from nodes import Pair


class Box(Mortal):
    """A class registered by functions, all of which run user code."""

    def __init__(self, *children: Any) -> None:
        self.children = list(children)


@dataclasses.dataclass
class Labelled(Mortal):
    """A dataclass: `label` is metadata."""

    x: Any
    label: Any = dataclasses.field(metadata={"static": True})


class Named(Mortal):
    """Registered by the names of its fields: `name` is metadata."""

    def __init__(self, x: Any, name: Any) -> None:
        tick()
        self.x, self.name = x, name


class Opening(Mortal):
    """A node by its methods, without being registered."""

    def __init__(self, x: Any) -> None:
        self.x = x

    def __tree_flatten__(self) -> Any:
        tick()
        return giving([self.x]), Noisy("aux")

    @classmethod
    def __tree_unflatten__(cls, aux: Any, children: Any) -> Opening:
        tick()
        return cls(*children)


def flatten_box(box: Box) -> tuple[Any, Any]:
    tick()
    return giving(box.children), Noisy("aux")


def unflatten_box(aux: Any, children: Any) -> Box:
    tick()
    return Box(*children)


def flatten_box_with_keys(box: Box) -> tuple[Any, Any]:
    tick()
    pairs = [(Noisy(f"key {number}"), child) for number, child in enumerate(box.children)]
    return giving(pairs), Noisy("aux")


def make_registry(lw: ModuleType) -> Any:
    registry = lw.PyTreeRegistry()
    Mortal.born.append(weakref.ref(registry))
    lw.register_pytree_with_keys(
        Box, flatten_box_with_keys, unflatten_box, flatten_box, registry=registry
    )
    lw.register_dataclass(Labelled, registry=registry)
    lw.register_fields(Named, ["x"], ["name"], registry=registry)
    return registry


NUM_LEAVES = 10
NAMES = [f"leaf {number}" for number in (2, 1, 3, 4, 5, 6, 7, 8, 9, 10)]


def make_tree() -> list[Any]:
    """Ten leaves, in each kind of container."""
    return [
        {Noisy("b"): [Noisy("leaf 1")], Noisy("a"): (Noisy("leaf 2"), None)},
        Box([Noisy("leaf 3")], Noisy("leaf 4")),
        OrderedDict({Noisy("c"): Pair(Noisy("leaf 5"), {})}),
        defaultdict(list, {Noisy("d"): Noisy("leaf 6")}),
        Noisy("leaf 7"),
        Labelled(Noisy("leaf 8"), Noisy("label")),
        Named(Noisy("leaf 9"), Noisy("name")),
        Opening(Noisy("leaf 10")),
    ]


def make_iterables() -> Any:
    """Iterators of the shape of that tree, and numbers in place of its leaves."""
    first = giving([giving([2, ()]), giving([1])])
    others = [giving([giving([3]), 4]), giving([giving([5, ()])]), giving([6]), 7]
    return giving([first, *others, giving([8]), giving([9]), giving([10])])


def make_quiet_tree() -> list[Any]:
    """Ten leaves, and nothing that runs user code, so that its structure is remembered."""
    return [
        {"b": ["leaf 1"], "a": ("leaf 2", None)},
        {"e": ["leaf 3"], "f": "leaf 4"},
        OrderedDict({"c": Pair("leaf 5", {})}),
        defaultdict(list, {"d": "leaf 6"}),
        "leaf 7",
        Labelled("leaf 8", "label"),
        {"g": "leaf 9"},
        ("leaf 10",),
    ]


def parts_of(tree: Any) -> list[Any]:
    """What in a tree can be changed: lists, dicts and objects, from the root down."""
    found, pending = [], [tree]
    while pending:
        node = pending.pop(0)
        if isinstance(node, (list, tuple)):
            pending.extend(node)
        elif isinstance(node, dict):
            pending.extend(node.values())
        elif isinstance(node, (Box, Labelled, Named, Opening)):
            pending.extend(vars(node).values())
        if not isinstance(node, (tuple, Noisy)) and hasattr(node, "__dict__"):
            found.append(vars(node))
        elif isinstance(node, (list, dict)):
            found.append(node)
    return found


def describe(lw: ModuleType, thing: Any) -> Any:
    """A value that is equal for two results when structure, classes, metadata and leaves are.

    It looks into everything, so that a half-built container would be noticed.
    """
    kind = type(thing).__qualname__
    if isinstance(thing, Noisy):
        return thing.name
    if isinstance(thing, (list, tuple)):
        if kind == "tuple" and len(thing) == 2 and isinstance(thing[1], lw.PyTreeDef):
            assert len(thing[0]) == thing[1].num_leaves
        return kind, [describe(lw, item) for item in thing]
    if isinstance(thing, dict):
        return kind, [(describe(lw, key), describe(lw, thing[key])) for key in thing]
    if isinstance(thing, Mortal):
        return kind, describe(lw, vars(thing))
    if isinstance(thing, lw.PyTreeDef):
        leaves = list(range(thing.num_leaves))
        return kind, repr(thing), thing.num_nodes, describe(lw, thing.unflatten(leaves))
    return kind, str(thing)
