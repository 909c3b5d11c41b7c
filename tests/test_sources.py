"""Sources of a registry: dicts of others, and callables that take over what is in them."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import Any

import pytest

import leafwise
from nodes import Plain


class Source:
    """A dict of classes, and a registry that takes them over."""

    def __init__(self, registry: Any = None) -> None:
        self.registry = registry or leafwise.PyTreeRegistry()
        self.classes: dict[type, None] = {}
        self.num_syncs = 0
        self.registry._add_source(self.classes, self.sync)

    def sync(self) -> None:
        self.num_syncs += 1
        for cls in list(self.classes):
            if cls not in self.registry._registrations():
                self.registry.register_node(cls, Plain.flatten, Plain.unflatten)

    def new_class(self) -> type[Plain]:
        cls = type("New", (Plain,), {})
        self.classes[cls] = None
        return cls


# Each public call that looks at classes: whether it takes the object for a node.
CALLS: dict[str, Any] = {
    "tree_flatten": lambda x, r: leafwise.tree_flatten(x, registry=r)[0] != [x],
    "tree_leaves": lambda x, r: leafwise.tree_leaves(x, registry=r) != [x],
    "tree_structure": lambda x, r: leafwise.tree_structure(x, registry=r).num_nodes > 1,
    "tree_flatten_with_path": lambda x, r: (
        leafwise.tree_flatten_with_path(x, registry=r)[0][0][0] != ()
    ),
    "tree_leaves_with_path": lambda x, r: leafwise.tree_leaves_with_path(x, registry=r)[0][0] != (),
    "tree_map": lambda x, r: leafwise.tree_map(type, x, registry=r) is not type(x),
    "all_leaves": lambda x, r: not leafwise.all_leaves([x], registry=r),
    "flatten_one_level": lambda x, r: leafwise.flatten_one_level(x, registry=r)[1] == "plain",
    "flatten_one_level_with_keys": lambda x, r: (
        leafwise.flatten_one_level_with_keys(x, registry=r)[1] == "plain"
    ),
    "is_tree_node": lambda x, r: leafwise.is_tree_node(type(x), registry=r),
    "from_node_data_and_children": lambda x, r: leafwise.PyTreeDef.from_node_data_and_children(
        r, (type(x), "plain"), []
    ).node_data(),
    "method flatten": lambda x, r: r.flatten(x)[0] != [x],
    "method flatten_with_path": lambda x, r: r.flatten_with_path(x)[0][0][0] != (),
    "method flatten_one_level": lambda x, r: r.flatten_one_level(x),
    "method flatten_one_level_with_keys": lambda x, r: r.flatten_one_level_with_keys(x),
    "method is_node": lambda x, r: r.is_node(type(x)),
    "method unregister_node": lambda x, r: r.unregister_node(type(x)) is None,
}


@pytest.mark.parametrize("call", CALLS)
def test_every_call_finds_new_classes(call: str) -> None:
    source = Source()
    new = source.new_class()
    assert CALLS[call](new([1]), source.registry)


@pytest.mark.parametrize("call", sorted(CALLS.keys() - {"method unregister_node"}))
def test_through_a_child_registry(call: str) -> None:
    source = Source()
    child = leafwise.PyTreeRegistry(parent=leafwise.PyTreeRegistry(parent=source.registry))
    new = source.new_class()
    assert CALLS[call](new([1]), child)


def test_sync_is_called_when_the_length_changed_only() -> None:
    source = Source()
    assert source.num_syncs == 0
    leafwise.tree_leaves([1], registry=source.registry)
    leafwise.tree_leaves([1], registry=source.registry)
    assert source.num_syncs == 1
    new = source.new_class()
    assert leafwise.tree_leaves([new([1]), new([2])], registry=source.registry) == [1, 2]
    assert source.num_syncs == 2
    del source.classes[new]
    leafwise.tree_leaves([1], registry=source.registry)
    assert source.num_syncs == 3
    leafwise.tree_leaves([1])
    assert source.num_syncs == 3


def test_unpickling_finds_new_classes() -> None:
    source = Source()
    source.registry.__module__, source.registry.__name__ = __name__, "pickled_registry"
    treedef = leafwise.tree_structure([1], registry=source.registry)
    restore, (_, state) = treedef.__reduce__()
    source.new_class()
    assert restore(source.registry, state) == treedef
    assert source.num_syncs == 2


def test_registering_what_a_source_has_is_a_duplicate() -> None:
    source = Source()
    new = source.new_class()
    with pytest.raises(ValueError, match="Duplicate custom PyTreeDef type registration"):
        leafwise.register_static(new, registry=source.registry)
    other = source.new_class()
    with pytest.raises(ValueError, match="Duplicate custom dataclass PyTreeDef type"):
        source.registry.register_dataclass_node(other, [], [])


def test_several_sources() -> None:
    first = Source()
    second = Source(first.registry)
    one, two = first.new_class(), second.new_class()
    assert leafwise.tree_leaves([one([1]), two([2])], registry=first.registry) == [1, 2]
    second.new_class()
    leafwise.tree_leaves([], registry=first.registry)
    assert (first.num_syncs, second.num_syncs) == (1, 2)


def test_a_sync_that_raises_is_called_again() -> None:
    registry = leafwise.PyTreeRegistry()
    errors: list[Exception] = [KeyError("first"), OSError("second")]

    def sync() -> None:
        if errors:
            raise errors.pop(0)

    registry._add_source({}, sync)
    after = Source(registry)
    with pytest.raises(KeyError, match="first"):
        leafwise.tree_leaves([1], registry=registry)
    with pytest.raises(OSError, match="second"):
        registry.is_node(list)
    assert after.num_syncs == 0
    assert leafwise.tree_leaves([1], registry=registry) == [1]
    assert after.num_syncs == 1


def test_a_dict_that_its_sync_changes() -> None:
    """What came while sync was at work is seen by the next call."""
    registry = leafwise.PyTreeRegistry()
    mapping: dict[int, int] = {}
    lengths: list[int] = []

    def sync() -> None:
        lengths.append(len(mapping))
        if len(mapping) < 3:
            mapping[len(mapping)] = 0

    registry._add_source(mapping, sync)
    for _ in range(6):
        leafwise.tree_leaves([], registry=registry)
    assert lengths == [0, 1, 2, 3]


def test_a_sync_that_walks_trees() -> None:
    registry = leafwise.PyTreeRegistry()
    mapping: dict[int, int] = {}
    found: list[Any] = []

    def sync() -> None:
        mapping[len(mapping)] = 0
        found.append(leafwise.tree_leaves([[1], 2], registry=registry))

    registry._add_source(mapping, sync)
    leafwise.tree_leaves([], registry=registry)
    assert found == [[1, 2]]


def test_a_sync_that_adds_sources() -> None:
    registry = leafwise.PyTreeRegistry()
    added: list[Source] = []

    def sync() -> None:
        added.extend(Source(registry) for _ in range(100))

    registry._add_source({}, sync)
    leafwise.tree_leaves([], registry=registry)
    assert [source.num_syncs for source in added] == [1] * 100


def test_another_thread_syncs_as_well() -> None:
    """While one thread is at it, another may not pass by: it could miss its own registrations."""
    registry = leafwise.PyTreeRegistry()
    begun, finish = threading.Event(), threading.Event()
    callers: list[int] = []

    def sync() -> None:
        callers.append(threading.get_ident())
        if len(callers) == 1:
            begun.set()
            assert finish.wait(60)

    registry._add_source({}, sync)
    thread = threading.Thread(target=lambda: leafwise.tree_leaves([], registry=registry))
    thread.start()
    assert begun.wait(60)
    leafwise.tree_leaves([], registry=registry)
    finish.set()
    thread.join()
    assert callers == [thread.ident, threading.get_ident()]
    leafwise.tree_leaves([], registry=registry)
    assert len(callers) == 2


def test_arguments() -> None:
    registry = leafwise.PyTreeRegistry()
    with pytest.raises(TypeError, match=r"mapping must be a dict, got \[\]"):
        registry._add_source([], print)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="sync must be callable, got 3"):
        registry._add_source({}, 3)  # type: ignore[arg-type]


def test_the_garbage_collector_sees_sources() -> None:
    mapping: dict[Any, Any] = {}

    def sync() -> None:
        pass

    registry = leafwise.PyTreeRegistry()
    registry._add_source(mapping, sync)
    assert {id(mapping), id(sync)} <= set(map(id, gc.get_referents(registry)))


def test_a_cycle_through_a_source() -> None:
    dead = weakref.ref(Source().registry)
    gc.collect()
    assert dead() is None


def test_registrations() -> None:
    def with_keys(node: Any) -> Any:
        return [], None

    class Numbered(Plain):
        pass

    registry = leafwise.PyTreeRegistry(enable_list=False, parent=leafwise.default_registry)
    assert registry._registrations() == {}
    registry.register_node(Numbered, Plain.flatten, Plain.unflatten)
    registry.register_node(Source, Plain.flatten, Plain.unflatten, with_keys)
    registry.register_dataclass_node(slice, ["start"], ["stop"])
    assert registry._registrations() == {
        Numbered: (Plain.flatten, Plain.unflatten, None),
        Source: (Plain.flatten, Plain.unflatten, with_keys),
        slice: (("start",), ("stop",)),
    }
    built_in = leafwise.PyTreeRegistry(enable_dict=False)._registrations()
    assert built_in == {type(None): None, tuple: None, list: None}
