"""tree_flatten, tree_leaves, tree_structure and the other functions that take a tree apart."""

from __future__ import annotations

import time
from collections import ChainMap, Counter, OrderedDict, UserDict, defaultdict, deque
from types import MappingProxyType, ModuleType
from typing import Any

import pytest

from nodes import Constant, Fields, Keyed, Methods, Pair, Plain, Record, SubPair, Typed


class FakeNamedTuple(tuple):
    _fields = 3


class ListSubclass(list):
    pass


class OrderedSubclass(OrderedDict):
    pass


class DefaultSubclass(defaultdict):
    pass


NODES = [
    (1, [1], "*"),
    (None, [], "None"),
    ([], [], "[]"),
    ((), [], "()"),
    ({}, [], "{}"),
    ([1, 2], [1, 2], "[*, *]"),
    ((1,), [1], "(*,)"),
    ((1, (2, 3)), [1, 2, 3], "(*, (*, *))"),
    ([None, 1, [None]], [1], "[None, *, [None]]"),
    ({"b": 1, "a": 2}, [2, 1], "{'a': *, 'b': *}"),
    ({2: "x", 1: {"c": 3}}, [3, "x"], "{1: {'c': *}, 2: *}"),
    ({(2, "a"): 1, (1, "b"): 2}, [2, 1], "{(1, 'b'): *, (2, 'a'): *}"),
    ({None: 1}, [1], "{None: *}"),
    ({True: 1, 0.5: 2, -1: 3}, [3, 2, 1], "{-1: *, 0.5: *, True: *}"),
    (OrderedDict(b=1, a=2), [1, 2], "CustomNode(OrderedDict[('b', 'a')], [*, *])"),
    (
        defaultdict(int, {2: 1, 1: 2}),
        [2, 1],
        "CustomNode(defaultdict[(<class 'int'>, (1, 2))], [*, *])",
    ),
    (Pair(1, None), [1], "CustomNode(namedtuple[Pair], [*, None])"),
    (SubPair(1, [2]), [1, 2], "CustomNode(namedtuple[SubPair], [*, [*]])"),
    (Typed(1, 2), [1, 2], "CustomNode(namedtuple[Typed], [*, *])"),
    (FakeNamedTuple((1, 2)), [1, 2], "CustomNode(namedtuple[FakeNamedTuple], [*, *])"),
    (Plain([1, [2]], [4, "foo"]), [1, 2], "CustomNode(Plain[[4, 'foo']], [*, [*]])"),
    (Keyed([1, 2], "name"), [1, 2], "CustomNode(Keyed[name], [*, *])"),
    (Methods([1, 2], None), [1, 2], "CustomNode(Methods[None], [*, *])"),
    (Record(1, (2,), tag=4), [1, 2], "CustomNode(Record[(4,)], [*, (*,)])"),
    (Fields(1, 2, "l"), [1, 2], "CustomNode(Fields[('l',)], [*, *])"),
    (Constant(7), [], "CustomNode(Constant[7], [])"),
]

LEAVES = [
    3,
    "text",
    b"bytes",
    {1, 2},
    frozenset({1}),
    range(3),
    deque([1, 2]),
    Counter("ab"),
    ChainMap({"a": 1}),
    UserDict(a=1),
    MappingProxyType({"a": 1}),
    ListSubclass([1, 2]),
    OrderedSubclass(a=1),
    DefaultSubclass(int, a=1),
    time.gmtime(0),
    Pair,
    list,
    {}.keys(),
    {}.items(),
    iter(range(2)),
    iter("abc"),
    reversed([1]),
    object(),
    ...,
]

WARNED = [
    (x for x in [1]),
    {}.values(),
    zip([1]),
    map(abs, [1]),
    filter(None, [1]),
    enumerate([1]),
    reversed((1,)),
    iter([1]),
    iter((1,)),
    iter({1}),
    iter({1: 2}),
    iter({1: 2}.values()),
    iter({1: 2}.items()),
]


@pytest.mark.parametrize("tree, leaves, text", NODES, ids=[text for _, _, text in NODES])
def test_nodes_give_leaves_and_structure(
    lw: ModuleType, tree: Any, leaves: list[Any], text: str
) -> None:
    found, treedef = lw.tree_flatten(tree)
    assert type(found) is list
    assert found == leaves
    assert repr(treedef) == f"PyTreeDef({text})"
    assert lw.tree_leaves(tree) == leaves
    assert lw.tree_structure(tree) == treedef
    assert treedef.num_leaves == len(leaves)


