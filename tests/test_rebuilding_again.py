"""A treedef that is unflattened again and again, which then takes shortcuts: nobody can tell."""

from __future__ import annotations

import functools
import gc
import subprocess
import sys
import weakref
from collections import OrderedDict, defaultdict, namedtuple
from types import ModuleType
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

import leafwise
from interpreter import collects_classes, needs_gil
from leafwise import reference
from nodes import Pair, SubPair, Typed, describe

TIMES = 4  # the first is plain, the second makes the plan, the others follow it


def warmed(tree: Any) -> Any:
    leaves, treedef = leafwise.tree_flatten(tree)
    for _ in range(TIMES):
        treedef.unflatten(leaves)
    return treedef


@pytest.mark.parametrize(
    "tree",
    [
        1,
        None,
        [],
        (),
        {},
        [1, (2, None), [], {}],
        {"b": 1, "a": {"c": [2], "ä": 3, "z": 4}, "d": {2: 3, 4: (5,)}},
        OrderedDict([("b", 1), ("a", [2, 3])]),
        defaultdict(list, {"b": 1, "a": (2,)}),
        Pair(1, [2]),
        SubPair(1, Pair(2, 3)),
        [Typed(1), Typed(2, 3)],
    ],
    ids=lambda tree: type(tree).__name__,
)
def test_a_tree_comes_back_each_time(tree: Any) -> None:
    leaves, treedef = leafwise.tree_flatten(tree)
    expected = describe(reference.tree_map(lambda x: x, tree))
    for given_leaves in (leaves, tuple(leaves)):
        for _ in range(TIMES):
            assert describe(treedef.unflatten(given_leaves)) == expected
            assert describe(treedef.unflatten(iter(given_leaves))) == expected


@pytest.mark.parametrize("names", [[], ["class", "x"], [f"f{i}" for i in range(300)]], ids=len)
def test_named_tuples_of_any_length(names: list[str]) -> None:
    cls: Any = namedtuple("cls", names, rename=True)
    tree = cls(*range(len(names)))
    leaves, treedef = leafwise.tree_flatten(tree)
    for _ in range(TIMES):
        built = treedef.unflatten(leaves)
        assert type(built) is cls
        assert built == tree


def test_leaves_are_neither_lost_nor_kept() -> None:
    treedef = warmed([1, {"a": 2, "b": (3, 4), "c": {"d": 5}}, Pair(6, 7)])

    class Leaf:
        pass

    leaves = [Leaf() for _ in range(7)]
    alive = [weakref.ref(leaf) for leaf in leaves]
    tree = treedef.unflatten(leaves)
    del leaves
    gc.collect()
    assert all(leaf() is not None for leaf in alive)
    del tree
    gc.collect()
    assert all(leaf() is None for leaf in alive)


@pytest.mark.parametrize("number", [0, 6, 8])
def test_the_number_of_leaves_must_fit(number: int) -> None:
    treedef = warmed([1, {"a": 2, "b": (3, 4), "c": {"d": 5}}, Pair(6, 7)])
    with pytest.raises(ValueError, match="leaves for PyTreeDef; expected 7"):
        treedef.unflatten([0] * number)


@collects_classes
@given(st.lists(st.integers(), min_size=7, max_size=7))
def test_what_is_built_is_seen_by_the_garbage_collector(leaves: list[int]) -> None:
    treedef = warmed([1, {"a": 2, "b": (3, 4), "c": {"d": 5}}, Pair(6, 7)])
    tree = treedef.unflatten([[leaf] for leaf in leaves])
    tree[0].append(tree)
    alive = weakref.ref(leaf_class := type("Leaf", (), {}))
    tree[1]["a"].append(leaf_class)
    del tree, leaf_class
    gc.collect()
    assert alive() is None


@needs_gil("garbage is looked for less often the more is alive")
@pytest.mark.parametrize("tree", [[0], {"a": 0, "b": 0, "c": 0}], ids=["list", "dict"])
def test_garbage_is_collected_where_nothing_else_is_made(tree: Any) -> None:
    treedef, leaves = warmed(tree), [0] * len(tree)
    place = next(iter(tree)) if type(tree) is dict else 0

    def collections() -> int:
        return sum(generation["collections"] for generation in gc.get_stats())

    before = collections()
    for _ in range(20_000):
        rebuilt = treedef.unflatten(leaves)
        rebuilt[place] = rebuilt
    assert collections() - before >= 3


