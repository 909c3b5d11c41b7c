"""equality_errors and equality_errors_pytreedef."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from types import ModuleType
from typing import Any

import pytest

from nodes import Keyed, Pair, Plain, Record

Words = tuple[str, str, str]
LENGTHS = "the lengths do not match"
COUNTS = "the numbers of children do not match, with the symmetric difference of key sets: "
METADATA = "the pytree node metadata does not match"
TYPES = "their Python types differ"

DIFFERENCES: list[tuple[Any, Any, list[tuple[str, Words]]]] = [
    ([1], (1,), [("", (str(list), str(tuple), TYPES))]),
    ({"a": 1}, {"a": [1]}, [("['a']", (str(int), str(list), TYPES))]),
    ([[1], 2], [[], 2], [("[0]", ("list of length 1", "list of length 0", LENGTHS))]),
    (
        Pair(1, [None, 2]),
        Pair((), [3, [2]]),
        [
            (".first", (str(int), str(tuple), TYPES)),
            (".second[0]", (str(type(None)), str(int), TYPES)),
            (".second[1]", (str(int), str(list), TYPES)),
        ],
    ),
    (
        {"a": 1},
        {"a": 1, "b": 2},
        [("", (f"{dict} with 1 child", f"{dict} with 2 children", COUNTS + "{'b'}"))],
    ),
    (
        Plain([1]),
        Plain([]),
        [("", (f"{Plain} with 1 child", f"{Plain} with 0 child", COUNTS + "{0}"))],
    ),
    (
        Keyed([1]),
        Keyed([1, 2]),
        [("", (f"{Keyed} with 1 child", f"{Keyed} with 2 children", COUNTS + "{plain key}"))],
    ),
    (
        [OrderedDict(a=1, b=2)],
        [OrderedDict(b=1, a=2)],
        [
            (
                "[0]",
                (
                    f"{OrderedDict} with pytree metadata ('a', 'b')",
                    f"{OrderedDict} with pytree metadata ('b', 'a')",
                    METADATA,
                ),
            )
        ],
    ),
    (
        Record(1, 2, tag="x"),
        Record(1, 2, tag="y"),
        [
            (
                "",
                (
                    f"{Record} with pytree metadata ('x',)",
                    f"{Record} with pytree metadata ('y',)",
                    METADATA,
                ),
            )
        ],
    ),
    (defaultdict(int, a=1), defaultdict(int, a=2), []),
    ([1, {"a": (2, None)}], [3, {"a": (4, None)}], []),
]


@pytest.mark.parametrize("one, two, expected", DIFFERENCES, ids=range(len(DIFFERENCES)))
def test_differences(lw: ModuleType, one: Any, two: Any, expected: Any) -> None:
    found = [(lw.keystr(path), tuple(words)) for path, *words in lw.equality_errors(one, two)]
    assert found == expected
    treedefs = lw.tree_structure(one), lw.tree_structure(two)
    assert (treedefs[0] == treedefs[1]) is not bool(expected)
    of_treedefs = [
        (lw.keystr(path), tuple(words)) for path, *words in lw.equality_errors_pytreedef(*treedefs)
    ]
    shown = [
        (place, tuple("pytree leaf" if text == str(int) else text for text in words))
        for place, words in expected
    ]
    assert of_treedefs == shown


def test_options(lw: ModuleType) -> None:
    def count(*args: Any, **options: Any) -> int:
        return len(list(lw.equality_errors(*args, **options)))

    assert count([(1,), [2]], [(1, 2), [2]], is_leaf=lambda node: type(node) is tuple) == 0
    assert count([(1,), [2]], [(1, 2), 2], lambda node: type(node) is tuple) == 1
    assert count([None], [1]) == 1
    assert count([None], [1], none_is_leaf=True) == 0
    assert count([Plain([1])], [Plain([])]) == 1
    assert count([Plain([1])], [Plain([])], registry=lw.PyTreeRegistry()) == 0


def test_leaves_of_different_types_are_equal(lw: ModuleType) -> None:
    assert list(lw.equality_errors([1, "a"], [2.5, b"b"])) == []


def test_treedefs_of_another_registry(lw: ModuleType) -> None:
    registry = lw.PyTreeRegistry()

    class Local(Plain):
        pass

    registry.register_node(Local, Plain.flatten, lambda name, children: Local(children, name))
    one, two = (lw.tree_structure(Local([1], name), registry=registry) for name in "xy")
    (error,) = lw.equality_errors_pytreedef(one, two, registry=registry)
    assert error[3] == METADATA


def test_what_is_no_treedef(lw: ModuleType) -> None:
    leaf = lw.tree_structure(0)
    text = "equality_errors_pytreedef expects a leafwise.PyTreeDef, got 3, of <class 'int'>"
    for treedefs in ((3, leaf), (leaf, 3)):
        with pytest.raises(TypeError, match=text):
            list(lw.equality_errors_pytreedef(*treedefs))


@pytest.mark.parametrize("function", ["tree_diff", "prefix_errors", "equality_errors"])
def test_arguments_are_checked_before_the_trees(lw: ModuleType, function: str) -> None:
    with pytest.raises(TypeError, match=r"^is_leaf must be a callable or None, got 3$"):
        list(getattr(lw, function)(1, 2, 3))
    with pytest.raises(TypeError, match=r"^registry must be a PyTreeRegistry, got 3$"):
        list(getattr(lw, function)(1, 2, lambda node: True, registry=3))


def test_cycles(lw: ModuleType) -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    with pytest.raises(RecursionError):
        list(lw.equality_errors(cycle, cycle))
    cycle.clear()


def test_big_trees_give_short_texts(lw: ModuleType) -> None:
    one = {str(number): number for number in range(20_000)}
    two = {str(number): number for number in range(10_000)}
    for pair in ((one, two), (Plain([], "x" * 10**6), Plain([], "y" * 10**6))):
        (error,) = lw.equality_errors(*pair)
        assert all(len(text) < 1000 for text in error[1:])
