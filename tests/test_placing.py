"""Where in a tree it was that something could not be taken apart."""

from __future__ import annotations

import gc
import sys
import weakref
from collections import OrderedDict, namedtuple
from types import ModuleType
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nodes import Keyed, Pair, Plain, Record
from strategies import trees

BAD = {1: 2, "b": 3}
TEXT = "Comparator raised exception while sorting pytree dictionary keys."
WHAT = "dict with keys [1, 'b']."

FLATTENING: dict[str, Any] = {
    "tree_flatten": lambda lw, tree: lw.tree_flatten(tree),
    "tree_leaves": lambda lw, tree: lw.tree_leaves(tree),
    "tree_leaves, is_leaf": lambda lw, tree: lw.tree_leaves(tree, lambda node: False),
    "tree_structure": lambda lw, tree: lw.tree_structure(tree),
    "tree_flatten_with_path": lambda lw, tree: lw.tree_flatten_with_path(tree),
    "tree_leaves_with_path": lambda lw, tree: lw.tree_leaves_with_path(tree),
    "tree_map": lambda lw, tree: lw.tree_map(id, tree),
    "tree_map_with_path": lambda lw, tree: lw.tree_map_with_path(lambda path, leaf: 0, tree),
    "tree_reduce": lambda lw, tree: lw.tree_reduce(max, tree),
    "tree_broadcast": lambda lw, tree: lw.tree_broadcast(0, tree),
    "broadcast_prefix": lambda lw, tree: lw.broadcast_prefix(0, tree),
}
WALKING: dict[str, Any] = {
    "tree_iter": lambda lw, tree: list(lw.tree_iter(tree)),
    "tree_all": lambda lw, tree: lw.tree_all(tree),
    "tree_any": lambda lw, tree: lw.tree_any(tree),
}


def text_of(call: Any, *arguments: Any) -> str:
    with pytest.raises(ValueError) as caught:
        call(*arguments)
    assert isinstance(caught.value.__cause__, TypeError)
    assert caught.value.__suppress_context__
    assert caught.value.args == (str(caught.value),)
    return str(caught.value)


@pytest.mark.parametrize("function", FLATTENING)
@pytest.mark.parametrize(
    "tree, path",
    [
        ([BAD], "[0]"),
        ((0, 1, BAD), "[2]"),
        ({"b": BAD, "a": {"c": 0}}, "['b']"),
        ([[1, 2], [1, 2], [1, 2], {"a": (3, BAD)}], "[3]['a'][1]"),
        ([{"x": 1, "y": [2]}, {"x": 1, "y": [2]}, {"x": 1, "y": [BAD]}], "[2]['y'][0]"),
        (Pair(1, Record(1, [2, BAD])), ".second.y[1]"),
        ([None, (), {}, [None, BAD]], "[3][1]"),
        ([Plain([1, 2]), Plain([1, BAD])], "[1][<flat index 1>]"),
    ],
    ids=repr,
)
def test_functions_that_flatten(lw: ModuleType, function: str, tree: Any, path: str) -> None:
    for _ in range(2):
        text = text_of(FLATTENING[function], lw, tree)
        assert text == f"{TEXT}\n\nAt key path {path}: {WHAT}"


@given(tree=trees, data=st.data())
def test_the_path_is_that_of_the_leaf_that_was_there(
    lw: ModuleType, tree: Any, data: st.DataObject
) -> None:
    pairs, treedef = lw.tree_flatten_with_path(tree)
    assume(pairs)
    number = data.draw(st.integers(0, len(pairs) - 1))
    path, leaves = pairs[number][0], [leaf for _, leaf in pairs]
    leaves[number] = BAD
    place = f"key path {lw.keystr(path)}" if path else "the root of the tree"
    text = text_of(lw.tree_flatten_with_path, treedef.unflatten(leaves))
    assume(len(place) < 400)  # longer ones are cut
    assert text == f"{TEXT}\n\nAt {place}: {WHAT}"


def test_a_class_that_was_defined_twice(lw: ModuleType) -> None:
    registry = lw.PyTreeRegistry()

    def define() -> Any:
        @lw.dataclass(registry=registry)
        class Layer:
            w: Any

        return Layer

    one, other = define()(1), define()(2)
    treedef = lw.tree_structure([one], registry=registry)
    shown = repr(type(one))
    for call, expected in (
        (lambda: treedef.flatten_up_to([other]), "Layer"),
        (lambda: lw.tree_map(lambda x, y: x, [one], [other], registry=registry), shown),
    ):
        with pytest.raises(lw.PyTreeMismatchError) as caught:
            call()
        assert (caught.value.expected, caught.value.got) == (expected, "another class of that name")
    (difference,) = lw.tree_diff([one], [other], registry=registry)
    assert (difference.expected, difference.got) == (shown, "another class of that name")


def test_the_root_has_no_path(lw: ModuleType) -> None:
    assert text_of(lw.tree_leaves, BAD) == f"{TEXT}\n\nAt the root of the tree: {WHAT}"


def test_keys_of_classes_are_shown_where_they_are_asked_for(lw: ModuleType) -> None:
    tree = [Keyed([BAD, 1])]
    assert f"At key path [0].first: {WHAT}" in text_of(lw.tree_leaves_with_path, tree)
    assert f"At key path [0][<flat index 0>]: {WHAT}" in text_of(lw.tree_leaves, tree)


