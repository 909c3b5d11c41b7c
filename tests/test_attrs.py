"""Classes made by attrs: register_attrs, and register_dataclass where it meets one."""

from __future__ import annotations

import dataclasses
from types import ModuleType
from typing import Any

import attrs
import pytest

from nodes import Fields
from remembering import TIMES, check
from spans import Span


@pytest.fixture
def registry(lw: ModuleType) -> Any:
    return lw.PyTreeRegistry()


@attrs.define
class Point:
    x: Any


@pytest.mark.parametrize("given", [Fields, Span, Point(1), None, 1, "Point"], ids=repr)
def test_no_attrs_class(lw: ModuleType, registry: Any, given: Any) -> None:
    with pytest.raises(TypeError) as caught:
        lw.register_attrs(given, registry=registry)
    text = f"register_attrs: expected a class made by attrs, got {given!r}."
    assert str(caught.value) == text


def test_derived_from_a_dataclass(lw: ModuleType, registry: Any) -> None:
    @dataclasses.dataclass
    class Shape:
        name: Any

    @attrs.define
    class Circle(Shape):
        radius: Any = 1
        name: Any = attrs.field(default="circle", metadata={"static": True})

    lw.register_attrs(Circle, registry=registry)
    check(lw, registry, Circle(2), [2], [".radius"])


def test_base_of_a_dataclass(lw: ModuleType, registry: Any) -> None:
    @dataclasses.dataclass
    class Named(Point):
        name: Any

    with pytest.raises(TypeError, match="register_attrs: expected a class made by attrs, got"):
        lw.register_attrs(Named, registry=registry)
    lw.register_dataclass(Named, registry=registry)
    check(lw, registry, Named("a"), ["a"], [".name"])


@pytest.mark.parametrize("construct", ["init", "new"])
@pytest.mark.parametrize("options", [{}, {"frozen": True}, {"slots": False}], ids=str)
def test_fields(lw: ModuleType, registry: Any, options: Any, construct: Any) -> None:
    @attrs.define(**options)
    class Layer:
        weights: Any
        _bias: Any = 0
        name: str = attrs.field(default="layer", metadata={"static": True})

    lw.register_attrs(Layer, construct=construct, registry=registry)
    check(lw, registry, [Layer(1), Layer([2], bias=3, name="n")], [1, 0, 2, 3],
          ["[0].weights", "[0]._bias", "[1].weights[0]", "[1]._bias"])  # fmt: skip


def test_validators(lw: ModuleType, registry: Any) -> None:
    @attrs.define
    class Checked:
        x: Any = attrs.field(validator=attrs.validators.instance_of(int))

    lw.register_dataclass(Checked, registry=registry)
    treedef = lw.tree_structure(Checked(1), registry=registry)
    new = lw.PyTreeRegistry()
    lw.register_attrs(Checked, construct="new", registry=new)
    new_treedef = lw.tree_structure(Checked(1), registry=new)
    for _ in range(TIMES):
        with pytest.raises(TypeError, match="'x' must be"):
            treedef.unflatten([object])
        assert new_treedef.unflatten([object]).x is object


def test_fields_that_the_constructor_makes(lw: ModuleType, registry: Any) -> None:
    @attrs.define
    class Squared:
        x: Any
        square: Any = attrs.field(init=False)

        def __attrs_post_init__(self) -> None:
            self.square = self.x * self.x

    with pytest.raises(ValueError, match=r"Unexpected fields: {'square'}"):
        lw.register_dataclass(Squared, registry=registry)
    lw.register_attrs(Squared, registry=registry)
    check(lw, registry, Squared(3), [3], [".x"])
