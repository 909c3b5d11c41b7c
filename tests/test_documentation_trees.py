"""The trees that every introduction to pytrees begins with."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest


@pytest.mark.parametrize(
    "tree, count",
    [
        ([1, "a", object()], 3),
        ((1, (2, 3), ()), 3),
        ([1, {"k1": 2, "k2": (3, 4)}, 5], 5),
        ({"a": 2, "b": (2, 3)}, 3),
    ],
    ids=["list", "tuple", "list of dict", "dict"],
)
def test_number_of_leaves(lw: ModuleType, tree: Any, count: int) -> None:
    assert len(lw.tree_leaves(tree)) == lw.tree_structure(tree).num_leaves == count


def test_leaves(lw: ModuleType) -> None:
    assert lw.tree_leaves([1, {"k1": 2, "k2": (3, 4)}, 5]) == [1, 2, 3, 4, 5]
    assert lw.tree_leaves({"a": 2, "b": (2, 3)}) == [2, 2, 3]


def test_an_array_is_one_leaf(lw: ModuleType) -> None:
    numpy = pytest.importorskip("numpy", reason="numpy is optional")
    array = numpy.arange(6).reshape(2, 3)
    (leaf,) = lw.tree_leaves(array)
    assert leaf is array


def test_mapping_over_lists_of_lists(lw: ModuleType) -> None:
    lists = [[1, 2, 3], [1, 2], [1, 2, 3, 4]]
    assert lw.tree_map(lambda x: x * 2, lists) == [[2, 4, 6], [2, 4], [2, 4, 6, 8]]
    assert lw.tree_map(lambda x, y: x + y, lists, lists) == [[2, 4, 6], [2, 4], [2, 4, 6, 8]]


def test_updating_parameters(lw: ModuleType) -> None:
    parameters = [{"weights": 1.0, "biases": 2.0}, {"weights": 3.0, "biases": 4.0}]
    gradients = [{"biases": 20.0, "weights": 10.0}, {"weights": 30.0, "biases": 40.0}]
    updated = lw.tree_map(lambda p, g: p - 0.5 * g, parameters, gradients)
    assert updated == [{"biases": -8.0, "weights": -4.0}, {"biases": -16.0, "weights": -12.0}]
