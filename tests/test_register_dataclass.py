"""register_dataclass: which fields are data, which metadata, and what is refused."""

from __future__ import annotations

import dataclasses
from types import ModuleType
from typing import Any

import pytest


@dataclasses.dataclass
class Three:
    x: Any
    y: Any = 0
    z: Any = dataclasses.field(default=0, metadata={"static": True})


@dataclasses.dataclass
class Hidden:
    x: Any
    cache: Any = dataclasses.field(default=None, init=False)


class Bare:
    def __init__(self, x: Any, y: Any) -> None:
        self.x, self.y = x, y


@pytest.fixture
def registry(lw: ModuleType) -> Any:
    return lw.PyTreeRegistry()


def test_fields_are_inferred(lw: ModuleType, registry: Any) -> None:
    assert lw.register_dataclass(Three, registry=registry) is Three
    leaves, treedef = lw.tree_flatten(Three(1, [2], 3), registry=registry)
    assert leaves == [1, 2]
    assert treedef.unflatten([4, 5]) == Three(4, [5], 3)
    assert repr(treedef) == "PyTreeDef(CustomNode(Three[(3,)], [*, [*]]))"
    paths = [lw.keystr(p) for p, _ in lw.tree_leaves_with_path(Three(1, [2], 3), registry=registry)]
    assert paths == [".x", ".y[0]"]


def test_fields_are_named(lw: ModuleType, registry: Any) -> None:
    lw.register_dataclass(Three, data_fields=["z", "x"], meta_fields=("y",), registry=registry)
    leaves, treedef = lw.tree_flatten(Three(1, "m", 3), registry=registry)
    assert leaves == [3, 1]
    assert treedef.node_data() == (Three, ("m",))
    assert treedef.unflatten([30, 10]) == Three(10, "m", 30)


def test_static_false_is_data(lw: ModuleType, registry: Any) -> None:
    kind = dataclasses.make_dataclass(
        "Kind", [("x", int, dataclasses.field(metadata={"static": False}))]
    )
    lw.register_dataclass(kind, registry=registry)
    assert lw.tree_leaves(kind(1), registry=registry) == [1]


def test_a_plain_class_with_fields(lw: ModuleType, registry: Any) -> None:
    lw.register_dataclass(Bare, ["x"], ["y"], registry=registry)
    leaves, treedef = lw.tree_flatten(Bare([1], "meta"), registry=registry)
    rebuilt = treedef.unflatten(leaves)
    assert (rebuilt.x, rebuilt.y) == ([1], "meta")


def test_no_fields(lw: ModuleType, registry: Any) -> None:
    kind = dataclasses.make_dataclass("Nothing", [])
    lw.register_dataclass(kind, registry=registry)
    leaves, treedef = lw.tree_flatten(kind(), registry=registry)
    assert leaves == []
    assert repr(treedef) == "PyTreeDef(CustomNode(Nothing[()], []))"
    assert treedef.unflatten([]) == kind()


def test_metadata_is_read_before_data(lw: ModuleType, registry: Any) -> None:
    reads: list[str] = []

    class Noted:
        def __getattr__(self, name: str) -> Any:
            reads.append(name)
            return 0

    lw.register_dataclass(Noted, ["a", "b"], ["m", "n"], registry=registry)
    lw.tree_flatten(Noted(), registry=registry)
    assert reads == ["m", "n", "a", "b"]


@pytest.mark.parametrize(
    "data, meta", [(["x"], None), (None, ["x"])], ids=["data only", "meta only"]
)
def test_both_or_neither(lw: ModuleType, registry: Any, data: Any, meta: Any) -> None:
    with pytest.raises(TypeError) as caught:
        lw.register_dataclass(Three, data, meta, registry=registry)
    assert str(caught.value) == (
        "register_dataclass: data_fields and meta_fields must both be specified when either is "
        f"specified. Got data_fields={data!r} meta_fields={meta!r}."
    )


def test_a_plain_class_needs_fields(lw: ModuleType, registry: Any) -> None:
    with pytest.raises(TypeError) as caught:
        lw.register_dataclass(Bare, registry=registry)
    assert str(caught.value) == (
        "register_dataclass: data_fields and meta_fields are required when nodetype is not a "
        f"dataclass. Got nodetype={Bare!r}."
    )


ONLY = (
    "data_fields and meta_fields must include all dataclass fields with ``init=True`` "
    "and only them."
)


@pytest.mark.parametrize(
    "kind, data, meta, drop, text",
    [
        (
            Three,
            ["x", "y"],
            [],
            (),
            f"{ONLY} Missing fields: {{'z'}}. Add them to drop_fields to suppress this error.",
        ),
        (Three, ["x", "y", "w"], ["z"], (), f"{ONLY} Unexpected fields: {{'w'}}."),
        (
            Three,
            ["x", "w"],
            ["y"],
            (),
            f"{ONLY} Missing fields: {{'z'}}. Add them to drop_fields to suppress this error. "
            "Unexpected fields: {'w'}.",
        ),
        (Three, ["x", "y"], ["z"], ("z",), f"{ONLY} Unexpected fields: {{'z'}}."),
        (
            Three,
            ["x", "y"],
            ["y", "z"],
            (),
            "data_fields and meta_fields must not overlap. Overlapping fields: {'y'}.",
        ),
        (Hidden, ["x", "cache"], [], (), f"{ONLY} Unexpected fields: {{'cache'}}."),
        (Hidden, None, None, (), f"{ONLY} Unexpected fields: {{'cache'}}."),
    ],
)
def test_fields_that_do_not_fit(
    lw: ModuleType, registry: Any, kind: type, data: Any, meta: Any, drop: Any, text: str
) -> None:
    with pytest.raises(ValueError) as caught:
        lw.register_dataclass(kind, data, meta, drop, registry=registry)
    assert str(caught.value) == text
    assert lw.is_tree_node(kind, registry=registry) is False


def test_drop_fields(lw: ModuleType, registry: Any) -> None:
    lw.register_dataclass(Three, ["x"], ["y"], drop_fields=["z"], registry=registry)
    leaves, treedef = lw.tree_flatten(Three(1, 2, 3), registry=registry)
    assert leaves == [1]
    assert treedef.unflatten([5]) == Three(5, 2, 0)


@pytest.mark.parametrize("drop", ["z", ["z"], ("z",)], ids=repr)
def test_drop_fields_with_inferred_fields(lw: ModuleType, registry: Any, drop: Any) -> None:
    lw.register_dataclass(Three, drop_fields=drop, registry=registry)
    leaves, treedef = lw.tree_flatten(Three(1, 2, 3), registry=registry)
    assert leaves == [1, 2]
    assert treedef.unflatten([4, 5]) == Three(4, 5, 0)


def test_dropped_fields_without_init(lw: ModuleType, registry: Any) -> None:
    lw.register_dataclass(Hidden, drop_fields=["cache"], registry=registry)
    node = Hidden(1)
    node.cache = "old"
    assert lw.tree_map(lambda x: x + 1, node, registry=registry) == Hidden(2)


def test_a_missing_attribute_propagates(lw: ModuleType, registry: Any) -> None:
    lw.register_dataclass(Bare, ["x", "absent"], [], registry=registry)
    with pytest.raises(AttributeError, match="absent"):
        lw.tree_flatten(Bare(1, 2), registry=registry)


def test_a_constructor_that_refuses_propagates(lw: ModuleType, registry: Any) -> None:
    lw.register_dataclass(Bare, ["x"], [], registry=registry)
    treedef = lw.tree_structure(Bare(1, 2), registry=registry)
    with pytest.raises(TypeError, match="y"):
        treedef.unflatten([1])
