"""Classes described by their fields: leafwise.dataclass and register_fields."""

from __future__ import annotations

import copy
import dataclasses
import gc
import pickle
import weakref
from abc import ABC, abstractmethod
from types import ModuleType
from typing import Any, ClassVar, Generic, TypeVar

import pytest

import leafwise
from remembering import TIMES, check
from spans import Span

T = TypeVar("T")


@pytest.fixture
def registry(lw: ModuleType) -> Any:
    return lw.PyTreeRegistry()


def test_dataclass(lw: ModuleType, registry: Any) -> None:
    @lw.dataclass(registry=registry)
    class Layer:
        weights: Any
        biases: Any = 0
        name: str = lw.field(static=True, default="layer")

    assert dataclasses.is_dataclass(Layer)
    check(lw, registry, Layer(1, [2]), [1, 2], [".weights", ".biases[0]"])
    treedef = lw.tree_structure(Layer(1, 2), registry=registry)
    assert treedef != lw.tree_structure(Layer(1, 2, name="other"), registry=registry)
    assert repr(treedef) == "PyTreeDef(CustomNode(Layer[('layer',)], [*, *]))"


@pytest.mark.parametrize(
    "options",
    [
        {"frozen": True},
        {"slots": True},
        {"frozen": True, "slots": True},
        {"kw_only": True},
        {"order": True},
        {"eq": True, "unsafe_hash": True},
    ],
    ids=str,
)
def test_options_of_dataclasses(lw: ModuleType, registry: Any, options: Any) -> None:
    @lw.dataclass(registry=registry, **options)
    class Layer:
        weights: Any
        biases: Any = dataclasses.field(default_factory=list)
        name: str = lw.field(static=True, default="layer")

    check(lw, registry, [Layer(weights=1), Layer(weights=2, biases=3)], [1, 2, 3],
          ["[0].weights", "[1].weights", "[1].biases"])  # fmt: skip


def test_dataclass_without_parentheses() -> None:
    @leafwise.dataclass
    class Layer:
        weights: Any

    try:
        assert leafwise.tree_leaves(Layer([1, 2])) == [1, 2]
    finally:
        leafwise.unregister_pytree_node(Layer)


def test_field_keeps_other_metadata(lw: ModuleType) -> None:
    field = lw.field(static=True, metadata={"unit": "m"}, default=1)
    assert (dict(field.metadata), field.default) == ({"static": True, "unit": "m"}, 1)
    assert dict(lw.field(metadata={"unit": "m"}).metadata) == {"unit": "m"}
    assert dict(lw.field(static=True, metadata={"static": False}).metadata) == {"static": False}


def test_arguments_of_declarations(lw: ModuleType) -> None:
    with pytest.raises(TypeError, match=r"^static must be a bool, got 'yes'$"):
        lw.field(static="yes")
    for decorate in (lw.dataclass, lw.dataclass(frozen=True)):
        with pytest.raises(TypeError, match=r"^cls must be a class, got 3$"):
            decorate(3)


@dataclasses.dataclass
class Base:
    x: Any
    y: Any = 2


class Undecorated(Base):
    pass


@dataclasses.dataclass
class Derived(Base):
    z: Any = 3


def test_inheritance(lw: ModuleType, registry: Any) -> None:
    lw.register_dataclass(Base, registry=registry)
    assert lw.tree_leaves([Undecorated(1)], registry=registry) == [Undecorated(1)]
    lw.register_dataclass(Derived, registry=registry)
    check(lw, registry, [Derived(1), Base(4)], [1, 2, 3, 4, 2],
          ["[0].x", "[0].y", "[0].z", "[1].x", "[1].y"])  # fmt: skip
    lw.register_dataclass(Undecorated, registry=registry)
    check(lw, registry, Undecorated(1), [1, 2], [".x", ".y"])


def test_generic(lw: ModuleType, registry: Any) -> None:
    @lw.dataclass(registry=registry)
    class Box(Generic[T]):
        content: T

    check(lw, registry, Box[int](1), [1], [".content"])


def test_class_variables_are_no_fields(lw: ModuleType, registry: Any) -> None:
    @lw.dataclass(registry=registry)
    class Counted:
        x: Any
        count: ClassVar[int] = 0

        def __post_init__(self) -> None:
            Counted.count += 1

    tree = Counted(1)
    for _ in range(TIMES):
        before = Counted.count
        leaves, treedef = lw.tree_flatten(tree, registry=registry)
        assert treedef.unflatten(leaves) == tree
        assert Counted.count == before + 1


def test_fields_that_the_constructor_makes(lw: ModuleType, registry: Any) -> None:
    @lw.dataclass(registry=registry)
    class Squared:
        x: Any
        square: Any = dataclasses.field(init=False)

        def __post_init__(self) -> None:
            self.square = self.x * self.x

    check(lw, registry, Squared(3), [3], [".x"])
    assert lw.tree_map(lambda x: x + 1, Squared(3), registry=registry).square == 16