@pytest.mark.parametrize("value", LEAVES, ids=lambda value: type(value).__name__)
def test_everything_else_is_a_leaf(lw: ModuleType, value: Any) -> None:
    leaves, treedef = lw.tree_flatten([value])
    assert len(leaves) == 1
    assert leaves[0] is value
    assert repr(treedef) == "PyTreeDef([*])"


@pytest.mark.parametrize("value", WARNED, ids=lambda value: type(value).__name__)
def test_iterators_are_leaves_with_a_warning(lw: ModuleType, value: Any) -> None:
    text = (
        f"Python iterable type '{type(value).__name__}' is treated as a leaf in PyTree. "
        "Use is_leaf to suppress this warning if you want this behavior. "
        "In a future version of JAX, this will become an error."
    )
    with pytest.warns(DeprecationWarning) as caught:
        assert lw.tree_leaves([value])[0] is value
    assert [str(warning.message) for warning in caught] == [text]
    assert lw.tree_leaves([value], is_leaf=lambda node: node is value)[0] is value


@pytest.mark.parametrize(
    "call",
    [
        lambda lw, tree: lw.tree_flatten(tree),
        lambda lw, tree: lw.tree_leaves(tree, lambda node: False),
        lambda lw, tree: lw.tree_map(id, tree),
        lambda lw, tree: lw.tree_map_with_path(lambda path, leaf: 0, tree),
        lambda lw, tree: lw.tree_reduce(lambda x, y: x, tree),
        lambda lw, tree: lw.tree_broadcast(0, tree),
    ],
)
def test_a_warning_names_the_line_of_the_caller(lw: ModuleType, call: Any) -> None:
    with pytest.warns(DeprecationWarning) as caught:
        call(lw, [zip()])
    assert {warning.filename for warning in caught} == {__file__}


def test_a_warning_that_is_an_error_propagates(lw: ModuleType) -> None:
    with pytest.raises(DeprecationWarning):
        lw.tree_flatten({"a": [1, iter([1])]})


def test_leaves_are_the_objects_themselves(lw: ModuleType) -> None:
    objects = [object() for _ in range(4)]
    tree = {"b": [objects[2], Plain([objects[3]])], "a": (objects[0], Pair(objects[1], None))}
    assert list(map(id, lw.tree_leaves(tree))) == list(map(id, objects))


def test_each_call_returns_a_new_list(lw: ModuleType) -> None:
    tree = [1, 2]
    assert lw.tree_leaves(tree) is not tree
    assert lw.tree_leaves(tree) is not lw.tree_leaves(tree)


@pytest.mark.parametrize("before", [0, 1, 31, 32, 992, 1023, 1024, 1025])
@pytest.mark.parametrize("together", [1, 31, 32, 33, 1024, 1025])
def test_leaves_come_in_any_number(lw: ModuleType, before: int, together: int) -> None:
    first, second, last = ([object() for _ in range(n)] for n in (before, together, 2))
    tree = [*first, second, [last]]
    for _ in range(3):  # the third time it is remembered
        assert lw.tree_leaves(tree) == [*first, *second, *last]
    assert lw.tree_leaves(tree, is_leaf=lambda node: node is last) == [*first, *second, last]


def test_is_leaf_sees_every_node_before_its_children(lw: ModuleType) -> None:
    tree = [1, {"b": None, "a": (2,)}, Plain([3])]
    seen: list[Any] = []
    lw.tree_flatten(tree, is_leaf=lambda node: seen.append(node))
    expected = [tree, 1, tree[1], tree[1]["a"], 2, None, tree[2], 3]
    assert list(map(id, seen)) == list(map(id, expected))


def test_is_leaf_stops_the_descent(lw: ModuleType) -> None:
    tree = [(1, 2), {"a": None}, 3]
    assert lw.tree_leaves(tree, is_leaf=lambda node: True) == [tree]
    assert lw.tree_leaves(tree, lambda node: type(node) is tuple) == [(1, 2), 3]
    leaves, treedef = lw.tree_flatten(tree, is_leaf=lambda node: node is None)
    assert leaves == [1, 2, None, 3]
    assert repr(treedef) == "PyTreeDef([(*, *), {'a': *}, *])"
    assert lw.tree_leaves(tree, is_leaf=None) == [1, 2, 3]


