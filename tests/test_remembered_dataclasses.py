"""Structures with dataclasses are remembered, though reading their fields may run user code."""

from __future__ import annotations

import dataclasses
import enum
import gc
import sys
import weakref
from collections.abc import Callable
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
import pytest

import leafwise
from interpreter import collects_classes
from leafwise import reference
from remembering import TIMES


@dataclasses.dataclass
class Point:
    x: Any
    y: Any
    name: Any = "point"


@dataclasses.dataclass(frozen=True)
class Slotted:
    __slots__ = ("x", "y")
    x: Any
    y: Any


class Own:
    """No dataclass, registered by the names of its fields."""

    def __init__(self, x: Any, name: Any = None) -> None:
        self.x = x
        self.name = name


class Name(str):
    """A field's name that is not looked for in the places where fields are, but by the class."""


@pytest.fixture(params=[str, Name], ids=["in place", "by name"])
def registries(request: pytest.FixtureRequest) -> Any:
    def names(*plain: str) -> list[str]:
        return [request.param(name) for name in plain]

    found = {}
    for lw in (leafwise, reference):
        registry = found[lw] = lw.PyTreeRegistry()
        registry.register_dataclass_node(Point, names("x", "y"), names("name"))
        registry.register_dataclass_node(Slotted, names("x", "y"), [])
        registry.register_dataclass_node(Own, names("x"), names("name"))
    leafwise.clear_cache()
    return found


def answer(lw: ModuleType, registry: Any, tree: Any) -> Any:
    leaves, treedef = lw.tree_flatten(tree, registry=registry)
    paths = [
        (lw.keystr(path), leaf) for path, leaf in lw.tree_leaves_with_path(tree, registry=registry)
    ]
    return leaves, str(treedef), paths, treedef.flatten_up_to(tree)


def compare(registries: Any, tree: Any) -> None:
    expected = answer(reference, registries[reference], tree)
    for _ in range(TIMES):
        assert answer(leafwise, registries[leafwise], tree) == expected


TREES: list[Callable[[], Any]] = [
    lambda: Point(1, 2),
    lambda: Slotted(1, [2, (3, None)]),
    lambda: [Point(1, {"a": Slotted(2, 3)}), Own(4), (Point([], ()), 5)],
    lambda: {"a": Point(Point(1, 2, "inner"), 3), "b": [Own([1, 2], int), Own(3, len)]},
    lambda: Point(1, 2, ("a", 1, 2.5, None, b"x", True)),
    lambda: Point(1, 2, name=object),
    lambda: Point(1, 2, name=TREES),  # a list as metadata
]


@pytest.mark.filterwarnings("ignore:The field .* is metadata:UserWarning")
@pytest.mark.parametrize("make", TREES)
def test_answers_are_those_of_the_reference(registries: Any, make: Any) -> None:
    compare(registries, make())


def test_they_are_remembered(registries: Any) -> None:
    registry = registries[leafwise]
    trees = [[Point(i, {"a": i}), Slotted(i, i)] for i in range(TIMES)]
    first, *others = [leafwise.tree_structure(tree, registry=registry) for tree in trees]
    assert others[-1] is others[-2]
    assert first == others[-1]


def test_metadata_is_part_of_the_structure(registries: Any) -> None:
    registry = registries[leafwise]
    for name in ("a", 1, 2.5, None, ("a", 1), int, len, "b", "a", True, 1.0):
        tree = Point(1, 2, name)
        for _ in range(TIMES):
            compare(registries, tree)
            assert leafwise.tree_structure(tree, registry=registry).unflatten([1, 2]).name is name


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="there are no such strings any more")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_strings_that_are_not_ready(registries: Any) -> None:
    make = pytest.importorskip("_testcapi").unicode_legacy_string
    registry = registries[leafwise]
    for _ in range(TIMES):
        leafwise.tree_structure(Point(1, 2, make("abc")), registry=registry)
    treedef = leafwise.tree_structure(Point(1, 2, make("xyz")), registry=registry)
    assert str(treedef) == "PyTreeDef(CustomNode(Point[('xyz',)], [*, *]))"


class Color(enum.Enum):
    RED = 1


@dataclasses.dataclass(frozen=True)
class Config:
    width: Any
    activation: Any = len
    color: Color = Color.RED


@pytest.mark.parametrize(
    "name",
    [
        Color.RED,
        np.dtype("float32"),
        np.dtype([("a", int)]),
        np.float32,
        Config(3),
        Config(Config(1)),
    ],
    ids=repr,
)
def test_metadata_of_the_program_is_remembered(registries: Any, name: Any) -> None:
    registry = registries[leafwise]
    compare(registries, Point(1, 2, name))
    treedefs = [leafwise.tree_structure(Point(i, i, name), registry=registry) for i in range(TIMES)]
    assert treedefs[-1] is treedefs[-2]