def test_construct_new_keeps_what_the_constructor_made(lw: ModuleType, registry: Any) -> None:
    calls = []

    @lw.dataclass(registry=registry, construct="new")
    class Checked:
        x: Any
        made: Any = dataclasses.field(init=False)

        def __post_init__(self) -> None:
            calls.append(self.x)
            self.made = [self.x]

    tree = Checked(3)
    calls.clear()
    check(lw, registry, tree, [3, 3], [".x", ".made[0]"])
    assert calls == []


@pytest.mark.parametrize("default", [{}, {"default": 5}], ids=str)
def test_init_variables(lw: ModuleType, registry: Any, default: Any) -> None:
    @dataclasses.dataclass
    class Scaled:
        x: Any
        scale: dataclasses.InitVar[Any] = dataclasses.field(**default)

        def __post_init__(self, scale: Any) -> None:
            self.x = (self.x, scale)

    lw.register_dataclass(Scaled, registry=registry)
    leaves, treedef = lw.tree_flatten(Scaled(1, 2), registry=registry)
    assert leaves == [1, 2]
    for _ in range(TIMES):
        if default:
            assert treedef.unflatten(leaves).x == ((1, 2), 5)
        else:
            with pytest.raises(TypeError, match="'scale'"):
                treedef.unflatten(leaves)

    new = lw.PyTreeRegistry()
    lw.register_dataclass(Scaled, construct="new", registry=new)
    check(lw, new, Scaled(1, 2), [1, 2], [".x[0]", ".x[1]"])


def test_a_property_that_shadows_a_field(lw: ModuleType, registry: Any) -> None:
    @dataclasses.dataclass
    class Shadowed:
        x: Any

        def get(self) -> Any:
            return self.__dict__["hidden"]

        def put(self, value: Any) -> None:
            self.__dict__["hidden"] = value

    Shadowed.x = property(Shadowed.get, Shadowed.put)  # type: ignore[assignment]
    lw.register_dataclass(Shadowed, registry=registry)
    check(lw, registry, [Shadowed(1), Shadowed([2])], [1, 2], ["[0].x", "[1].x[0]"])


def test_a_metaclass_that_makes_objects(lw: ModuleType, registry: Any) -> None:
    made = []

    class Meta(type):
        def __call__(cls, *args: Any, **keywords: Any) -> Any:
            made.append(keywords)
            return super().__call__(*args, **keywords)

    @lw.dataclass(registry=registry)
    class Made(metaclass=Meta):
        x: Any

    leaves, treedef = lw.tree_flatten(Made(1), registry=registry)
    made.clear()
    for _ in range(TIMES):
        treedef.unflatten(leaves)
    assert made == [{"x": 1}] * TIMES


def test_abstract_classes(lw: ModuleType, registry: Any) -> None:
    class Shape(ABC):
        @abstractmethod
        def area(self) -> Any: ...

    @lw.dataclass(registry=registry)
    class Square(Shape):
        side: Any

        def area(self) -> Any:
            return self.side**2

    check(lw, registry, [Square(2), Square(3)], [2, 3], ["[0].side", "[1].side"])
    leaves, treedef = lw.tree_flatten(Square(2), registry=registry)
    Square.__abstractmethods__ = frozenset({"area"})  # as if it were abstract again
    for _ in range(TIMES):
        with pytest.raises(TypeError, match="abstract"):
            treedef.unflatten(leaves)


def test_attributes_that_are_made_when_asked_for(lw: ModuleType, registry: Any) -> None:
    class Lazy:
        def __init__(self, x: Any = None, y: Any = None) -> None:
            self.x = x

        def __getattr__(self, name: str) -> Any:
            if name == "y":
                return [self.x]
            raise AttributeError(name)

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Lazy) and vars(self) == vars(other)

    lw.register_fields(Lazy, ["x", "y"], registry=registry)
    check(lw, registry, [Lazy(1), Lazy(2)], [1, 1, 2, 2],
          ["[0].x", "[0].y[0]", "[1].x", "[1].y[0]"])  # fmt: skip


def test_rebuilt_objects_are_like_others(lw: ModuleType, registry: Any) -> None:
    finalized = []

    @dataclasses.dataclass
    class Thing:
        x: Any
        y: Any

        def __del__(self) -> None:
            finalized.append(self.y)

    lw.register_dataclass(Thing, registry=registry)
    treedef = lw.tree_structure(Thing(1, 2), registry=registry)
    gc.collect()
    finalized.clear()
    for number in range(TIMES):
        thing = treedef.unflatten([number, 2])
        thing.more = 3
        assert vars(copy.copy(thing)) == {"x": number, "y": 2, "more": 3}
        alive = weakref.ref(thing)
        thing.x = thing
        del thing
        gc.collect()
        assert alive() is None
    assert len(finalized) == 2 * TIMES


def test_treedefs_are_pickled(lw: ModuleType) -> None:
    lw.register_dataclass(Derived)
    try:
        leaves, treedef = lw.tree_flatten([Derived(1, 2), Derived(3, 4)])
        again = pickle.loads(pickle.dumps(treedef))
        assert again == treedef
        for _ in range(TIMES):
            assert again.unflatten(leaves) == [Derived(1, 2), Derived(3, 4)]
    finally:
        lw.unregister_pytree_node(Derived)


