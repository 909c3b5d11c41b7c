"""tree_reduce, tree_reduce_associative, tree_all and tree_any."""

from __future__ import annotations

import inspect
import operator
from types import ModuleType
from typing import Any

import pytest

import leafwise
from nodes import Plain


def test_reduce(lw: ModuleType) -> None:
    tree = {"b": "c", "a": ["a", ("b", None)]}
    assert lw.tree_reduce(operator.add, tree) == "abc"
    assert lw.tree_reduce(operator.add, tree, "x") == "xabc"
    assert lw.tree_reduce(function=operator.sub, tree=(10, [2, 3]), initializer=100) == 85
    assert lw.tree_reduce(operator.sub, (10, [2, 3])) == 5
    assert lw.tree_reduce(operator.add, [7]) == 7
    assert lw.tree_reduce(None, [7]) == 7


def test_reduce_of_no_leaves(lw: ModuleType) -> None:
    with pytest.raises(TypeError) as caught:
        lw.tree_reduce(operator.add, [None, {}])
    assert str(caught.value).startswith("reduce() of empty iterable with no initial value")
    assert lw.tree_reduce(operator.add, [], 5) == 5


def test_none_is_an_initializer(lw: ModuleType) -> None:
    assert lw.tree_reduce(lambda a, b: (a, b), [], None) is None
    assert lw.tree_reduce(lambda a, b: (a, b), [1], None) == (None, 1)
    assert lw.tree_reduce(lambda a, b: (a, b), [1], initializer=None) == (None, 1)


def test_reduce_options(lw: ModuleType) -> None:
    def is_list(node: Any) -> bool:
        return type(node) is list

    assert lw.tree_reduce(operator.add, ([1], [2]), is_leaf=is_list) == [1, 2]
    assert lw.tree_reduce(operator.add, ([1], [2]), [0], is_list) == [0, 1, 2]
    assert lw.tree_reduce(lambda n, x: n + 1, [None, 1], 0, none_is_leaf=True) == 2
    registry = lw.PyTreeRegistry()
    assert lw.tree_reduce(lambda n, x: n + 1, Plain([1, 2]), 0) == 2
    assert lw.tree_reduce(lambda n, x: n + 1, Plain([1, 2]), 0, registry=registry) == 1


def test_exceptions_of_the_function_propagate(lw: ModuleType) -> None:
    with pytest.raises(ZeroDivisionError):
        lw.tree_reduce(operator.truediv, [1, 0])


def test_reduce_associative(lw: ModuleType) -> None:
    def pair(left: Any, right: Any) -> Any:
        return (left, right)

    reduce = lw.tree_reduce_associative
    assert reduce(pair, list("abcde")) == (("a", "b"), ("c", ("d", "e")))
    assert reduce(pair, {"b": 2, "a": [1, None]}) == (1, 2)
    assert reduce(operation=pair, tree=[7]) == 7
    assert reduce(pair, [7], identity=5) == 7
    assert reduce(pair, [None], identity=5) == 5
    assert reduce(pair, [], identity=None) is None
    assert reduce(pair, [None, 1], none_is_leaf=True) == (None, 1)
    assert reduce(pair, [[1], [2]], is_leaf=lambda node: len(node) == 1) == ([1], [2])
    node = Plain([1])
    assert reduce(pair, [node, 2], registry=lw.PyTreeRegistry()) == (node, 2)
    assert reduce(operator.add, list(range(10_000))) == sum(range(10_000))
    with pytest.raises(TypeError) as caught:
        reduce(pair, [None])
    assert str(caught.value) == "Must specify identity for parallel reduction of empty sequence."
    with pytest.raises(ZeroDivisionError):
        reduce(operator.truediv, [1, 0])


def test_all(lw: ModuleType) -> None:
    assert lw.tree_all([True, {"a": 1, "b": (2, None)}]) is True
    assert lw.tree_all([True, {"a": 0}]) is False
    assert lw.tree_all([]) is True
    assert lw.tree_all(None) is True
    assert lw.tree_all(None, none_is_leaf=True) is False
    assert lw.tree_all([[0]], is_leaf=lambda node: node == [0]) is True
    assert lw.tree_all(tree=[Plain([0])]) is False
    assert lw.tree_all([Plain([0])], registry=lw.PyTreeRegistry()) is True
    with pytest.raises(TypeError):
        lw.tree_all([1], lambda node: True)


def test_any(lw: ModuleType) -> None:
    assert lw.tree_any([0, {"a": "", "b": (2, None)}]) is True
    assert lw.tree_any([False, {"a": 0}, [], ()]) is False
    assert lw.tree_any([]) is False
    assert lw.tree_any(1) is True
    assert lw.tree_any(None) is lw.tree_any(None, none_is_leaf=True) is False
    assert lw.tree_any([[0]], is_leaf=lambda node: node == [0]) is True
    assert lw.tree_any(tree=[Plain([0])]) is False
    assert lw.tree_any([Plain([0])], registry=lw.PyTreeRegistry()) is True
    with pytest.raises(TypeError):
        lw.tree_any([1], lambda node: True)
    with pytest.raises(TypeError):
        lw.tree_any()


def test_the_default_of_what_may_be_none_says_so() -> None:
    assert "Unspecified()" in str(inspect.signature(leafwise.tree_reduce))