def test_equal_metadata_is_found_again(registries: Any) -> None:
    registry = registries[leafwise]
    for make in (lambda: (1, 2.5, "a"), lambda: float("1.5"), lambda: "".join(["a", "b"])):
        trees = [Point(1, 2, make()) for _ in range(TIMES)]
        treedefs = [leafwise.tree_structure(tree, registry=registry) for tree in trees]
        assert treedefs[-1] is treedefs[-2]


def test_metadata_with_the_program_s_data_in_it_is_not_kept(registries: Any) -> None:
    class Big:
        pass

    big = Big()
    alive = weakref.ref(big)
    tree = Point(1, 2, Config(big))
    for _ in range(TIMES):
        leafwise.tree_flatten(tree, registry=registries[leafwise])
    del tree, big
    gc.collect()
    assert alive() is None


def test_metadata_that_raises_whatever_it_is_asked(registries: Any) -> None:
    class Meta(type):
        def __getattr__(cls, name: str) -> Any:
            raise LookupError(name)

    class Raising(metaclass=Meta):
        pass

    for _ in range(TIMES):
        assert leafwise.tree_leaves(Point(1, 2, Raising()), registry=registries[leafwise]) == [1, 2]


def test_a_config_that_contains_itself(registries: Any) -> None:
    config = Config(1)
    object.__setattr__(config, "width", config)
    for _ in range(TIMES):
        assert leafwise.tree_leaves(Point(1, 2, config), registry=registries[leafwise]) == [1, 2]


def test_metadata_of_the_program_s_data_is_not_kept(registries: Any) -> None:
    class Big:
        pass

    def tree_and_metadata() -> Any:
        big = Big()
        return Point(1, 2, lambda: big), weakref.ref(big)

    tree, alive = tree_and_metadata()
    for _ in range(TIMES):
        leafwise.tree_flatten(tree, registry=registries[leafwise])
    del tree
    gc.collect()
    assert alive() is None


def test_no_leaf_is_kept(registries: Any) -> None:
    class Leaf:
        pass

    leaf = Leaf()
    alive = weakref.ref(leaf)
    tree = [Point(leaf, leaf), Slotted(leaf, leaf)]
    for _ in range(TIMES):
        leafwise.tree_flatten(tree, registry=registries[leafwise])
        leafwise.tree_structure(tree, registry=registries[leafwise])
    del tree, leaf
    gc.collect()
    assert alive() is None


def test_a_field_that_becomes_a_property(registries: Any) -> None:
    registry = registries[leafwise]

    class Late:
        def __init__(self, x: Any) -> None:
            self.x = x

    registry.register_dataclass_node(Late, ["x"], [])
    tree = [Late(1)]
    for _ in range(TIMES):
        assert leafwise.tree_leaves(tree, registry=registry) == [1]
    calls = []

    def get(self: Any) -> Any:
        calls.append(self)
        return 2

    Late.x = property(get)  # type: ignore[attr-defined]
    assert leafwise.tree_leaves(tree, registry=registry) == [2]
    assert calls == tree


def test_a_field_that_the_class_makes_is_read_once(registries: Any) -> None:
    class Counting:
        calls = 0

        def __get__(self, instance: Any, owner: Any = None) -> Any:
            Counting.calls += 1
            return Counting.calls

    class Made:
        y = Counting()

        def __init__(self, x: Any) -> None:
            self.x = x

    registry = registries[leafwise]
    registry.register_dataclass_node(Made, ["x", "y"], [])
    for x in [1, 1, 1, [2], [2], [2], (3, 4)]:
        Counting.calls = 0
        leafwise.tree_leaves([Made(x)], registry=registry)
        assert Counting.calls == 1


def test_a_field_that_is_not_there(registries: Any) -> None:
    registry = registries[leafwise]
    tree = [Point(1, 2), Point(3, 4)]
    treedef = leafwise.tree_structure(tree, registry=registry)
    for _ in range(TIMES):
        leafwise.tree_flatten(tree, registry=registry)
    del tree[1].y
    for _ in range(TIMES):
        for call in (leafwise.tree_flatten, leafwise.tree_structure, leafwise.tree_leaves):
            with pytest.raises(AttributeError, match="'y'"):
                call(tree, registry=registry)
        with pytest.raises(AttributeError, match="'y'"):
            treedef.flatten_up_to(tree)


class Key:
    """A key in an object's dict that looks like a field: `hook` runs when that is looked for."""

    hook: Callable[[], object] = staticmethod(lambda: None)

    def __hash__(self) -> int:
        return hash("x")

    def __eq__(self, other: object) -> bool:
        Key.hook()
        return False


class Leaf:
    """So that hostile code has something to free."""


def hostile_tree() -> Any:
    tree = [[Leaf(), Leaf()], Own(Leaf()), {"k": [Leaf()]}, [Own(Leaf()), Leaf()]]
    own = tree[1]
    own.__dict__.clear()
    own.__dict__[Key()] = 1
    own.__dict__["x"] = Leaf()
    own.__dict__["name"] = None
    return tree