@pytest.mark.parametrize("answer", [1, 0, "x", [], 1.0], ids=repr)
def test_is_leaf_must_answer_with_a_boolean(lw: ModuleType, answer: Any) -> None:
    text = f"is_leaf predicate returned a non-boolean value {answer!r}; expected a boolean"
    with pytest.raises(ValueError) as caught:
        lw.tree_flatten([1], is_leaf=lambda node: answer)
    assert str(caught.value) == text


def test_is_leaf_may_answer_with_numpys_boolean(lw: ModuleType) -> None:
    numpy = pytest.importorskip("numpy", reason="numpy is optional")
    tree = [1, (2, 3)]
    assert lw.tree_leaves(tree, is_leaf=lambda n: numpy.bool_(type(n) is tuple)) == [1, (2, 3)]
    with pytest.raises(ValueError, match="non-boolean"):
        lw.tree_leaves(tree, is_leaf=lambda n: numpy.int64(0))


def test_is_leaf_must_be_callable(lw: ModuleType) -> None:
    for function in (lw.tree_flatten, lw.tree_leaves, lw.tree_structure, lw.all_leaves):
        with pytest.raises(TypeError):
            function([1], is_leaf=3)
    for function in (lw.tree_flatten_with_path, lw.tree_leaves_with_path):
        with pytest.raises(TypeError):
            function([1], is_leaf=3)


FLAGGED = (
    *("tree_flatten", "tree_leaves", "tree_structure", "tree_iter", "tree_all", "tree_any"),
    *("all_leaves", "flatten_one_level", "flatten_one_level_with_keys", "generate_key_paths"),
    *("tree_flatten_with_path", "tree_leaves_with_path"),
)


@pytest.mark.parametrize("flag", ["yes", 2, 1, None], ids=repr)
def test_flags_are_booleans(lw: ModuleType, flag: Any) -> None:
    def call(function: str, *arguments: Any, **flags: Any) -> str:
        with pytest.raises(TypeError) as caught:
            getattr(lw, function)(*arguments, **flags)
        return str(caught.value)

    text = f"none_is_leaf must be a bool, got {flag!r}"
    for function in FLAGGED:
        assert call(function, [1], none_is_leaf=flag) == text
    for function in ("tree_map", "tree_map_with_path", "tree_reduce"):
        assert call(function, max, [1], none_is_leaf=flag) == text
    for function in ("tree_diff", "prefix_errors", "tree_broadcast", "broadcast_prefix"):
        assert call(function, [1], [1], none_is_leaf=flag) == text
    text = f"is_leaf_takes_path must be a bool, got {flag!r}"
    for function in ("tree_flatten_with_path", "tree_leaves_with_path", "generate_key_paths"):
        assert call(function, [1], is_leaf_takes_path=flag) == text
    assert call("tree_map_with_path", max, [1], is_leaf_takes_path=flag) == text


def test_what_is_to_be_iterated_over_is_named(lw: ModuleType) -> None:
    treedef = lw.tree_structure([1])
    for call, text in (
        (lambda: lw.all_leaves(5), "all_leaves expects an iterable, got 5"),
        (lambda: lw.all_leaves(5, lambda node: False), "all_leaves expects an iterable, got 5"),
        (lambda: lw.treedef_tuple(treedef), "treedefs must be iterable, got PyTreeDef([*])"),
    ):
        with pytest.raises(TypeError) as caught:
            call()
        assert str(caught.value) == text


def test_exceptions_of_is_leaf_propagate(lw: ModuleType) -> None:
    error = KeyError("mine")

    def is_leaf(node: Any) -> bool:
        raise error

    with pytest.raises(KeyError) as caught:
        lw.tree_flatten([1], is_leaf=is_leaf)
    assert caught.value is error


