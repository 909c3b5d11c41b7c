"""Partial: functools.partial as a node."""

from __future__ import annotations

import copy
import functools
import pickle
from types import ModuleType
from typing import Any

import pytest

import leafwise
from nodes import describe


def add(*args: Any, **keywords: Any) -> Any:
    return args, keywords


def test_it_is_a_partial_function(lw: ModuleType) -> None:
    partial = lw.Partial(add, 1, key=2)
    assert isinstance(partial, functools.partial)
    assert (partial.func, partial.args, partial.keywords) == (add, (1,), {"key": 2})
    assert partial(3, other=4) == ((1, 3), {"key": 2, "other": 4})


def test_its_arguments_are_its_children(lw: ModuleType) -> None:
    partial = lw.Partial(add, 1, (2, 3), b=4, a=[5])
    leaves, treedef = lw.tree_flatten(partial)
    assert leaves == [1, 2, 3, 5, 4]
    assert treedef.node_data() == (lw.Partial, add)
    rebuilt = treedef.unflatten("abcde")
    assert type(rebuilt) is lw.Partial
    assert rebuilt() == (("a", ("b", "c")), {"a": ["d"], "b": "e"})
    children, aux = lw.flatten_one_level(partial)
    assert describe(tuple(children)) == describe((partial.args, partial.keywords))
    assert aux is add


def test_paths(lw: ModuleType) -> None:
    pairs = lw.tree_leaves_with_path([lw.Partial(add, 1, key=2)])
    assert [lw.keystr(path) for path, _ in pairs] == [
        "[0][<flat index 0>][0]",
        "[0][<flat index 1>]['key']",
    ]


def test_mapping(lw: ModuleType) -> None:
    partial = lw.tree_map(lambda x: x * 10, lw.Partial(add, 1, key=2))
    assert partial() == ((10,), {"key": 20})
    assert lw.tree_map(lambda x, y: x + y, partial, partial)() == ((20,), {"key": 40})
    with pytest.raises(lw.PyTreeMismatchError):
        lw.tree_map(lambda x, y: x, partial, lw.Partial(max, 1, key=2))


def test_equal_structures(lw: ModuleType) -> None:
    def structure(*args: Any, **keywords: Any) -> Any:
        return lw.tree_structure(lw.Partial(*args, **keywords))

    assert structure(add, 1) == structure(add, 2)
    assert structure(add, 1) != structure(max, 1)
    assert structure(add, 1) != structure(add, key=1)


@pytest.mark.parametrize("inner", ["functools", "leafwise"])
def test_a_partial_of_a_partial_keeps_its_own_arguments(lw: ModuleType, inner: str) -> None:
    cls = functools.partial if inner == "functools" else lw.Partial
    function = cls(add, 1)
    outer = lw.Partial(function, 3)
    assert outer.args == (3,)
    assert outer(4) == ((1, 3, 4), {})
    assert outer.func == function
    assert function == outer.func
    assert hash(outer.func) == hash(function)
    assert lw.tree_leaves(outer) == [3]
    rebuilt = lw.tree_map(lambda x: x, outer)
    assert rebuilt(4) == ((1, 3, 4), {})
    assert lw.tree_structure(rebuilt) == lw.tree_structure(lw.Partial(function, 5))


def test_the_partial_within_is_wrapped(lw: ModuleType) -> None:
    """`functools.partial` would take its arguments out of it, and into the children."""
    inner = functools.partial(add, 1)
    assert repr(lw.Partial(inner, 2).func) == f"_HashableCallableShim({inner!r})"


def test_the_wrapper_shows_what_is_in_it() -> None:
    wrapper: Any = leafwise.Partial(functools.partial(add, 1, key=2), 3).func
    assert (wrapper.func, wrapper.args, wrapper.keywords) == (add, (1,), {"key": 2})


def test_pickle_and_copy(lw: ModuleType) -> None:
    for partial in (lw.Partial(add, 1, key=2), lw.Partial(functools.partial(add, 1), key=2)):
        for twin in (pickle.loads(pickle.dumps(partial)), copy.copy(partial)):
            assert type(twin) is lw.Partial
            assert twin() == partial()


def test_the_function_must_be_callable(lw: ModuleType) -> None:
    with pytest.raises(TypeError):
        lw.Partial(3)
    with pytest.raises(TypeError):
        lw.Partial()
