"""What flattening remembers changes no result, and keeps nothing alive that it should not."""

from __future__ import annotations

import collections
import functools
import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

import leafwise
from interpreter import collects_classes
from leafwise import reference
from nodes import describe
from outcomes import ids, outcome, show_paths
from strategies import trees_with_any_keys


class Point(NamedTuple):
    x: Any
    y: Any


class Thing:
    pass


def plain_factory(x: int = 1, flag: bool = True) -> int:
    return x


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    leafwise.clear_cache()
    yield
    leafwise.clear_cache()


def remember(tree: Any) -> Any:
    """Its treedef; what comes but once is not remembered."""
    leafwise.tree_structure(tree)
    return leafwise.tree_structure(tree)


def thrash() -> None:
    """Structures of one fingerprint, and so of one place, that push each other out."""
    for size in range(12):
        remember([0, 1, 2, 3, [4] * size])
        remember({"a": 0, "b": 1, "c": 2, "d": 3, "e": [4] * size})


def assert_like_reference(tree: Any) -> None:
    ours = outcome(lambda: leafwise.tree_flatten(tree))
    theirs = outcome(lambda: reference.tree_flatten(tree))
    assert ours[0] == theirs[0], (ours, theirs)
    if ours[0] == "raised":
        assert type(ours[1]).__name__ == type(theirs[1]).__name__
        return
    leaves, treedef = ours[1]
    expected_leaves, expected_treedef = theirs[1]
    assert ids(leaves) == ids(expected_leaves)
    assert repr(treedef) == repr(expected_treedef)
    assert treedef.num_nodes == expected_treedef.num_nodes
    assert leafwise.tree_structure(tree) == treedef
    assert ids(leafwise.tree_leaves(tree)) == ids(expected_leaves)
    numbers = list(range(len(leaves)))
    for _ in range(3):  # the second time by templates
        ours_again = treedef.unflatten(numbers)
        assert describe(ours_again) == describe(expected_treedef.unflatten(numbers))
    assert ids(treedef.flatten_up_to(tree)) == ids(leaves)
    assert show_paths(leafwise.tree_leaves_with_path(tree)) == show_paths(
        reference.tree_leaves_with_path(tree)
    )


@given(tree=trees_with_any_keys, others=st.lists(trees_with_any_keys, max_size=3))
def test_hot_cold_and_thrashing(tree: Any, others: list[Any]) -> None:
    leafwise.clear_cache()
    assert_like_reference(tree)  # cold
    assert_like_reference(tree)  # hot
    for other in others:
        assert_like_reference(other)
    thrash()
    assert_like_reference(tree)


def test_the_same_structure_gives_the_same_treedef() -> None:
    def make() -> Any:
        return {"b": [1, (2, None)], "a": Point(1, {"x": 2.0})}

    assert remember(make()) is leafwise.tree_structure(make())
    assert leafwise.tree_flatten(make())[1] is leafwise.tree_flatten_with_path(make())[1]
    info = leafwise.cache_info()
    assert (info.hits, info.misses, info.entries) == (3, 2, 1)


def test_other_options_are_other_structures() -> None:
    tree = [None, 1]
    assert leafwise.tree_leaves(tree) == [1]
    assert leafwise.tree_leaves(tree, none_is_leaf=True) == [None, 1]
    assert leafwise.tree_leaves(tree) == [1]
    registry = leafwise.PyTreeRegistry(enable_list=False)
    assert leafwise.tree_leaves(tree, registry=registry) == [tree]
    assert leafwise.tree_leaves(tree) == [1]


def test_a_registration_is_respected_at_once() -> None:
    thing, tree = Thing(), {"a": Thing()}
    for _ in range(3):
        remember([thing, tree])
        assert leafwise.tree_leaves([thing, tree]) == [thing, tree["a"]]
        leafwise.register_pytree_node(Thing, lambda _: ((1, 2), None), lambda *_: Thing())
        assert leafwise.tree_leaves([thing, tree]) == [1, 2, 1, 2]
        leafwise.unregister_pytree_node(Thing)


def test_a_registration_in_a_parent_is_respected_at_once() -> None:
    parent = leafwise.PyTreeRegistry()
    child = leafwise.PyTreeRegistry(parent=parent)
    thing = Thing()
    assert leafwise.tree_leaves([thing], registry=child) == [thing]
    parent.register_node(Thing, lambda _: ((1,), None), lambda *_: Thing())
    assert leafwise.tree_leaves([thing], registry=child) == [1]


def test_keys_that_are_equal_but_other_objects() -> None:
    def text(*parts: str) -> str:
        return "".join(parts)

    first = {text("ke", "y"): 1, text("a", "b"): 2}
    second = {text("ke", "y"): 3, text("a", "b"): 4}
    assert remember(first) is leafwise.tree_flatten(second)[1]
    assert leafwise.tree_leaves(second) == [4, 3]
    big = {10**6: 1, 10**5: 2}
    assert leafwise.tree_leaves(big) == leafwise.tree_leaves({int("1000000"): 1, int("100000"): 2})


