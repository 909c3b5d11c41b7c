"""Objects are rebuilt as their class says now, however often they were rebuilt before."""

from __future__ import annotations

import dataclasses
import gc
import sys
from collections import namedtuple
from collections.abc import Callable
from types import ModuleType
from typing import Any
from unittest import mock

import pytest

import leafwise
from remembering import TIMES


@pytest.fixture
def registry(lw: ModuleType) -> Any:
    return lw.PyTreeRegistry()


class Base:
    pass


def fresh_class() -> Any:
    @dataclasses.dataclass
    class Point(type("Middle", (Base,), {})):  # type: ignore[misc]
        x: Any

    return Point


def rebuilt_often(lw: ModuleType, registry: Any, cls: Any) -> Any:
    lw.register_dataclass(cls, registry=registry)
    treedef = lw.tree_structure(cls(1), registry=registry)
    for _ in range(TIMES):
        assert vars(treedef.unflatten([2])) == {"x": 2}
    return treedef


def checking_init(self: Any, x: Any) -> None:
    self.x = ("checked", x)


def checking_setattr(self: Any, name: str, value: Any) -> None:
    object.__setattr__(self, name, ("checked", value))


CHANGES: dict[str, Callable[[Any], None]] = {
    "__init__": lambda cls: setattr(cls, "__init__", checking_init),
    "__setattr__": lambda cls: setattr(cls, "__setattr__", checking_setattr),
    "__setattr__ of a base": lambda cls: setattr(cls.__base__, "__setattr__", checking_setattr),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("is_met_again", [True, False])
def test_a_class_that_changed(
    lw: ModuleType, registry: Any, change: str, is_met_again: bool
) -> None:
    cls = fresh_class()
    treedef = rebuilt_often(lw, registry, cls)
    CHANGES[change](cls)
    for _ in range(TIMES):
        if is_met_again:  # which finds out anew where the class has its fields
            lw.tree_leaves(cls(1), registry=registry)
        assert treedef.unflatten([3]).x == ("checked", 3)


def test_a_class_without_its_constructor(lw: ModuleType, registry: Any) -> None:
    cls = fresh_class()
    tree = cls(1)
    treedef = rebuilt_often(lw, registry, cls)
    del cls.__init__
    for _ in range(TIMES):
        assert lw.tree_leaves(tree, registry=registry) == [1]
        with pytest.raises(TypeError, match="takes no arguments"):
            treedef.unflatten([3])


def test_a_constructor_that_is_mocked(lw: ModuleType, registry: Any) -> None:
    cls = fresh_class()
    tree = cls(1)
    treedef = rebuilt_often(lw, registry, cls)
    with mock.patch.object(cls, "__init__", return_value=None) as constructor:
        for _ in range(TIMES):
            lw.tree_leaves(tree, registry=registry)
            treedef.unflatten([3])
    assert constructor.call_count == TIMES
    assert treedef.unflatten([3]) == cls(3)


def test_names_that_the_constructor_has_for_others(lw: ModuleType, registry: Any) -> None:
    @dataclasses.dataclass
    class Pair:
        a: Any
        b: Any

    registry.register_dataclass_node(Pair, ["a", "b"], [], aliases={"a": "b", "b": "a"})
    treedef = lw.tree_structure(Pair(1, 2), registry=registry)
    for _ in range(TIMES):
        assert treedef.unflatten([1, 2]) == Pair(b=1, a=2)


def test_other_fields_of_the_same_class(lw: ModuleType) -> None:
    @dataclasses.dataclass
    class Pair:
        a: Any
        b: Any

    structures = []
    for data, meta, pair in (("a", "b", Pair(1, 2)), ("b", "a", Pair(2, 1))):
        registry = lw.PyTreeRegistry()
        registry.register_dataclass_node(Pair, [data], [meta])
        structures.append(lw.tree_structure(pair, registry=registry))
    assert structures[0].node_data() == structures[1].node_data() == (Pair, (2,))
    assert structures[0] != structures[1]
    assert [treedef.unflatten([7]) for treedef in structures] == [Pair(7, 2), Pair(2, 7)]


def test_two_names_of_one_slot(lw: ModuleType, registry: Any) -> None:
    class Slotted:
        __slots__ = ("a",)

    Slotted.b = Slotted.a  # type: ignore[attr-defined]
    lw.register_fields(Slotted, ["a", "b"], construct="new", registry=registry)
    tree = Slotted()
    tree.a = 1  # type: ignore[attr-defined]
    treedef = lw.tree_structure(tree, registry=registry)
    first, second = object(), object()
    before = sys.getrefcount(first), sys.getrefcount(second)
    for _ in range(TIMES):
        assert treedef.unflatten([first, second]).a is second
    assert (sys.getrefcount(first), sys.getrefcount(second)) == before


def test_a_slot_that_the_collector_finds_empty() -> None:
    class Mixed:
        __slots__ = ("__dict__", "a")

    class Owner:
        def __init__(self, child: Any) -> None:
            self.child = child

    registry = leafwise.PyTreeRegistry()
    leafwise.register_fields(Mixed, ["b", "a"], construct="new", registry=registry)
    registry.register_node(Owner, lambda o: ((o.child,), None), lambda _, c: Owner(*c))
    model = Mixed()
    for i in range(40):  # objects of this class get a dict at once
        setattr(model, f"other{i}", i)
    model.a, model.b = 1, 2  # type: ignore[attr-defined]
    treedef = leafwise.tree_structure([Owner(0)] + [model] * 50, registry=registry)
    token = Base()

    def fill(phase: str, info: Any) -> None:
        for found in gc.get_objects(generation=0):
            if type(found) is Mixed and not hasattr(found, "a"):
                found.a = token  # type: ignore[attr-defined]

    thresholds = gc.get_threshold()
    gc.callbacks.append(fill)
    before = sys.getrefcount(token)
    try:
        gc.set_threshold(3)
        for _ in range(10):
            treedef.unflatten(range(treedef.num_leaves))
    finally:
        gc.set_threshold(*thresholds)
        gc.callbacks.remove(fill)
    assert sys.getrefcount(token) == before


class Asked(type):
    @property
    def __dataclass_params__(cls) -> Any:
        raise RuntimeError("nobody asked for this")


def test_an_error_in_what_nobody_asked_for(lw: ModuleType, registry: Any) -> None:
    class Odd(metaclass=Asked):
        __dataclass_fields__ = fresh_class().__dataclass_fields__

        def __init__(self, x: Any) -> None:
            self.x = x

    lw.register_fields(Odd, ["x"], registry=registry)
    treedef = lw.tree_structure(Odd(1), registry=registry)
    for _ in range(TIMES):
        assert treedef.unflatten([1]).x == 1


def deep(levels: int, call: Callable[[], Any]) -> Any:
    return call() if levels == 0 else deep(levels - 1, call)


def long_tuple(length: int) -> Any:
    return namedtuple("Long", [f"field{k}" for k in range(length)])(*range(length))  # type: ignore[misc]


@pytest.mark.parametrize("kind", ["dataclass", "namedtuple"])
def test_near_the_recursion_limit(kind: str) -> None:
    registry = leafwise.PyTreeRegistry()
    for levels in range(sys.getrecursionlimit() - 150, sys.getrecursionlimit()):
        # New classes each time, since what was found out of them is remembered.
        tree = fresh_class()(0) if kind == "dataclass" else long_tuple(levels)
        if kind == "dataclass":
            leafwise.register_dataclass(type(tree), registry=registry)
        treedef = leafwise.tree_structure(tree, registry=registry)

        def rebuild(treedef: Any = treedef) -> Any:
            return treedef.unflatten(range(treedef.num_leaves))

        try:
            deep(levels, rebuild)
        except RecursionError:
            break
        for _ in range(TIMES):
            assert deep(levels, rebuild) == tree


NAN, OTHER_NAN = float("nan"), float("nan")


@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: (1, x)], ids=["float", "tuple"])
def test_metadata_that_are_no_number(lw: ModuleType, registry: Any, wrap: Any) -> None:
    cls = dataclasses.make_dataclass("Kind", ["x", "name"])
    lw.register_dataclass(cls, ["x"], ["name"], registry=registry)
    one, other = cls(1, wrap(NAN)), cls(2, wrap(OTHER_NAN))
    for _ in range(TIMES):
        assert lw.tree_map(max, one, one, registry=registry).x == 1
        with pytest.raises(lw.PyTreeMismatchError):
            lw.tree_map(max, one, other, registry=registry)
        assert lw.tree_structure(one, registry=registry) == lw.tree_structure(
            one, registry=registry
        )
        both = lw.tree_structure([one, other], registry=registry)
        assert both != lw.tree_structure([one, one], registry=registry)


