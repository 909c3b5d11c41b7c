"""leafwise.tree: the short names."""

from __future__ import annotations

import dataclasses
import doctest
import inspect
from types import ModuleType
from typing import Any

import pytest

import leafwise

SHORT_NAMES = {
    "all": "tree_all",
    "any": "tree_any",
    "broadcast": "tree_broadcast",
    "flatten": "tree_flatten",
    "flatten_with_path": "tree_flatten_with_path",
    "iter": "tree_iter",
    "leaves": "tree_leaves",
    "leaves_with_path": "tree_leaves_with_path",
    "map": "tree_map",
    "map_with_path": "tree_map_with_path",
    "reduce": "tree_reduce",
    "reduce_associative": "tree_reduce_associative",
    "structure": "tree_structure",
    "transpose": "tree_transpose",
    "unflatten": "tree_unflatten",
}


@pytest.mark.parametrize("short", SHORT_NAMES)
def test_a_short_name_is_the_long_one(short: str) -> None:
    long = getattr(leafwise, SHORT_NAMES[short])
    found = getattr(leafwise.tree, short)
    assert inspect.signature(found) == inspect.signature(long)


def test_there_are_no_other_names() -> None:
    public = {name for name in vars(leafwise.tree) if not name.startswith("_")}
    assert public - {"annotations", "TYPE_CHECKING"} == {*SHORT_NAMES, "static"}
    assert set(leafwise.tree.__all__) == {*SHORT_NAMES, "static"}


def test_they_work() -> None:
    tree = leafwise.tree
    values = {"b": [1, 2], "a": 3}
    leaves, treedef = tree.flatten(values)
    assert leaves == tree.leaves(values) == [3, 1, 2]
    assert treedef == tree.structure(values)
    assert tree.unflatten(treedef, [0, 1, 2]) == {"a": 0, "b": [1, 2]}
    assert tree.map(lambda x, y: x + y, values, values) == {"a": 6, "b": [2, 4]}
    assert tree.map_with_path(lambda path, x: len(path), values) == {"a": 1, "b": [2, 2]}
    assert tree.reduce(lambda x, y: x + y, values) == 6
    assert tree.reduce_associative(lambda x, y: x + y, values) == 6
    assert tree.all(values) is True
    assert tree.any(values) is True
    assert list(tree.iter(values)) == leaves
    assert tree.broadcast(0, values) == {"a": 0, "b": [0, 0]}
    assert tree.transpose(tree.structure([0, 0]), None, [(1, 2), (3, 4)]) == ([1, 3], [2, 4])
    assert [path for path, _ in tree.leaves_with_path(values)] == [
        path for path, _ in tree.flatten_with_path(values)[0]
    ]


def test_static_fields_are_metadata(lw: ModuleType) -> None:
    @dataclasses.dataclass
    class Layer:
        weights: Any
        name: str = leafwise.tree.static(default="layer", metadata={"unit": "m"})
        bias: Any = leafwise.tree.static(default=0, metadata={"static": False})  # noqa: RUF009
        size: int = leafwise.tree.static(default=1, metadata=None, repr=False)

    metadata = {field.name: dict(field.metadata) for field in dataclasses.fields(Layer)}
    assert metadata["name"] == {"static": True, "unit": "m"}
    assert metadata["size"] == {"static": True}
    lw.register_dataclass(Layer)
    leaves, treedef = lw.tree_flatten(Layer(1, bias=2))
    assert leaves == [1, 2]
    assert treedef.unflatten([3, 4]) == Layer(3, bias=4)
    lw.unregister_pytree_node(Layer)


def test_static_is_documented_by_an_example() -> None:
    text = inspect.getdoc(leafwise.tree.static) or ""
    test = doctest.DocTestParser().get_doctest(text, {}, "static", None, 0)
    assert test.examples
    assert doctest.DocTestRunner().run(test).failed == 0
