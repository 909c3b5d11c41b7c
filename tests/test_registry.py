"""PyTreeRegistry: profiles, parents, methods, and registries that come and go."""

from __future__ import annotations

import copy
import gc
import pickle
import re
import weakref
from collections import Counter, OrderedDict, defaultdict
from types import ModuleType
from typing import Any

import pytest

import leafwise
from interpreter import collects_classes
from nodes import Pair, Plain, Record


def leaves_of(lw: ModuleType, tree: Any, **profile: Any) -> list[Any]:
    found = lw.tree_leaves(tree, registry=lw.PyTreeRegistry(**profile))
    assert type(found) is list
    return found  # type: ignore[no-any-return]


def test_a_new_registry_has_the_built_in_nodes_only(lw: ModuleType) -> None:
    tree = [1, (2,), {"a": 3}, OrderedDict(a=4), defaultdict(int, a=5), Pair(6, 7), None]
    assert leaves_of(lw, tree) == [1, 2, 3, 4, 5, 6, 7]
    plain = Plain([1])
    assert leaves_of(lw, plain) == [plain]
    assert lw.tree_leaves(plain) == [1]


def test_profiles(lw: ModuleType) -> None:
    assert leaves_of(lw, [None, 1], enable_none=False) == [None, 1]
    assert leaves_of(lw, [(1,), 2], enable_tuple=False) == [(1,), 2]
    assert leaves_of(lw, ([1], 2), enable_list=False) == [[1], 2]
    ordered, default = OrderedDict(a=1), defaultdict(int, a=1)
    tree = [{"a": 1}, ordered, default]
    assert list(map(id, leaves_of(lw, tree, enable_dict=False))) == list(map(id, tree))
    assert leaves_of(lw, [Pair(1, 2)], enable_namedtuple=False) == [1, 2]
    assert leaves_of(lw, [Pair(1, 2)], enable_tuple=False) == [1, 2]


def test_profiles_and_is_tree_node(lw: ModuleType) -> None:
    registry = lw.PyTreeRegistry(enable_none=False, enable_dict=False)
    kinds = [type(None), dict, OrderedDict, defaultdict, list, tuple]
    found = [lw.is_tree_node(kind, registry=registry) for kind in kinds]
    assert found == [False, False, False, False, True, True]


def test_a_disabled_kind_can_be_registered(lw: ModuleType) -> None:
    registry = lw.PyTreeRegistry(enable_list=False)
    lw.register_pytree_node(
        list, lambda x: (x[:1], x[1:]), lambda a, c: [*c, *a], registry=registry
    )
    leaves, treedef = lw.tree_flatten([1, 2, 3], registry=registry)
    assert leaves == [1]
    assert treedef.unflatten([9]) == [9, 2, 3]


@pytest.mark.parametrize("has_parent", [False, True])
def test_a_disabled_kind_is_no_subclass_of_a_registered_one(
    lw: ModuleType, has_parent: bool
) -> None:
    parent = lw.default_registry if has_parent else None
    registry = lw.PyTreeRegistry(enable_dict=False, parent=parent)
    lw.register_pytree_node(
        dict,
        lambda x: (list(x.values()), tuple(x)),
        lambda keys, children: dict(zip(keys, children, strict=True)),
        subclasses=True,
        registry=registry,
    )
    nodes = (dict, OrderedDict, defaultdict, Counter)
    assert [lw.is_tree_node(cls, registry=registry) for cls in nodes] == [True, False, False, True]
    tree = OrderedDict(b=1, a=2)
    assert lw.tree_leaves([tree, {"b": 3}], registry=registry) == [tree, 3]


def test_methods(lw: ModuleType) -> None:
    registry = lw.PyTreeRegistry()
    registry.register_node(Plain, Plain.flatten, Plain.unflatten)
    registry.register_dataclass_node(Record, ["x"], ["y", "tag"])
    assert registry.is_node(Plain) is True
    assert registry.is_node(list) is True
    assert registry.is_node(int) is False
    assert lw.tree_leaves([Plain([1]), Record(2, 3)], registry=registry) == [1, 2]
    registry.unregister_node(Plain)
    assert registry.is_node(Plain) is False
    with pytest.raises(ValueError, match="is not registered"):
        registry.unregister_node(Plain)
    with pytest.raises(ValueError, match="Duplicate custom dataclass PyTreeDef type registration"):
        registry.register_dataclass_node(Record, ["x"], [])
    registry.register_node(
        Plain, Plain.flatten, Plain.unflatten, lambda n: ([("k", c) for c in n.children], n.name)
    )
    assert lw.tree_leaves_with_path(Plain([1]), registry=registry) == [(("k",), 1)]


