"""The operations that are measured, and the functions that the mapping ones are given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Function = Callable[..., object]


def is_none(x: object) -> bool:
    """Say whether a node or leaf is None: what `is_leaf` is most often used for."""
    return x is None


def first(x: object) -> object:
    """Return the leaf as it is."""
    return x


def second(_x: object, y: object) -> object:
    """Return the leaf of the second tree."""
    return y


def third(_x: object, _y: object, z: object) -> object:
    """Return the leaf of the third tree."""
    return z


def count(total: int, _x: object) -> int:
    """Count one more leaf."""
    return total + 1


@dataclass(frozen=True)
class Operation:
    """Something a library does with trees; `function` is the one it is given, if there is one.

    Most are about a tree, or two or three of one structure; some about a stream of unlike trees.
    """

    name: str
    description: str
    function: Function | None = None
    on_stream: bool = False


OPERATIONS = (
    Operation("flatten", "tree -> leaves and structure"),
    Operation("flatten_is_leaf", "tree -> leaves and structure, with is_leaf", is_none),
    Operation("unflatten", "structure and leaves -> tree"),
    Operation("leaves", "tree -> leaves"),
    Operation("structure", "tree -> structure"),
    Operation("flatten_up_to", "structure and another tree -> its subtrees, one per leaf"),
    Operation("map_1", "map a function over one tree", first),
    Operation("map_2", "map a function over two trees", second),
    Operation("map_3", "map a function over three trees", third),
    Operation("flatten_with_path", "tree -> leaves with their paths, and structure"),
    Operation("leaves_with_path", "tree -> leaves with their paths"),
    Operation("map_with_path", "map a function of path and leaf over one tree", second),
    Operation("reduce", "fold a function over the leaves", count),
    Operation("all", "are all leaves true? They are, so all are looked at"),
    Operation("all_stops", "are all leaves true? The first one is not"),
    Operation("any", "is any leaf true? No leaf is, so all are looked at"),
    Operation("any_stops", "is any leaf true? The first one is"),
    Operation("equal", "== of the structures of two trees"),
    Operation("hash", "hash of a structure"),
    Operation("cold", "flatten trees of which no two are alike, in turn", on_stream=True),
)