@pytest.mark.parametrize("construct", ["init", "new"])
def test_register_fields(lw: ModuleType, registry: Any, construct: Any) -> None:
    assert (
        lw.register_fields(
            Span, ["start", "end"], ["label"], construct=construct, registry=registry
        )
        is Span
    )
    check(lw, registry, [Span(1, 2, "a"), Span(3, [4])], [1, 2, 3, 4],
          ["[0].start", "[0].end", "[1].start", "[1].end[0]"])  # fmt: skip


def test_a_slot_that_is_empty(lw: ModuleType, registry: Any) -> None:
    lw.register_fields(Span, data=("start", "end"), registry=registry)
    tree = [Span(1, 2), Span(3, 4)]
    for _ in range(TIMES):
        lw.tree_leaves(tree, registry=registry)
    del tree[1].end
    for _ in range(TIMES):
        with pytest.raises(AttributeError, match="end"):
            lw.tree_leaves(tree, registry=registry)


@dataclasses.dataclass
class Flat:
    x: Any
    name: Any = dataclasses.field(default="p", metadata={"static": True})


@dataclasses.dataclass
class Flat3(Flat):
    y: Any = 2
    z: Any = dataclasses.field(default=0, init=False)


class UndecoratedFlat(Flat):
    pass


@pytest.mark.parametrize("construct", ["init", "new"])
def test_subclasses(lw: ModuleType, registry: Any, construct: Any) -> None:
    options = {"construct": construct, "subclasses": True, "registry": registry}
    lw.register_dataclass(Flat, drop_fields=None, **options)
    third = [] if construct == "init" else [0]
    trees = [Flat(1), Flat3(1, "q", [3]), UndecoratedFlat(5)]
    check(lw, registry, trees, [1, 1, 3, *third, 5])
    treedef = lw.tree_structure(trees, registry=registry)
    for _ in range(TIMES):
        assert [type(x) for x in treedef.unflatten(treedef.flatten_up_to(trees))] == [
            Flat,
            Flat3,
            UndecoratedFlat,
        ]


def test_subclasses_by_names(lw: ModuleType, registry: Any) -> None:
    lw.register_dataclass(Flat, ["x"], ["name"], subclasses=True, registry=registry)
    check(lw, registry, [Flat(1), UndecoratedFlat([2]), Flat3(1)], [1, 2, 1])


def test_subclasses_of_a_decorated_class(lw: ModuleType, registry: Any) -> None:
    @lw.dataclass(subclasses=True, registry=registry)
    class Module:
        pass

    @dataclasses.dataclass
    class Linear(Module):
        weights: Any
        bias: Any = 0

    @dataclasses.dataclass
    class Model(Module):
        layers: list[Any]
        scale: Any = 1

    tree = Model([Linear(1), Linear(2, 3)])
    check(lw, registry, tree, [1, 0, 2, 3, 1])


@pytest.mark.parametrize(
    "data, meta, error, text",
    [
        ("xy", (), TypeError, "register_fields: data must be a list of names, got 'xy'"),
        (["x"], "y", TypeError, "register_fields: meta must be a list of names, got 'y'"),
        (["x", "y"], ["x"], ValueError, "register_fields: fields that are there twice: {'x'}."),
        (["x", "x"], [], ValueError, "register_fields: fields that are there twice: {'x'}."),
        (["x", 1], [], TypeError, "field names must be str, got 1"),
        (1, [], TypeError, "register_fields: data must be a list of names, got 1"),
        (["x"], None, TypeError, "register_fields: meta must be a list of names, got None"),
        (b"xy", (), TypeError, "register_fields: data must be a list of names, got b'xy'"),
    ],
)
def test_fields_that_are_refused(
    lw: ModuleType, registry: Any, data: Any, meta: Any, error: Any, text: str
) -> None:
    with pytest.raises(error) as caught:
        lw.register_fields(Span, data, meta, registry=registry)
    assert str(caught.value) == text
    assert not registry.is_node(Span)


def test_no_such_construct(lw: ModuleType, registry: Any) -> None:
    for register in (
        lambda **options: lw.register_fields(Span, ["start"], **options),
        lambda **options: lw.register_dataclass(Base, **options),
        lambda **options: lw.dataclass(Base, **options),
    ):
        with pytest.raises(ValueError, match="construct must be 'init' or 'new', got 'call'"):
            register(construct="call", registry=registry)


def test_a_field_that_was_changed_by_hand(lw: ModuleType, registry: Any) -> None:
    @lw.dataclass(registry=registry)
    class Changed:
        x: Any = 0
        y: Any = 0

    # No class could be made with such fields.
    Changed.__dataclass_fields__["y"].default = dataclasses.MISSING
    check(lw, registry, [Changed(1, 2), Changed([3], 4)], [1, 2, 3, 4])