@needs_gil("garbage is looked for less often the more is alive")
def test_equal_siblings_count_for_the_garbage_collector_one_by_one() -> None:
    treedef, leaves = warmed([[0]] * 100), [0] * 100
    before = sum(generation["collections"] for generation in gc.get_stats())
    for _ in range(1000):
        rebuilt = treedef.unflatten(leaves)
        rebuilt[0][0] = rebuilt
    after = sum(generation["collections"] for generation in gc.get_stats())
    assert after - before >= 15


def test_a_constructor_that_is_replaced_is_called() -> None:
    checked = namedtuple("checked", "x y")
    treedef = warmed([checked(1, 2)])
    generated = checked.__new__
    calls = []

    def new(cls: Any, *args: Any) -> Any:
        calls.append(args)
        return generated(cls, *args)

    checked.__new__ = new  # type: ignore[method-assign, assignment]
    assert treedef.unflatten([3, 4]) == [checked(3, 4)]
    assert calls == [(3, 4), (3, 4)]
    checked.__new__ = generated  # type: ignore[method-assign]
    calls.clear()
    assert treedef.unflatten([3, 4]) == [generated(checked, 3, 4)]
    assert calls == []


def test_code_that_is_replaced_is_run() -> None:
    checked = namedtuple("checked", "x y")
    treedef = warmed([checked(1, 2)])
    code = (lambda _cls, x, y: ("other", x, y)).__code__
    checked.__new__.__code__ = code  # type: ignore[attr-defined]
    assert treedef.unflatten([3, 4]) == [("other", 3, 4)]


def test_a_static_method_that_gets_another_function_calls_it() -> None:
    checked = namedtuple("checked", "x y")
    treedef = warmed([checked(1, 2)])
    checked.__dict__["__new__"].__init__(lambda cls, x, y: ("other", x, y))
    assert treedef.unflatten([3, 4]) == [("other", 3, 4)]


def test_what_the_code_finds_among_its_globals_is_called() -> None:
    checked = namedtuple("checked", "x y")
    treedef = warmed([checked(1, 2)])
    found = checked.__new__.__globals__  # type: ignore[attr-defined]
    found["_tuple_new"] = lambda cls, args: ("other", *args)
    assert treedef.unflatten([3, 4]) == [("other", 3, 4)]
    del found["_tuple_new"]
    with pytest.raises(NameError, match="_tuple_new"):
        treedef.unflatten([3, 4])


@pytest.mark.parametrize("make", [None, mock.MagicMock(), lambda *_: tuple], ids=str)
def test_something_else_in_place_of_namedtuple(make: Any) -> None:
    names = [f"{number}_of_{id(make)}" for number in range(11)]
    cls: Any = namedtuple("cls", names, rename=True)
    treedef = leafwise.tree_structure(cls(*names))
    with mock.patch("collections.namedtuple", make):
        for _ in range(TIMES):
            assert treedef.unflatten(names) == cls(*names)


@pytest.mark.filterwarnings("ignore:non-string key:RuntimeWarning")
def test_a_class_in_which_no_constructor_is_found(lw: ModuleType) -> None:
    """What a key in a class raises when it is compared is passed over by the interpreter."""
    armed = False

    class Key:
        def __hash__(self) -> int:
            return hash("__new__")

        def __eq__(self, other: object) -> bool:
            if armed:
                raise LookupError
            return False

    cls = type("Fake", (tuple,), {Key(): None, "_fields": ("a",)})
    treedef = lw.tree_structure([cls((1,))])
    armed = True
    for _ in range(TIMES):
        with pytest.raises((TypeError, LookupError)):
            treedef.unflatten([1])


