"""PyTreeDef.flatten_up_to: the subtrees at the leaves of a structure, or why it does not fit."""

from __future__ import annotations

import pickle
import sys
from collections import OrderedDict, defaultdict, namedtuple
from types import ModuleType
from typing import Any

import pytest

from nodes import Constant, Fields, Keyed, Methods, Pair, Plain, Record, SubPair
from remembering import TIMES

Triple = namedtuple("Triple", "x y z")
Twins = namedtuple("Twins", "first second")


def test_subtrees_at_the_leaves(lw: ModuleType) -> None:
    tree = [1, {"b": 2, "a": (3, None)}, Pair(4, 5), Plain([6], "aux"), Constant(1)]
    deeper = [
        (1,),
        {"b": [2, 3], "a": ("x", None)},
        Pair({}, None),
        Plain([[6]], "aux"),
        Constant(1),
    ]
    treedef = lw.tree_structure(tree)
    found = treedef.flatten_up_to(deeper)
    assert type(found) is list
    assert found == [(1,), "x", [2, 3], {}, None, [6]]
    assert found[2] is deeper[1]["b"]
    assert treedef.flatten_up_to(tree=deeper) == found
    assert treedef.flatten_up_to(tree) == lw.tree_leaves(tree)


def test_every_kind_fits_itself(lw: ModuleType) -> None:
    trees = [
        1,
        None,
        OrderedDict(b=1, a=(2,)),
        defaultdict(int, b=1, a=2),
        SubPair(1, 2),
        Keyed([1, 2], "k"),
        Methods([1, 2], "m"),
        Record(1, [2], "tag"),
        Fields(1, [2], "label"),
        lw.Partial(max, 1, key=2),
    ]
    for tree in trees:
        assert lw.tree_structure(tree).flatten_up_to(tree) == lw.tree_leaves(tree)


def test_a_leaf_takes_the_whole_tree(lw: ModuleType) -> None:
    treedef = lw.tree_structure(1)
    for tree in (None, [1, [2]], {"a": 1}, "text"):
        found = treedef.flatten_up_to(tree)
        assert len(found) == 1
        assert found[0] is tree


def test_dicts_fit_in_any_order(lw: ModuleType) -> None:
    treedef = lw.tree_structure({"a": 1, "b": 2})
    assert treedef.flatten_up_to({"b": "second", "a": "first"}) == ["first", "second"]
    assert lw.tree_structure({1: 0}).flatten_up_to({True: "x"}) == ["x"]


NONE_TEXT = """Expected None, got 3.

In previous releases of JAX, flatten-up-to used to consider None to be a tree-prefix of non-None \
values. To obtain the previous behavior, you can usually write:
  jax.tree.map(lambda x, y: None if x is None else f(x, y), a, b, is_leaf=lambda x: x is None)"""

MISMATCHES: list[tuple[Any, Any, str]] = [
    ([1], (1,), "Expected list, got (1,)."),
    ([1], 3, "Expected list, got 3."),
    ([1], None, "Expected list, got None."),
    ((1,), [1], "Expected tuple, got [1]."),
    ((1, 2), Pair(1, 2), "Expected tuple, got Pair(first=1, second=2)."),
    ({"a": 1}, [1], "Expected dict, got [1]."),
    ({"a": 1}, OrderedDict(), "Expected dict, got OrderedDict()."),
    ([1, 2], [1], "List arity mismatch: 1 != 2; list: [1]."),
    ([], [1, 2], "List arity mismatch: 2 != 0; list: [1, 2]."),
    ((1, 2), (1,), "Tuple arity mismatch: 1 != 2; tuple: (1,)."),
    ({"a": 1}, {"b": 2}, "Dict key mismatch; expected keys: ['a']; present keys: ['b']."),
    (
        {"b": 1, "a": 2},
        {"c": 1, "b": 2, "a": 3},
        "Dict key mismatch; expected keys: ['a', 'b']; present keys: ['a', 'b', 'c'].",
    ),
    ({"a": 1}, {}, "Dict key mismatch; expected keys: ['a']; present keys: []."),
    ({}, {1: 2}, "Dict key mismatch; expected keys: []; present keys: [1]."),
    (None, 3, NONE_TEXT),
    (Pair(1, 2), (1, 2), "Expected named tuple, got (1, 2)."),
    (Pair(1, 2), 3, "Expected named tuple, got 3."),
    (
        Pair(1, 2),
        Triple(1, 2, 3),
        "Named tuple arity mismatch: 3 != 2; tuple: Triple(x=1, y=2, z=3).",
    ),
    (
        Pair(1, 2),
        Twins(1, 2),
        f"Named tuple type mismatch: expected type: {Pair!r}, tuple: Twins(first=1, second=2).",
    ),
    (
        OrderedDict(a=1),
        {"a": 1},
        f"Custom node type mismatch: expected type: {OrderedDict!r}, value: {{'a': 1}}.",
    ),
    (
        OrderedDict(a=1, b=2),
        OrderedDict(b=1, a=2),
        f"Mismatch custom node data: ('a', 'b') != ('b', 'a'); value: {OrderedDict(b=1, a=2)!r}.",
    ),
    (
        defaultdict(int, a=1),
        defaultdict(float, a=1),
        "Mismatch custom node data: (<class 'int'>, ('a',)) != (<class 'float'>, ('a',)); "
        "value: defaultdict(<class 'float'>, {'a': 1}).",
    ),
    (Plain([1]), 3, f"Custom node type mismatch: expected type: {Plain!r}, value: 3."),
    (Constant(1), Constant(2), "Mismatch custom node data: 1 != 2; value: 2."),
    (Record(1, 2), 3, f"Custom dataclass node type mismatch: expected type: {Record!r}, value: 3."),
    (
        Record(1, 2, tag="a"),
        Record(3, 4, tag="b"),
        "Mismatch custom dataclass node data: ('a',) != ('b',); value: Record(x=3, y=4, tag='b').",
    ),
]