def test_another_order_of_insertion() -> None:
    remember({"a": 1, "b": 2, "c": 3})
    assert leafwise.tree_leaves({"c": 3, "a": 1, "b": 2}) == [1, 2, 3]
    ordered = collections.OrderedDict(a=1, b=2)
    remember(ordered)
    assert leafwise.tree_leaves(ordered) == [1, 2]
    ordered.move_to_end("a")
    assert leafwise.tree_leaves(ordered) == [2, 1]
    assert leafwise.tree_leaves(collections.OrderedDict(a=1, b=2)) == [1, 2]


@pytest.mark.parametrize("keys", [(1, True), (0, False), (1, 1.0), (0.0, -0.0), (1, "1")])
def test_keys_of_other_types_are_other_keys(keys: tuple[Any, Any]) -> None:
    for key in keys * 3:
        treedef = leafwise.tree_structure({key: 0})
        assert repr(treedef) == f"PyTreeDef({{{key!r}: *}})"


def test_keys_of_user_types_are_asked_each_time() -> None:
    class Key(str):
        __hash__ = str.__hash__
        asked = 0

        def __lt__(self, other: str) -> bool:
            Key.asked += 1
            return Key.asked % 2 == 0

    tree = {Key("a"): 1, Key("b"): 2}
    remember(tree)
    before = Key.asked
    leafwise.tree_leaves(tree)
    assert Key.asked > before
    assert leafwise.cache_info().entries == 0


def test_another_default_factory() -> None:
    def make(factory: Any) -> Any:
        return collections.defaultdict(factory, a=1)

    assert repr(leafwise.tree_structure(make(int))) != repr(leafwise.tree_structure(make(list)))
    for factory in (int, None, len, dict.fromkeys, plain_factory):
        assert remember(make(factory)) is leafwise.tree_structure(make(factory))


def test_a_class_that_is_no_named_tuple_any_more() -> None:
    class Fake(tuple):
        _fields = ("a",)

    fake = Fake((1,))
    remember([fake])
    assert leafwise.tree_leaves([fake]) == [1]
    del Fake._fields
    assert leafwise.tree_leaves([fake]) == [fake]
    Fake._fields = ("b",)
    [(path, _)] = leafwise.tree_leaves_with_path([fake])
    assert leafwise.keystr(path) == "[0].b"
    Fake._fields = ("c",)
    [(path, _)] = leafwise.tree_leaves_with_path([fake])
    assert leafwise.keystr(path) == "[0].c"


def test_an_object_that_is_a_named_tuple_by_itself() -> None:
    class Maybe(tuple):
        pass

    plain, named = Maybe((1,)), Maybe((2,))
    named._fields = ("a",)
    for _ in range(2):
        assert leafwise.tree_leaves([plain]) == [plain]
        assert leafwise.tree_leaves([named]) == [2]


def test_iterators_warn_each_time() -> None:
    for _ in range(2):
        with pytest.warns(DeprecationWarning, match="treated as a leaf"):
            leafwise.tree_leaves([iter([1])])
    [leaf] = leafwise.tree_leaves([5])
    assert leaf == 5
    with pytest.warns(DeprecationWarning, match="treated as a leaf"):
        leafwise.tree_leaves([iter([1])])


def test_no_leaf_is_kept() -> None:
    thing = Thing()
    dead = weakref.ref(thing)
    for _ in range(2):
        leafwise.tree_map(lambda x: x, {"a": [thing], "b": thing, "c": 1})
        leafwise.tree_flatten_with_path([thing, thing])
    del thing
    assert dead() is None


CARRYING: dict[str, Callable[[Any], Any]] = {
    "closure": lambda thing: lambda: thing,
    "default": lambda thing: lambda x=thing: x,
    "default in a tuple": lambda thing: lambda x=(thing,): x,
    "keyword default": lambda thing: lambda *, x=thing: x,
    "attribute": lambda thing: functools.update_wrapper(lambda: None, thing.method, ()),
    "method": lambda thing: thing.method,
    "method of a built-in class": lambda thing: [thing].copy,
    "partial": lambda thing: functools.partial(list, [thing]),
    "object": lambda thing: thing,
}


@pytest.mark.parametrize("carry", CARRYING.values(), ids=CARRYING)
def test_what_functions_carry_is_not_kept(carry: Callable[[Any], Any]) -> None:
    class Model:
        def __call__(self) -> None:
            pass

        def method(self) -> None:
            pass

    class Named:
        def __init__(self, x: Any, name: Any) -> None:
            self.x = x
            self.name = name

    registry = leafwise.PyTreeRegistry()
    registry.register_dataclass_node(Named, ["x"], ["name"])
    for make in (lambda f: collections.defaultdict(f, a=1), lambda f: Named(1, f)):
        model = Model()
        dead = weakref.ref(model)
        tree = make(carry(model))
        for _ in range(3):
            assert leafwise.tree_leaves(tree, registry=registry) == [1]
        del model, tree
        gc.collect()
        assert dead() is None


