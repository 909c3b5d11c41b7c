"""What calls that are checked for leaks are made of: a tree, and things that raise errors."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable
from types import ModuleType
from typing import Any

from nodes import Constant, Fields, Keyed, Methods, Pair, Plain, Record

Case = Callable[[ModuleType], object]

# They are in every tree, and references to them are counted.
LEAF, AUX, KEY, NAME, CONSTANT = object(), ("aux", 1), ("a", "key"), ["name"], Constant(11)


def tree() -> Any:
    return [
        object(),
        {"b": (1.5, None), "a": [Pair([], LEAF)]},
        OrderedDict(z=LEAF, y=()),
        defaultdict(int, {KEY: {}}),
        Plain([3, [LEAF]], AUX),
        Keyed([5], AUX),
        Methods([6], "aux"),
        Record(7, [LEAF], tag=NAME),
        Fields(9, LEAF),
        CONSTANT,
    ]


def watched(lw: Any) -> list[Any]:
    """What is there before and after the calls, and used by nearly all of them."""
    classes = [Pair, Plain, Keyed, Methods, Record, Fields, Constant, list, dict, OrderedDict]
    keys = [lw.SequenceKey, lw.DictKey, lw.GetAttrKey, lw.FlattenedIndexKey]
    names = ["tree_flatten", "tree_map", "register_pytree_node"]
    values = [LEAF, AUX, KEY, NAME, CONSTANT, None, True, int, fail, LookupError, Bad]
    library = [lw.default_registry, lw.PyTreeDef, lw.PyTreeRegistry, lw.Partial, lw.TreeDiff]
    library += [lw.PyTreeMismatchError, *(getattr(lw, name) for name in names)]
    return classes + keys + values + library


class Bad:
    """Cannot be compared, hashed or shown."""

    def __eq__(self, other: object) -> bool:
        raise LookupError("eq")

    def __lt__(self, other: object) -> bool:
        raise LookupError("lt")

    def __repr__(self) -> str:
        raise LookupError("repr")

    __hash__ = object.__hash__


class Unhashable(Bad):
    def __hash__(self) -> int:
        raise LookupError("hash")


def fail(*args: Any, **keywords: Any) -> Any:
    raise LookupError("mine")


def fail_at(count: int) -> Callable[..., Any]:
    remaining = iter(range(count))

    def function(*args: Any) -> bool:
        if next(remaining, None) is None:
            raise LookupError("late")
        return False

    return function


def late_error() -> Any:
    yield from range(5)
    raise LookupError("late")


def never(*args: Any) -> bool:
    return False


def odd_registry(lw: Any, flattened: Any, unflatten: Any = fail, keyed: Any = None) -> Any:
    """A registry in which Plain is a node with these results of its functions."""
    registry = lw.PyTreeRegistry()
    pairs = flattened if keyed is None else keyed
    lw.register_pytree_node(
        Plain, lambda node: flattened, unflatten, lambda node: pairs, registry=registry
    )
    return registry