@pytest.mark.parametrize("tree, other, text", MISMATCHES, ids=[text for *_, text in MISMATCHES])
def test_mismatches(lw: ModuleType, tree: Any, other: Any, text: str) -> None:
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        lw.tree_structure(tree).flatten_up_to(other)
    error = caught.value
    assert isinstance(error, ValueError)
    assert error.path == ()
    assert str(error) == (
        f"{text}\n\nAt the root of the tree: expected {error.expected}, got {error.got}."
    )


def test_mismatches_of_custom_nodes(lw: ModuleType) -> None:
    treedef = lw.tree_structure(Plain([1], "one"))
    other = Plain([1], "two")
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        treedef.flatten_up_to(other)
    text = f"Mismatch custom node data: 'one' != 'two'; value: {other!r}.\n\n"
    assert str(caught.value).startswith(text)
    other = Plain([1, 2, 3], "one")
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        treedef.flatten_up_to(other)
    text = f"Custom type arity mismatch: 3 != 1; value: {other!r}.\n\n"
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize(
    "tree, other, expected, got",
    [
        ([1, 2], (1, 2, 3), "list of length 2", "tuple of length 3"),
        ([1, 2], [1], "list of length 2", "list of length 1"),
        ((1,), None, "tuple of length 1", "None"),
        (None, 3, "None", "int"),
        ({"a": 1, "b": 2}, {"c": 3}, "dict with keys ['a', 'b']", "dict with keys ['c']"),
        ([], "text", "list of length 0", "str"),
    ],
    ids=repr,
)
def test_what_was_expected_and_what_came(
    lw: ModuleType, tree: Any, other: Any, expected: str, got: str
) -> None:
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        lw.tree_structure([tree]).flatten_up_to([other])
    assert (caught.value.expected, caught.value.got) == (expected, got)


def test_where(lw: ModuleType) -> None:
    sequence, key, name = lw.SequenceKey, lw.DictKey, lw.GetAttrKey
    flat = lw.FlattenedIndexKey
    places: list[tuple[Any, tuple[Any, ...]]] = [
        (lambda end: end, ()),
        (lambda end: [0, end], (sequence(1),)),
        (lambda end: (0, [0, 0, end]), (sequence(1), sequence(2))),
        (lambda end: {"a": 0, "b": {1: end}}, (key("b"), key(1))),
        (lambda end: OrderedDict(b=0, a=end), (key("a"),)),
        (lambda end: defaultdict(int, b=0, a=end), (key("a"),)),
        (lambda end: [Pair(0, end)], (sequence(0), name("second"))),
        (lambda end: Record(end, 0), (name("x"),)),
        (lambda end: Fields(0, end), (name("right"),)),
        (lambda end: Plain([0, [end]]), (flat(1), sequence(0))),
        (lambda end: [None, [], end, 0], (sequence(2),)),
    ]
    for nest, path in places:
        with pytest.raises(lw.PyTreeMismatchError) as caught:
            lw.tree_structure(nest([1])).flatten_up_to(nest((1,)))
        assert caught.value.path == path
        place = f"key path {lw.keystr(path)}" if path else "the root of the tree"
        assert f"\n\nAt {place}: expected " in str(caught.value)


def test_the_first_mismatch_is_reported(lw: ModuleType) -> None:
    treedef = lw.tree_structure([0, {"a": [1], "b": [2]}, [3]])
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        treedef.flatten_up_to([0, {"a": [1], "b": (2,)}, (3,)])
    assert caught.value.path == (lw.SequenceKey(1), lw.DictKey("b"))
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        treedef.flatten_up_to([0, {"a": [1], "c": (2,)}])
    assert caught.value.path == ()