def test_an_init_that_is_added_is_called() -> None:
    seen = []
    checked = namedtuple("checked", "x y")
    treedef = warmed([checked(1, 2)])
    checked.__init__ = lambda self, *args: seen.append(args)  # type: ignore[misc]
    treedef.unflatten([3, 4])
    assert seen == [(3, 4)]


def make_with_new() -> Any:
    class Own(namedtuple("Own", "x y")):
        def __new__(cls, x: Any, y: Any) -> Any:
            seen.append((x, y))
            return super().__new__(cls, x, y)

    return Own


def make_with_init() -> Any:
    class Own(namedtuple("Own", "x y")):
        def __init__(self, *args: Any) -> None:
            seen.append(args)

    return Own


def make_with_metaclass() -> Any:
    class Meta(type):
        def __call__(cls, *args: Any) -> Any:
            seen.append(args)
            return super().__call__(*args)

    return Meta("Own", (namedtuple("Own", "x y"),), {})


def make_like_a_generated_one() -> Any:
    def tuple_new(cls: Any, args: Any) -> Any:
        seen.append(args)
        return tuple.__new__(cls, args)

    names = {"_tuple_new": tuple_new, "__builtins__": {}}
    new = eval("lambda _cls, x, y: _tuple_new(_cls, (x, y))", names)
    return type("Own", (tuple,), {"_fields": ("x", "y"), "__new__": new})


seen: list[Any] = []


@pytest.mark.parametrize(
    "make", [make_with_new, make_with_init, make_with_metaclass, make_like_a_generated_one]
)
def test_other_constructors_are_called_each_time(make: Any) -> None:
    cls = make()
    leaves, treedef = leafwise.tree_flatten([cls(1, 2)])
    seen.clear()
    for _ in range(TIMES):
        (built,) = treedef.unflatten(leaves)
        assert type(built) is cls
        assert tuple(built) == (1, 2)
    assert seen == [(1, 2)] * TIMES


def test_attributes_of_a_subclass_can_be_set() -> None:
    class Own(namedtuple("Own", "x y")):
        pass

    built = warmed([Own(1, 2)]).unflatten([3, 4])[0]
    built.note = "there"
    assert (built, built.note) == ((3, 4), "there")
    assert gc.is_tracked(built)


@collects_classes
def test_classes_are_let_go() -> None:
    cls: Any = namedtuple("Gone", "x y")
    alive = weakref.ref(cls)
    warmed([cls(1, 2)])
    del cls
    leafwise.clear_cache()
    gc.collect()
    assert alive() is None


def test_a_function_that_takes_the_leaves_away() -> None:
    def clear(_x: Any) -> None:
        for candidate in gc.get_objects():
            if type(candidate) is list and len(candidate) == 5 and candidate[0] is first:
                candidate.clear()

    first = object()
    tree = (first, 1, 2, 3, 4)
    with pytest.raises(RuntimeError, match="changed its size"):
        leafwise.tree_map(clear, tree)


def test_mapping_a_function_within_itself(lw: ModuleType) -> None:
    def nest(depth: int, x: Any) -> Any:
        return lw.tree_map(functools.partial(nest, depth - 1), [x]) if depth else x

    assert lw.tree_map(functools.partial(nest, 20), (1,)) == (
        functools.reduce(lambda x, _: [x], range(20), 1),
    )
    with pytest.raises(RecursionError):
        lw.tree_map(functools.partial(nest, 10**6), (1,))


WARNED_OF_KEYS = """
import warnings
import leafwise
from collections import OrderedDict

def show(*args, **kwargs):
    leaves.clear()

warnings.simplefilter("always")
warnings.showwarning = show
leaves = []
keys = [("a", b"a", "z"), (("a",), (b"a",), "z")]
for treedef in [leafwise.tree_structure(OrderedDict.fromkeys(each, 0)) for each in keys]:
    for _ in range(4):
        leaves = [object(), object(), object()]
        kept = list(leaves)
        assert list(treedef.unflatten(leaves).values()) == kept
        assert leaves == []
"""


def test_a_warning_while_keys_are_compared() -> None:
    """With `python -b` a bytes key next to a str key of the same hash runs user code."""
    command = [sys.executable, "-b", "-c", WARNED_OF_KEYS]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