@collects_classes
def test_classes_and_keys_go_when_the_cache_is_cleared() -> None:
    kind = collections.namedtuple("kind", "a")  # type: ignore[misc]
    leaf_type = type("Leaf", (), {})
    dead = [weakref.ref(kind), weakref.ref(leaf_type)]
    remember([kind(leaf_type())])
    assert leafwise.tree_structure([kind(leaf_type())]).num_leaves == 1
    del kind, leaf_type
    leafwise.clear_cache()
    gc.collect()
    assert [ref() for ref in dead] == [None, None]


@collects_classes
def test_classes_go_when_they_are_pushed_out() -> None:
    kind = type("Fake", (tuple,), {"_fields": ("a",)})
    dead = weakref.ref(kind)
    remember([0, 1, 2, 3, 4, kind((1,))])
    del kind
    gc.collect()
    assert dead() is not None
    for size in range(10):
        remember([0, 1, 2, 3, 4, [1] * size])
    gc.collect()
    assert dead() is None


def test_the_cache_is_bounded() -> None:
    for size in range(3000):
        remember([[0] * size, [1]])
    info = leafwise.cache_info()
    assert 100 < info.entries <= 1024
    assert info.nodes <= 2**20
    leafwise.clear_cache()
    wide = [[0] * (1 + i % 2) for i in range(300_000)]  # equal siblings would be one node
    remember(wide)
    assert leafwise.cache_info().entries == 0
    for size in range(10):
        remember([[0] for _ in range(200_000 + size)])
    assert 0 < leafwise.cache_info().nodes <= 2**20


def test_the_cache_is_bounded_in_keys() -> None:
    remember(dict.fromkeys(range(300_000), 0))
    assert leafwise.cache_info().entries == 0
    for number in range(150):
        remember(dict.fromkeys(range(number, number + 20_000), 0))
    info = leafwise.cache_info()
    assert 0 < info.entries * 20_000 < info.nodes <= 2**20


def test_all_are_cleared_though_registries_go_meanwhile() -> None:
    gc.collect()
    registries = [leafwise.PyTreeRegistry() for _ in range(5)]
    for registry in registries:
        for _ in range(3):
            leafwise.tree_flatten({"a": [1]}, registry=registry)
    kept = registries[::2]
    del registries, registry  # those that are not kept live by what their caches hold
    leafwise.clear_cache()
    assert leafwise.cache_info() == (0, 0, 0, 0)
    assert len(kept) == 3


def test_a_finalizer_that_flattens_while_the_cache_is_cleared() -> None:
    class Noisy:
        def __del__(self) -> None:
            leafwise.tree_leaves({"x": [1]})
            leafwise.clear_cache()

    kind = type("Fake", (tuple,), {"_fields": ("a",), "noisy": Noisy()})
    remember([kind((1,))])
    del kind
    gc.collect()
    leafwise.clear_cache()
    gc.collect()
    assert leafwise.tree_leaves({"x": [1]}) == [1]


def test_registries_with_their_caches_are_collected() -> None:
    def make() -> weakref.ref[Any]:
        registry = leafwise.PyTreeRegistry()
        for _ in range(3):
            leafwise.tree_structure({"a": [1]}, registry=registry)
        return weakref.ref(registry)

    dead = make()
    gc.collect()
    assert dead() is None


def test_rebuilt_dicts_are_independent_of_each_other() -> None:
    treedef = leafwise.tree_structure({"a": 0, "b": 0, "c": 0, "d": 0})
    trees = [treedef.unflatten([number] * 4) for number in range(5)]
    for number, tree in enumerate(trees):
        assert tree == dict.fromkeys("abcd", number)
        assert list(tree) == list("abcd")
        tree["e"] = number
        del tree["a"]
    assert treedef.unflatten([[], 1, 2, 3]) == {"a": [], "b": 1, "c": 2, "d": 3}


def test_rebuilt_dicts_are_collected() -> None:
    class Node:
        tree: Any

    treedef = leafwise.tree_structure({"a": 0, "b": 0, "c": 0})
    for _ in range(3):
        node = Node()
        dead = weakref.ref(node)
        node.tree = treedef.unflatten([1, node, 2])
        del node
        gc.collect()
        assert dead() is None


@collects_classes
def test_treedefs_found_equal_do_not_keep_each_other_for_ever() -> None:
    def make() -> Any:
        return leafwise.tree_structure({"a": [kinds[0]((1,))]}, none_is_leaf=True)

    kinds: list[Any] = [type("Fake", (tuple,), {"_fields": ("a",)})]
    dead = weakref.ref(kinds[0])
    treedefs = [make().compose(leafwise.tree_structure(0)) for _ in range(4)]
    for _ in range(2):
        assert all(one == other for one in treedefs for other in treedefs)
        assert not any(one != other for one in treedefs for other in treedefs)
    assert treedefs[0] != leafwise.tree_structure({"a": [(1,)]})
    kinds.clear()
    treedefs.clear()
    leafwise.clear_cache()
    gc.collect()
    assert dead() is None
