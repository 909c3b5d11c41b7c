"""User code that runs while the cache of structures is searched, and changes what is there."""

from __future__ import annotations

import gc
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import leafwise
from remembering import TIMES


class Name(str):
    """A field's name that is not looked for in the places where fields are."""


class Own:
    """Registered by the names of its fields, so that reading it may run user code."""

    def __init__(self, x: Any, name: Any = None) -> None:
        self.x = x
        self.name = name


class Late:
    """Becomes a node when it was a leaf for long."""


class Key:
    """Stands in an object's dict before the field `name`: `hook` runs whenever that is read."""

    hook: Callable[[], object] | None = None

    def __hash__(self) -> int:
        return hash("name")

    def __eq__(self, other: object) -> bool:
        hook, Key.hook = Key.hook, None
        if hook is not None:
            hook()
        return False


def hooked(x: Any, name: Any = None) -> Own:
    own = Own(x, name)
    own.__dict__.clear()
    own.__dict__[Key()] = None
    own.__dict__.update(x=x, name=name)
    return own


@pytest.fixture
def registry() -> Iterator[Any]:
    registry = leafwise.PyTreeRegistry()
    registry.register_dataclass_node(Own, [Name("x")], [Name("name")])
    leafwise.clear_cache()
    yield registry
    Key.hook = None
    leafwise.clear_cache()


def remember(tree: Any, registry: Any) -> None:
    for _ in range(TIMES):
        leafwise.tree_leaves_with_path(tree, registry=registry)


def test_the_cache_is_cleared_between_two_that_might_match(registry: Any) -> None:
    for name in ("a", "b", "c"):
        remember([Own(1, name)], registry)
    tree = [hooked(1, "d")]
    Key.hook = leafwise.clear_cache
    assert leafwise.tree_leaves(tree, registry=registry) == [1]


def test_a_class_is_registered_between_two_that_might_match(registry: Any) -> None:
    late = Late()
    for name in ("a", "b"):
        remember([Own(1, name), late], registry)
    tree = [hooked(1, "a"), late]
    Key.hook = lambda: registry.register_node(Late, lambda _: ((5, 6), None), lambda *_: Late())
    assert leafwise.tree_leaves(tree, registry=registry) == [1, 5, 6]


def test_a_class_stops_to_be_a_named_tuple_meanwhile(registry: Any) -> None:
    class Fake(tuple):
        _fields = ("a",)

    tree = [hooked(1), Fake((2,))]
    remember(tree, registry)
    Key.hook = lambda: delattr(Fake, "_fields")
    assert leafwise.tree_leaves(tree, registry=registry) == [1, tree[1]]


def test_finalizers_of_what_is_forgotten_do_not_find_the_leaves(registry: Any) -> None:
    first = object()
    tree = (hooked(0), first, *range(63))
    found = []

    class Finder:
        def __del__(self) -> None:
            for thing in gc.get_objects():
                if type(thing) is list and len(thing) == 65 and thing[1] is first:
                    found.append(thing)
                    thing.clear()

    def remember_a_finder() -> None:
        function = types.FunctionType((lambda: None).__code__, {"finder": Finder()})
        remember(Own(1, function), registry)

    remember(tree, registry)
    remember_a_finder()
    Key.hook = leafwise.clear_cache
    pairs = leafwise.tree_leaves_with_path(tree, registry=registry)
    assert [leaf for _, leaf in pairs] == [0, first, *range(63)]
    assert found == []


def test_the_garbage_collector_clears_the_cache_when_the_list_is_made() -> None:
    class Clearing:
        cleared = 0

        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            Clearing.cleared += 1
            leafwise.clear_cache()

    tree = {"a": [1.0, "x", 2j, b"e"]}
    threshold = gc.get_threshold()
    gc.collect()
    try:
        for _ in range(20):
            gc.disable()
            for _ in range(TIMES):
                leafwise.tree_leaves(tree)
            held: list[Any] = [[] for _ in range(100)]  # so that no old list can be used again
            cleared = Clearing.cleared
            Clearing()
            gc.enable()
            gc.set_threshold(1)
            assert leafwise.tree_leaves(tree) == [1.0, "x", 2j, b"e"]
            hits = leafwise.cache_info().hits
            gc.set_threshold(*threshold)
            assert hits == 0 or Clearing.cleared == cleared
            del held
    finally:
        gc.enable()
        gc.set_threshold(*threshold)


@pytest.mark.filterwarnings("ignore:non-string key:RuntimeWarning")
def test_a_key_in_a_class_clears_the_cache_when_a_structure_is_added() -> None:
    lookups = 0
    clears_at = 0

    class InClass:
        """Looks like the field `x`; what it raises is passed over when a class is searched."""

        def __hash__(self) -> int:
            return hash("x")

        def __eq__(self, other: object) -> bool:
            nonlocal lookups
            lookups += 1
            if lookups == clears_at:
                leafwise.clear_cache()
            raise LookupError

    cls = type("InClassDict", (), {InClass(): None})
    registry = leafwise.PyTreeRegistry()
    registry.register_dataclass_node(cls, ["x"], [])
    thing = cls()
    thing.x = 1
    for number in range(1, 10):
        lookups, clears_at = 0, number
        leafwise.clear_cache()
        for _ in range(TIMES):
            assert leafwise.tree_leaves([thing], registry=registry) == [1]
