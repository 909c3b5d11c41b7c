"""What the garbage collector sees, and that it can take cycles apart."""

from __future__ import annotations

import dataclasses
import gc
import weakref
from types import ModuleType
from typing import Any, ClassVar

import pytest

import leafwise
from interpreter import collects_classes
from nodes import Pair, Plain


def referents(thing: Any) -> set[int]:
    return set(map(id, gc.get_referents(thing)))


def test_referents_of_a_treedef() -> None:
    """Of the C++ core only: in Python, what an instance owns is found through its containers."""
    key, other, aux = (1, "key"), "another key", ["aux"]
    registry = leafwise.PyTreeRegistry(parent=leafwise.default_registry)
    treedef = leafwise.tree_structure(
        [{key: 1, (2, "b"): {other: 2}}, Pair(3, 4), Plain([5], aux)], registry=registry
    )
    found = referents(treedef)
    for owned in (leafwise.PyTreeDef, registry, key, other, Pair, aux):
        assert id(owned) in found, owned


def test_referents_of_a_registry() -> None:
    class Local(Plain):
        pass

    def flatten(node: Any) -> Any:
        return [], None

    def unflatten(aux: Any, children: Any) -> Any:
        return None

    def flatten_with_keys(node: Any) -> Any:
        return [], None

    parent = leafwise.PyTreeRegistry()
    registry = leafwise.PyTreeRegistry(parent=parent)
    registry.register_node(Local, flatten, unflatten, flatten_with_keys)
    found = referents(registry)
    for owned in (leafwise.PyTreeRegistry, Local, flatten, unflatten, flatten_with_keys, parent):
        assert id(owned) in found, owned
    registry.unregister_node(Local)
    assert id(Local) not in referents(registry)


def test_referents_of_a_key() -> None:
    value = (1, "value")
    key = leafwise.DictKey(value)
    assert gc.is_tracked(key)
    assert {id(value), id(leafwise.DictKey)} <= referents(key)


def test_a_treedef_is_tracked_as_soon_as_it_is_complete() -> None:
    """Always then, since it owns a registry, which may own anything; and not a moment before.

    Of the C++ core only: in Python, the collector knows each instance from the start.
    """

    def treedefs() -> set[int]:
        objects = gc.get_objects()
        return {id(thing) for thing in objects if type(thing) is leafwise.PyTreeDef}

    def is_leaf(node: Any) -> bool:
        unfinished.extend(treedefs() - before - set(map(id, made)))
        return False

    unfinished: list[int] = []
    made: list[Any] = []
    before = treedefs()
    for tree in (1, [1, (2, None)], {"a": 1, "b": {}}, Plain([1], "aux")):
        made.append(leafwise.tree_structure(tree, is_leaf=is_leaf))
    assert unfinished == []
    made += [leafwise.treedef_tuple(made), made[1].compose(made[2]), *made[1].children()]
    assert all(map(gc.is_tracked, made))


class Link:
    """A weakly referenceable, hashable part of a cycle."""

    target: Any = None


def metadata(lw: ModuleType, link: Link) -> Any:
    return Plain([1], link)


def dict_key(lw: ModuleType, link: Link) -> Any:
    return {link: 1}


def static(lw: ModuleType, link: Link) -> Any:
    return [link]


def partial(lw: ModuleType, link: Link) -> Any:
    return lw.Partial(lambda: link, 1)


@pytest.mark.parametrize("place", [metadata, dict_key, static, partial])
def test_a_treedef_in_its_own_metadata(lw: ModuleType, place: Any) -> None:
    def make() -> Any:
        link = Link()
        registry = lw.PyTreeRegistry(parent=lw.default_registry)
        lw.register_static(Link, registry=registry)
        link.target = lw.tree_structure([place(lw, link)], registry=registry)
        return weakref.ref(link)

    dead = make()
    gc.collect()
    assert dead() is None


@collects_classes
def test_a_treedef_in_a_registration_that_it_needs(lw: ModuleType) -> None:
    def make() -> Any:
        class Local(Plain):
            pass

        registry = lw.PyTreeRegistry()
        known: list[Any] = [registry]
        registry.register_node(
            Local, Plain.flatten, lambda aux, children: known, lambda node: known
        )
        known.append(lw.tree_structure(Local([1]), registry=registry))
        return weakref.ref(Local)

    dead = make()
    gc.collect()
    assert dead() is None


@collects_classes
def test_a_cycle_through_an_unregistered_class(lw: ModuleType) -> None:
    def make() -> Any:
        class Local(Plain):
            treedef: Any = None

        registry = lw.PyTreeRegistry()
        registry.register_node(Local, Plain.flatten, lambda aux, children: Local(children))
        Local.treedef = lw.tree_structure([Local([1])], registry=registry)
        registry.unregister_node(Local)
        return weakref.ref(Local)

    dead = make()
    gc.collect()
    assert dead() is None


@collects_classes
def test_a_registry_in_its_own_class(lw: ModuleType) -> None:
    def make() -> Any:
        @dataclasses.dataclass
        class Local:
            x: Any
            registry: ClassVar[Any] = None

        Local.registry = lw.PyTreeRegistry(parent=lw.PyTreeRegistry())
        lw.register_dataclass(Local, registry=Local.registry)
        assert lw.tree_leaves(Local(1), registry=Local.registry) == [1]
        return weakref.ref(Local)

    dead = make()
    gc.collect()
    assert dead() is None


def test_a_key_in_its_own_value(lw: ModuleType) -> None:
    link = Link()
    link.target = lw.DictKey(link)
    dead = weakref.ref(link)
    del link
    gc.collect()
    assert dead() is None


def test_an_iterator_in_its_own_tree(lw: ModuleType) -> None:
    link = Link()
    tree: dict[
        str, Any
    ] = {}  # the collector learns of it after the iterator, and clears that first
    iterator = lw.tree_iter(tree)
    tree.update(a=iterator, b=link)
    dead = weakref.ref(link)
    del link, tree, iterator
    gc.collect()
    assert dead() is None