def test_keys_that_are_no_number(lw: ModuleType) -> None:
    for _ in range(TIMES):
        assert lw.tree_map(max, {NAN: 1}, {NAN: 2}) == {NAN: 2}
        with pytest.raises(lw.PyTreeMismatchError):
            lw.tree_map(max, {NAN: 1}, {OTHER_NAN: 2})


@pytest.mark.filterwarnings("ignore:The field .* is metadata:UserWarning")
def test_metadata_that_share_their_parts() -> None:
    """They would be looked at 6 to the power of 7 times, if each way to them were gone."""
    looks = 0

    part = dataclasses.make_dataclass("Part", [f"part{i}" for i in range(6)], frozen=True)

    def getattribute(self: Any, name: str) -> Any:
        nonlocal looks
        looks += 1
        return object.__getattribute__(self, name)

    part.__getattribute__ = getattribute  # type: ignore[attr-defined, method-assign, assignment]
    metadata = part(*[1] * 6)
    for _ in range(6):
        metadata = part(*[metadata] * 6)
    metadata = part(*[metadata] * 5, [])
    cls = dataclasses.make_dataclass("Kind", ["x", "name"])
    registry = leafwise.PyTreeRegistry()
    leafwise.register_dataclass(cls, ["x"], ["name"], registry=registry)
    looks = 0
    for _ in range(TIMES):
        assert leafwise.tree_leaves(cls(1, metadata), registry=registry) == [1]
    assert looks < 1000 * TIMES


def test_a_class_is_asked_once_what_its_constructor_does(monkeypatch: Any) -> None:
    from leafwise import generated_init

    answers = []

    def counted(*arguments: Any) -> bool:
        answers.append(arguments)
        return is_generated_init(*arguments)

    is_generated_init = generated_init.is_generated_init
    monkeypatch.setattr(generated_init, "is_generated_init", counted)
    cls = fresh_class()
    registry = leafwise.PyTreeRegistry()
    leafwise.register_dataclass(cls, registry=registry)
    for count in range(1, 20):
        treedef = leafwise.tree_structure((cls(1), [0] * count), registry=registry)
        for _ in range(TIMES):
            assert treedef.unflatten(range(count + 1))[0] == cls(0)
    assert len(answers) == 1
    cls.__init__.__code__ = checking_init.__code__
    for _ in range(TIMES):
        assert treedef.unflatten(range(count + 1))[0].x == ("checked", 0)
