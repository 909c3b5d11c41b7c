"""Classes that were registered, used and unregistered are collected, once nothing is remembered."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

import leafwise
from interpreter import collects_classes
from registering_ways import WAYS, use

pytestmark = collects_classes


def the_default_registry(lw: ModuleType) -> Any:
    return lw.default_registry, lw.default_registry


def one_of_its_own(lw: ModuleType) -> Any:
    registry = lw.PyTreeRegistry()
    return registry, registry


def a_child(lw: ModuleType) -> Any:
    registry = lw.PyTreeRegistry(parent=lw.default_registry)
    return registry, registry


def a_parent(lw: ModuleType) -> Any:
    registry = lw.PyTreeRegistry(parent=lw.default_registry)
    return registry, lw.PyTreeRegistry(parent=registry, enable_none=False)


# Where a class is registered, and where it is used.
Place = Callable[[ModuleType], tuple[Any, Any]]
PLACES: list[Place] = [the_default_registry, one_of_its_own, a_child, a_parent]


@pytest.mark.parametrize("subclasses", [False, True], ids=["alone", "with_subclasses"])
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
@pytest.mark.parametrize("name", WAYS)
def test_an_unregistered_class(lw: ModuleType, name: str, place: Place, subclasses: bool) -> None:
    way = WAYS[name]
    registered_in, used_in = place(lw)

    def make() -> list[Any]:
        kind = way.make()
        way.register(lw, kind, registry=registered_in, subclasses=subclasses)
        kinds = [kind, type("Derived", (kind,), {})] if subclasses else [kind]
        for each in kinds:
            use(lw, [each([1], 2), {"a": each(3, ())}], used_in)
            assert lw.is_tree_node(each, registry=used_in)
        lw.unregister_pytree_node(kind, registry=registered_in)
        for each in kinds:
            assert not lw.is_tree_node(each, registry=used_in)
            node = each(1, 2)
            assert lw.tree_leaves([node], registry=used_in) == [node]
        return [weakref.ref(each) for each in kinds]

    dead = make()
    leafwise.clear_cache()
    gc.collect()
    assert [ref() for ref in dead] == [None] * len(dead)


@pytest.mark.parametrize("name", WAYS)
def test_a_class_that_is_still_registered_in_a_registry_that_is_gone(
    lw: ModuleType, name: str
) -> None:
    way = WAYS[name]

    def make() -> Any:
        kind, registry = way.make(), lw.PyTreeRegistry(parent=lw.default_registry)
        way.register(lw, kind, registry=registry)
        use(lw, [kind([1], 2)], registry)
        return weakref.ref(kind)

    dead = make()
    leafwise.clear_cache()
    gc.collect()
    assert dead() is None


@pytest.mark.parametrize("name", WAYS)
def test_a_class_that_a_treedef_needs(lw: ModuleType, name: str) -> None:
    """It stays for that long, and not longer."""
    way, registry = WAYS[name], lw.PyTreeRegistry()

    def make() -> Any:
        kind = way.make()
        way.register(lw, kind, registry=registry)
        treedef = lw.tree_structure([kind(1, 2)], registry=registry)
        lw.unregister_pytree_node(kind, registry=registry)
        return treedef, weakref.ref(kind)

    treedef, dead = make()
    leafwise.clear_cache()
    gc.collect()
    assert dead() is not None
    treedef.unflatten(range(treedef.num_leaves))
    del treedef
    gc.collect()
    assert dead() is None


def test_types_that_were_only_looked_at(lw: ModuleType) -> None:
    kinds: list[Any] = [type("Leaf", (), {}), type("Fake", (tuple,), {"_fields": ("a",)})]
    dead = [weakref.ref(kind) for kind in kinds]
    for kind in kinds:
        lw.tree_leaves_with_path([kind()] if kind.__name__ == "Leaf" else [kind((1,))])
        lw.is_tree_node(kind)
    del kinds, kind
    leafwise.clear_cache()
    gc.collect()
    assert [ref() for ref in dead] == [None, None]