@pytest.mark.parametrize("call", ["tree_flatten", "tree_structure", "flatten_up_to"])
@pytest.mark.parametrize("hook", ["clear", "clear_cache", "unregister", "flatten", "raise", "grow"])
def test_hostile_keys(registries: Any, call: str, hook: str) -> None:
    registry = registries[leafwise]
    harmless = [[Leaf(), Leaf()], Own(Leaf()), {"k": [Leaf()]}, [Own(Leaf()), Leaf()]]
    treedef = leafwise.tree_structure(harmless, registry=registry)
    for _ in range(TIMES):
        leafwise.tree_flatten(harmless, registry=registry)
    tree = hostile_tree()

    def act() -> None:
        if hook == "clear":
            for container in (tree[3], tree[2]["k"], tree[2], tree[0]) if tree else ():
                container.clear()
            tree.clear()
        elif hook == "clear_cache":
            leafwise.clear_cache()
        elif hook == "unregister":
            if registry.is_node(Point):
                leafwise.unregister_pytree_node(Point, registry=registry)
        elif hook == "flatten":
            leafwise.tree_flatten(harmless, registry=registry)
        elif hook == "raise":
            raise KeyboardInterrupt("mine")
        elif hook == "grow":
            tree[3].append(1)
        gc.collect()

    functions: dict[str, Callable[[], Any]] = {
        "tree_flatten": lambda: leafwise.tree_flatten(tree, registry=registry),
        "tree_structure": lambda: leafwise.tree_structure(tree, registry=registry),
        "flatten_up_to": lambda: treedef.flatten_up_to(tree),
    }
    Key.hook = staticmethod(act)
    try:
        functions[call]()
    except (KeyboardInterrupt, ValueError, AttributeError, RuntimeError) as error:
        assert type(error) is KeyboardInterrupt or hook in ("clear", "grow")
    finally:
        Key.hook = staticmethod(lambda: None)


def test_finalizers_of_what_is_read(registries: Any) -> None:
    registry = registries[leafwise]

    class Dying:
        def __init__(self) -> None:
            self.y = [1, 2]

        def __getattr__(self, name: str) -> Any:
            return [1, Own(2)]

        def __del__(self) -> None:
            leafwise.clear_cache()
            leafwise.tree_flatten([Point(1, 2)], registry=registry)

    registry.register_dataclass_node(Dying, ["x", "y"], [])
    for _ in range(TIMES):
        assert leafwise.tree_leaves([Dying(), Dying()], registry=registry) == [1, 2, 1, 2] * 2


def test_a_class_that_is_unregistered_is_a_leaf(registries: Any) -> None:
    registry = registries[leafwise]
    tree = [Point(1, 2)]
    for _ in range(TIMES):
        assert leafwise.tree_leaves(tree, registry=registry) == [1, 2]
    leafwise.unregister_pytree_node(Point, registry=registry)
    assert leafwise.tree_leaves(tree, registry=registry) == tree
    registry.register_dataclass_node(Point, ["y"], ["x"])
    for _ in range(TIMES):
        assert leafwise.tree_leaves(tree, registry=registry) == [2]


@collects_classes
def test_classes_are_let_go() -> None:
    registry = leafwise.PyTreeRegistry()
    cls = dataclasses.make_dataclass("Gone", ["x"])
    alive = weakref.ref(cls)
    registry.register_dataclass_node(cls, ["x"], [])
    for _ in range(TIMES):
        leafwise.tree_flatten([cls(1)], registry=registry)
    leafwise.unregister_pytree_node(cls, registry=registry)
    leafwise.clear_cache()
    del cls
    gc.collect()
    assert alive() is None


class Undecided:
    """Is equal to another one as often as it is said."""

    answers: ClassVar[list[bool]] = []

    def __eq__(self, other: object) -> bool:
        return Undecided.answers.pop()

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.filterwarnings("ignore:The field .* is metadata:UserWarning")
def test_metadata_that_change_their_mind(registries: Any) -> None:
    registry = registries[leafwise]
    one, other = (
        leafwise.tree_structure([Point(1, 2, name), 3], registry=registry)
        for name in (Undecided(), Undecided())
    )
    for answer in (True, False, True, True, False):
        Undecided.answers = [answer]
        assert (one == other) is answer


def test_treedefs_found_equal_stay_equal(registries: Any) -> None:
    registry = registries[leafwise]
    names = [len, ("a", 1), Config(2), Color.RED, object]
    for name, same in [*((name, name) for name in names), ("ab", "".join(["a", "b"]))]:
        one, equal, other = (
            leafwise.tree_structure([Point(1, 2, each), Slotted(3, 4)], registry=registry)
            for each in (name, same, "other")
        )
        for _ in range(TIMES):
            assert one == equal
            assert one != other
            assert hash(one) == hash(equal)