def test_constructor_arguments(lw: ModuleType) -> None:
    with pytest.raises(TypeError):
        lw.PyTreeRegistry(enable_sets=True)
    with pytest.raises(TypeError, match=r"^parent must be a PyTreeRegistry, got 'default'$"):
        lw.PyTreeRegistry(parent="default")
    assert lw.PyTreeRegistry().parent is None
    assert lw.default_registry.parent is None
    assert isinstance(lw.default_registry, lw.PyTreeRegistry)


def test_a_parent_is_asked_when_a_look_up_misses(lw: ModuleType) -> None:
    child = lw.PyTreeRegistry(parent=lw.default_registry)
    assert child.parent is lw.default_registry
    assert lw.tree_leaves([Plain([1, None]), {"a": 2}], registry=child) == [1, 2]

    class Local(Plain):
        pass

    child.register_node(Local, Plain.flatten, Local.unflatten)
    assert lw.tree_leaves(Local([1]), registry=child) == [1]
    node = Local([1])
    assert lw.tree_leaves(node) == [node]
    grandchild = lw.PyTreeRegistry(parent=child)
    assert lw.tree_leaves([Local([1]), Plain([2])], registry=grandchild) == [1, 2]
    assert lw.is_tree_node(Local, registry=grandchild) is True
    child.unregister_node(Local)
    assert lw.tree_leaves(node, registry=grandchild) == [node]


def test_a_later_registration_in_the_parent_is_seen(lw: ModuleType) -> None:
    parent = lw.PyTreeRegistry()
    child = lw.PyTreeRegistry(parent=parent)
    node = Plain([1])
    assert lw.tree_leaves(node, registry=child) == [node]
    parent.register_node(Plain, Plain.flatten, Plain.unflatten)
    assert lw.tree_leaves(node, registry=child) == [1]


def test_a_child_has_the_profile_of_its_parent(lw: ModuleType) -> None:
    parent = lw.PyTreeRegistry(enable_none=False, enable_dict=False)
    child = lw.PyTreeRegistry(parent=parent)
    assert lw.tree_leaves([None, {"a": 1}, (2,)], registry=child) == [None, {"a": 1}, 2]
    all_true = {f"enable_{kind}": True for kind in ("none", "tuple", "namedtuple", "list", "dict")}
    child = lw.PyTreeRegistry(parent=parent, **all_true)
    assert lw.tree_leaves([None, {"a": 1}, (2,)], registry=child) == [None, {"a": 1}, 2]


def test_a_false_flag_makes_a_kind_a_leaf_in_the_child(lw: ModuleType) -> None:
    child = lw.PyTreeRegistry(enable_list=False, enable_dict=False, parent=lw.default_registry)
    ordered, default = OrderedDict(a=1), defaultdict(int, a=1)
    tree = ([1], {"a": 1}, ordered, default, None, Pair(2, Plain([3])))
    expected = [[1], {"a": 1}, ordered, default, 2, 3]
    assert lw.tree_leaves(tree, registry=child) == expected
    assert lw.is_tree_node(list, registry=child) is False
    assert child.is_node(tuple) is True
    grandchild = lw.PyTreeRegistry(parent=child)
    assert lw.tree_leaves(tree, registry=grandchild) == expected
    with pytest.raises(ValueError, match="it is not registered"):
        child.unregister_node(list)
    child.register_node(list, lambda x: (x[:1], x[1:]), lambda rest, first: [*first, *rest])
    assert lw.tree_leaves([1, 2], registry=child) == [1]
    assert lw.tree_leaves([1, 2]) == [1, 2]


def test_flags_are_bools(lw: ModuleType) -> None:
    for parent in (None, lw.default_registry):
        with pytest.raises(TypeError, match="enable_none must be a bool, got 0"):
            lw.PyTreeRegistry(enable_none=0, parent=parent)


def test_the_registry_where_none_is_a_leaf(lw: ModuleType) -> None:
    registry = lw.none_leaf_registry
    assert registry.parent is lw.default_registry
    leaves, treedef = lw.tree_flatten([None, Plain([1])], registry=registry)
    assert leaves == [None, 1]
    assert pickle.loads(pickle.dumps(registry)) is registry
    assert pickle.loads(pickle.dumps(treedef)) == treedef
    assert treedef.unflatten([1, None])[0] == 1


def test_a_type_that_a_parent_has_is_a_duplicate(lw: ModuleType) -> None:
    child = lw.PyTreeRegistry(parent=lw.default_registry)
    for kind in (Plain, list):
        with pytest.raises(ValueError) as caught:
            child.register_node(kind, Plain.flatten, Plain.unflatten)
        text = f"Duplicate custom PyTreeDef type registration for {kind!r}."
        assert str(caught.value) == text
    with pytest.raises(ValueError, match="Cannot unregister"):
        child.unregister_node(Plain)
    assert lw.tree_leaves(Plain([1])) == [1]