def test_none_is_leaf(lw: ModuleType) -> None:
    tree = [None, {"a": None, "b": 1}]
    assert lw.tree_leaves(tree, none_is_leaf=True) == [None, None, 1]
    leaves, treedef = lw.tree_flatten(tree, none_is_leaf=True)
    assert leaves == [None, None, 1]
    assert repr(treedef) == "PyTreeDef([*, {'a': *, 'b': *}])"
    assert lw.tree_structure(tree, none_is_leaf=True) == treedef
    assert treedef != lw.tree_structure(tree)
    assert lw.tree_leaves_with_path([None], none_is_leaf=True) == [((lw.SequenceKey(0),), None)]
    assert lw.all_leaves([None], none_is_leaf=True) is True
    with pytest.raises(ValueError, match="can't tree-flatten type"):
        lw.flatten_one_level(None, none_is_leaf=True)


class Odd:
    """A key whose comparison raises `error`."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __lt__(self, other: object) -> bool:
        raise self.error


COMPARATOR = "Comparator raised exception while sorting pytree dictionary keys."


@pytest.mark.parametrize("error", [TypeError("no"), KeyError("k"), ValueError("v")], ids=repr)
def test_dict_keys_that_cannot_be_sorted(lw: ModuleType, error: Exception) -> None:
    with pytest.raises(ValueError) as caught:
        lw.tree_flatten([{Odd(error): 1, Odd(error): 2}])
    text, place = str(caught.value).split("\n\n")
    assert text == COMPARATOR
    assert place.startswith("At key path [0]: dict with keys [<")
    assert caught.value.__cause__ is error


def test_dict_keys_without_an_order(lw: ModuleType) -> None:
    with pytest.raises(ValueError) as caught:
        lw.tree_leaves({"a": 1, 2: 2})
    where = "At the root of the tree: dict with keys ['a', 2]."
    assert str(caught.value) == f"{COMPARATOR}\n\n{where}"
    assert isinstance(caught.value.__cause__, TypeError)
    assert lw.tree_leaves({1j: "one key needs no order"}) == ["one key needs no order"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3)], ids=repr)
def test_interrupts_in_a_comparison_pass(lw: ModuleType, error: BaseException) -> None:
    with pytest.raises(type(error)) as caught:
        lw.tree_flatten({Odd(error): 1, Odd(error): 2})
    assert caught.value is error


def test_defaultdict_keys_that_cannot_be_sorted_raise_as_they_are(lw: ModuleType) -> None:
    with pytest.raises(TypeError, match="'<' not supported"):
        lw.tree_flatten(defaultdict(int, {"a": 1, 2: 2}))


def test_ordered_dicts_are_not_sorted(lw: ModuleType) -> None:
    assert lw.tree_leaves(OrderedDict([("b", 1), (2, 2), ("a", 3)])) == [1, 2, 3]


def test_str_keys_are_sorted_by_their_characters(lw: ModuleType) -> None:
    texts = ["", "\0", "\0\0", "a", "ab", "ab\0", "abcd", "abcdefg", "abcdefgh", "abcdefghi", "b"]
    texts += [
        text + end for text in texts for end in ("\x7f", "\x80", "\xff", "\u0100", "\U00010000")
    ]
    keys = sorted(set(texts))
    for start in range(len(keys)):
        mixed = keys[start:] + keys[:start]
        assert lw.tree_leaves({key: key for key in mixed}) == keys
        pair = [mixed[1], mixed[0]]
        assert lw.tree_leaves({key: key for key in pair}) == sorted(pair)


def test_sorting_is_stable(lw: ModuleType) -> None:
    class Equal:
        def __lt__(self, other: object) -> bool:
            return False

    assert lw.tree_leaves({Equal(): index for index in range(40)}) == list(range(40))
    assert len(lw.tree_leaves({float("nan"): 1, 2.0: 2, float("nan"): 3})) == 3


WALKERS = [
    "tree_flatten",
    "tree_leaves",
    "tree_structure",
    "tree_flatten_with_path",
    "tree_leaves_with_path",
    "all_leaves",
    "tree_all",
    "tree_any",
    "tree_iter",
    "flatten_one_level",
    "flatten_one_level_with_keys",
]


@pytest.mark.parametrize("function", WALKERS)
def test_the_registry_must_be_a_registry(lw: ModuleType, function: str) -> None:
    with pytest.raises(TypeError):
        getattr(lw, function)([1], registry={})
    with pytest.raises(TypeError):
        getattr(lw, function)([1], unknown=1)
    with pytest.raises(TypeError):
        getattr(lw, function)()