def test_the_error_pickles(lw: ModuleType) -> None:
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        lw.tree_structure({"a": [1]}).flatten_up_to({"a": 3})
    twin = pickle.loads(pickle.dumps(caught.value))
    assert type(twin) is lw.PyTreeMismatchError
    assert str(twin) == str(caught.value)
    assert twin.path == (lw.DictKey("a"),)
    assert (twin.expected, twin.got) == ("list of length 1", "int")


def test_the_error_can_be_made(lw: ModuleType) -> None:
    error = lw.PyTreeMismatchError("text")
    assert (str(error), error.path, error.expected, error.got) == ("text", (), "", "")
    assert issubclass(lw.PyTreeMismatchTypeError, (lw.PyTreeMismatchError, TypeError))
    assert issubclass(lw.PyTreeMismatchTypeError, TypeError)
    assert issubclass(lw.PyTreeMismatchError, ValueError)


def test_keys_that_cannot_be_sorted(lw: ModuleType) -> None:
    treedef = lw.tree_structure({"a": 1})
    with pytest.raises(ValueError, match="Comparator raised exception while sorting") as caught:
        treedef.flatten_up_to({"a": 1, 3: 2})
    assert str(caught.value).endswith("\n\nAt the root of the tree: dict with keys ['a', 3].")
    with pytest.raises(ValueError) as caught:
        lw.tree_structure([0, {"a": 1}]).flatten_up_to([0, {"b": 1, 3: 2}])
    assert str(caught.value).endswith("\n\nAt key path [1]: dict with keys ['b', 3].")


class Unequal:
    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __ne__(self, other: object) -> bool:
        raise self.error

    def __eq__(self, other: object) -> bool:
        raise self.error

    def __hash__(self) -> int:
        return 1


@pytest.mark.parametrize("error", [LookupError("boom"), KeyboardInterrupt()], ids=repr)
def test_metadata_that_cannot_be_compared_raises_as_it_is(
    lw: ModuleType, error: BaseException
) -> None:
    makers: list[Any] = [
        lambda: Plain([1], Unequal(error)),
        lambda: {Unequal(error): 1},
        lambda: OrderedDict([(Unequal(error), 1)]),
    ]
    for make in makers:
        with pytest.raises(type(error)) as caught:
            lw.tree_structure([make()]).flatten_up_to([make()])
        assert caught.value is error


def test_a_meta_field_that_cannot_be_compared_is_named(lw: ModuleType) -> None:
    for error in (LookupError("boom"), KeyboardInterrupt()):
        treedef = lw.tree_structure([Record(1, 2, tag=Unequal(error))])
        with pytest.raises((ValueError, KeyboardInterrupt)) as caught:
            treedef.flatten_up_to([Record(1, 2, tag=Unequal(error))])
        if isinstance(error, KeyboardInterrupt):
            assert caught.value is error
        else:
            assert str(caught.value).endswith(" The field is 'tag', of type Unequal.")
            assert caught.value.__cause__ is error


def test_values_whose_repr_raises_are_still_described(lw: ModuleType) -> None:
    class Shy:
        def __repr__(self) -> str:
            raise ValueError("no")

    with pytest.raises(lw.PyTreeMismatchError) as caught:
        lw.tree_structure([1]).flatten_up_to(Shy())
    text = "Expected list, got <Shy object (its repr raised ValueError)>."
    assert str(caught.value).startswith(text)


def test_an_ordered_dict_changed_as_the_dict_that_it_is(lw: ModuleType) -> None:
    """Its iterator fails in the middle, each time, and no value is let go."""
    values = [object() for _ in range(3)]
    counts = [sys.getrefcount(value) for value in values]
    tree = OrderedDict(zip("abc", values))
    treedef = lw.tree_structure(tree)
    dict.__delitem__(tree, "c")
    dict.__setitem__(tree, "d", values[2])
    for _ in range(3):
        with pytest.raises(KeyError, match="'c'"):
            treedef.flatten_up_to(tree)
    dict.clear(tree)
    assert [sys.getrefcount(value) for value in values] == counts


@pytest.mark.parametrize("asked_before", [False, True])
def test_a_class_that_is_a_named_tuple_no_more(lw: ModuleType, asked_before: bool) -> None:
    Former = namedtuple("Former", "x y")
    tree = [Former(1, 2), Former(3, (4,))]
    treedef = lw.tree_structure([Former(1, 2), Former(3, 4)])
    if asked_before:
        treedef.flatten_up_to(tree)
    del Former._fields
    for _ in range(TIMES):
        assert treedef.flatten_up_to(tree) == [1, 2, 3, (4,)]
        assert lw.tree_leaves(tree) == tree