def test_treedefs_of_parent_and_child_are_of_different_registries(lw: ModuleType) -> None:
    child = lw.PyTreeRegistry(parent=lw.default_registry)
    here, there = lw.tree_structure([1]), lw.tree_structure([1], registry=child)
    assert here == there
    with pytest.raises(ValueError, match="must match"):
        here.compose(there)


def test_the_default_registry_pickles_by_reference(lw: ModuleType) -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        twin = pickle.loads(pickle.dumps(lw.default_registry, protocol))
        assert twin is lw.default_registry
    assert copy.copy(lw.default_registry) is lw.default_registry
    assert copy.deepcopy(lw.default_registry) is lw.default_registry
    assert lw.default_registry.__name__ == "default_registry"
    assert lw.default_registry.__module__ == lw.__name__


named_registry: Any = None


def test_a_named_registry_pickles_by_reference(lw: ModuleType) -> None:
    global named_registry
    named_registry = lw.PyTreeRegistry()
    with pytest.raises(TypeError) as caught:
        pickle.dumps(named_registry)
    assert str(caught.value) == "Cannot pickle a PyTreeRegistry without a __name__"
    named_registry.__name__ = "named_registry"
    named_registry.__module__ = __name__
    assert pickle.loads(pickle.dumps(named_registry)) is named_registry
    treedef = lw.tree_structure([1, {"a": 2}], registry=named_registry)
    twin = pickle.loads(pickle.dumps(treedef))
    assert twin == treedef
    assert treedef.compose(twin).num_leaves == 4


@collects_classes
def test_a_treedef_keeps_its_registry_and_its_class(lw: ModuleType) -> None:
    def make() -> Any:
        class Local(Plain):
            pass

        registry = lw.PyTreeRegistry()
        registry.register_node(Local, Plain.flatten, lambda aux, children: Local(children, aux))
        return weakref.ref(Local), lw.tree_structure([Local([1])], registry=registry)

    dead, treedef = make()
    gc.collect()
    (node,) = treedef.unflatten([5])
    assert (type(node), node.children) == (dead(), [5])
    assert treedef.flatten_up_to([type(node)([[6]])]) == [[6]]
    del treedef, node
    gc.collect()
    assert dead() is None


def test_many_short_lived_types(lw: ModuleType) -> None:
    """A freed type's address may be that of the next type: nothing remembered of it may be used."""
    for index in range(300):
        registry = lw.PyTreeRegistry()
        kind: Any = type(f"Kind{index}", (Plain,), {})
        if index % 3 == 0:
            registry.register_node(kind, Plain.flatten, lambda a, c, kind=kind: kind(c, a))
        elif index % 3 == 1:
            kind = type(f"Kind{index}", (tuple,), {"_fields": ("a",)})
        node = kind([1])
        expected = [node] if index % 3 == 2 else [1]
        assert lw.tree_leaves(node, registry=registry) == expected
        del registry, kind, node
        gc.collect(0)


def test_methods_that_flatten() -> None:
    registry = leafwise.PyTreeRegistry(enable_list=False)
    leaves, treedef = registry.flatten({"b": [1], "a": (2, 3)})
    assert (leaves, repr(treedef)) == ([2, 3, [1]], "PyTreeDef({'a': (*, *), 'b': *})")
    assert registry.flatten((1, (2,)), lambda node: node == (2,))[0] == [1, (2,)]
    pairs, _ = registry.flatten_with_path({"a": (1, 2)}, lambda path, node: len(path) == 1)
    assert pairs == [((leafwise.DictKey("a"),), (1, 2))]
    assert registry.flatten_one_level({"b": 1, "a": 2}) == ((2, 1), ("a", "b"))
    assert registry.flatten_one_level_with_keys((7,)) == (((leafwise.SequenceKey(0), 7),), None)
    assert registry.flatten_one_level([1]) is registry.flatten_one_level_with_keys([1]) is None


def test_a_list_that_is_a_leaf_registered_and_taken_back(lw: ModuleType) -> None:
    child = lw.PyTreeRegistry(enable_list=False, parent=lw.default_registry)
    assert lw.tree_leaves([1, 2], registry=child) == [[1, 2]]
    child.register_node(list, lambda items: (items[:1], None), lambda aux, children: [*children])
    assert lw.tree_leaves([1, 2], registry=child) == [1]
    child.unregister_node(list)
    assert lw.tree_leaves([1, 2], registry=child) == [[1, 2]]


def test_repr(lw: ModuleType) -> None:
    assert re.fullmatch(r"<(.*\.)?PyTreeRegistry object at 0x[0-9a-f]+>", repr(lw.PyTreeRegistry()))


def test_a_registry_with_a_name_shows_it() -> None:
    assert repr(leafwise.default_registry) == "leafwise.default_registry"