@pytest.mark.parametrize("function", WALKING)
def test_functions_that_know_no_path(lw: ModuleType, function: str) -> None:
    leaf = function == "tree_all"  # of which the walk does not stop
    text = text_of(WALKING[function], lw, [[leaf], {"a": ([BAD], leaf)}])
    assert text == f"{TEXT}\n\nAt a node of the tree: {WHAT}"


@pytest.mark.parametrize("function", ["flatten_one_level", "flatten_one_level_with_keys"])
def test_one_level(lw: ModuleType, function: str) -> None:
    assert text_of(getattr(lw, function), BAD) == f"{TEXT}\n\nAt a node of the tree: {WHAT}"


def test_further_trees(lw: ModuleType) -> None:
    tree = {"a": [1, {"x": 2}]}
    for call in (
        lambda: lw.tree_map(lambda x, y: x, tree, {"a": [1, BAD]}),
        lambda: lw.tree_structure(tree).flatten_up_to({"a": [1, BAD]}),
    ):
        assert text_of(call) == f"{TEXT}\n\nAt key path ['a'][1]: {WHAT}"
    assert lw.tree_map(lambda x, y: y, {"a": 0}, {"a": BAD}) == {"a": BAD}


def test_broadcasting_names_the_path_from_the_root(lw: ModuleType) -> None:
    prefix, full = {"a": (1, 2), "b": 3}, {"a": (0, [0, {"x": BAD}]), "b": 0}
    for function in (lw.tree_broadcast, lw.broadcast_prefix):
        text = text_of(function, prefix, full)
        assert text == f"{TEXT}\n\nAt key path ['a'][1][1]['x']: {WHAT}"


COMPARING: dict[str, Any] = {
    "tree_diff": lambda lw, one, two: lw.tree_diff(one, two),
    "prefix_errors": lambda lw, one, two: lw.prefix_errors(one, two),
    "equality_errors": lambda lw, one, two: list(lw.equality_errors(one, two)),
}


@pytest.mark.parametrize("function", COMPARING)
def test_functions_that_compare(lw: ModuleType, function: str) -> None:
    tree = [0, {"x": Record(1, BAD)}]
    text = text_of(COMPARING[function], lw, tree, tree)
    assert text == f"{TEXT}\n\nAt key path [1]['x'].y: {WHAT}"
    assert text_of(COMPARING[function], lw, BAD, BAD).endswith(f"At the root of the tree: {WHAT}")


@pytest.mark.parametrize("function", COMPARING)
def test_comparing_shows_no_error_of_what_is_too_deep(lw: ModuleType, function: str) -> None:
    node: Any = OrderedDict(a=0, b=1)
    dict.__delitem__(node, "a")  # it can no longer be iterated over
    for _ in range(sys.getrecursionlimit()):
        node = [node]
    with pytest.raises(RecursionError) as caught:
        COMPARING[function](lw, node, node)
    text = "maximum recursion depth exceeded in flatten; PyTree may have cyclical node references."
    assert str(caught.value) == text


def test_what_is_beside_the_path_is_not_asked_for_keys(lw: ModuleType) -> None:
    odd = namedtuple("odd", "left right")
    odd._fields = 3  # type: ignore[assignment]
    treedef = lw.tree_structure([odd([1], 2), [3]])
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        treedef.flatten_up_to([odd([1], 2), 4])
    assert str(caught.value).endswith("At key path [1]: expected list of length 1, got int.")
    assert text_of(lw.tree_leaves, [odd([1], 2), BAD]) == f"{TEXT}\n\nAt key path [1]: {WHAT}"


def test_a_path_that_cannot_be_named_is_left_out(lw: ModuleType) -> None:
    odd = namedtuple("odd", "left right")
    odd._fields = 3  # type: ignore[assignment]
    assert text_of(lw.tree_leaves, [odd(1, BAD)]) == TEXT


@pytest.mark.parametrize("function", [*FLATTENING, *WALKING])
def test_the_error_is_not_part_of_a_cycle(lw: ModuleType, function: str) -> None:
    """What the frames of its traceback hold is given back with it, without a garbage collection."""

    class Leaf:
        pass

    def fail() -> weakref.ref[Leaf]:
        leaf = Leaf()
        with pytest.raises(ValueError):
            (FLATTENING | WALKING)[function](lw, [[BAD, leaf]])
        return weakref.ref(leaf)

    gc.disable()
    try:
        assert fail()() is None
    finally:
        gc.enable()


def test_an_interrupt_while_it_is_named_passes(lw: ModuleType) -> None:
    class Key:
        def __repr__(self) -> str:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lw.tree_leaves([{1: 2, Key(): 3}])


def test_errors_of_user_code_stay_as_they_are(lw: ModuleType) -> None:
    registry = lw.PyTreeRegistry()
    error = ValueError("mine")

    class Failing:
        pass

    class Nested:
        pass

    def fail(node: Any) -> Any:
        raise error

    lw.register_pytree_node(Failing, fail, lambda aux, children: Failing(), registry=registry)
    lw.register_pytree_node(
        Nested, lambda node: lw.tree_leaves([0, BAD]), lambda aux, children: 0, registry=registry
    )
    with pytest.raises(ValueError) as caught:
        lw.tree_leaves([[Failing()]], registry=registry)
    assert caught.value is error
    assert error.args == ("mine",)
    text = text_of(lambda: lw.tree_leaves([[Nested()]], registry=registry))
    assert text == f"{TEXT}\n\nAt key path [1]: {WHAT}"
