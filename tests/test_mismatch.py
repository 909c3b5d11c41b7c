"""What tree_map and prefix_errors say when the trees do not match."""

from __future__ import annotations

import pickle
import textwrap
from collections import OrderedDict, defaultdict
from types import ModuleType
from typing import Any

import pytest

import leafwise
from nodes import Pair, Plain, Record

ONE_SCREEN = 8000

HERE = "At that key path, the prefix pytree {name} has a subtree of type"
THERE = "but at the same key path the full pytree has a subtree of"


def types_text(where: str, left: type, right: type, name: str = "tree_map tree") -> str:
    return (
        f"pytree structure error: different types at key path\n    {where}\n"
        f"{HERE.format(name=name)}\n    {left}\n{THERE} different type\n    {right}."
    )


def lengths_text(where: str, kind: str, left: int, right: int) -> str:
    return (
        f"pytree structure error: different lengths of {kind} at key path\n    {where}\n"
        f"{HERE.format(name='tree_map tree')} {kind} of length {left}, "
        f"but the full pytree has a subtree of the same type but of length {right}."
    )


def children_text(where: str, kind: type, left: str, right: str, diff: str) -> str:
    n, m = len(left.split()), len(right.split())
    return (
        f"pytree structure error: different numbers of pytree children at key path\n    {where}\n"
        f"{HERE.format(name='tree_map tree')}\n    {kind}\nwith {n} child keys\n    {left}\n"
        f"{THERE} the same type but with {m} child keys\n    {right}\n"
        f"so the symmetric difference on key sets is\n    {diff}"
    )


def metadata_text(where: str, kind: type, left: str, right: str, diff: str) -> str:
    lines = textwrap.indent(diff, "    ")
    return (
        f"pytree structure error: different pytree metadata at key path\n    {where}\n"
        f"{HERE.format(name='tree_map tree')}\n    {kind}\nwith metadata\n    {left}\n"
        f"{THERE} the same type but with metadata\n    {right}\n"
        f"so the diff in the metadata at these pytree nodes is\n{lines}"
    )


MISMATCHES: list[tuple[Any, Any, str]] = [
    ({"a": [1, 2]}, {"a": (1, 2)}, types_text("tree_map tree['a']", list, tuple)),
    ({"a": None}, {"a": [1]}, types_text("tree_map tree['a']", type(None), list)),
    ([1, [2]], [1, 3], types_text("tree_map tree[1]", list, int)),
    (Pair(1, [2]), Pair(1, 2), types_text("tree_map tree.second", list, int)),
    (Record(1, [2]), Record(1, 2), types_text("tree_map tree.y", list, int)),
    (Plain([[1]]), Plain([2]), types_text("tree_map tree[<flat index 0>]", list, int)),
    ([Pair(1, 2)], [(1, 2)], types_text("tree_map tree[0]", Pair, tuple)),
    ({"a": [1, 2]}, {"a": [1]}, lengths_text("tree_map tree['a']", "list", 2, 1)),
    ([(1, 2)], [(1, 2, 3)], lengths_text("tree_map tree[0]", "tuple", 2, 3)),
    (
        [{"a": 1}],
        [{"a": 1, "c": 2}],
        children_text("tree_map tree[0]", dict, "['a']", "['a'] ['c']", "['c']"),
    ),
    (
        [{"a": 1}],
        [{"b": 1}],
        metadata_text(
            "tree_map tree[0]",
            dict,
            "('a',)",
            "('b',)",
            "- ('a',)\n?   ^\n\n+ ('b',)\n?   ^\n",
        ),
    ),
    (
        [OrderedDict(a=1, b=2)],
        [OrderedDict(b=1, a=2)],
        metadata_text(
            "tree_map tree[0]",
            OrderedDict,
            "('a', 'b')",
            "('b', 'a')",
            "- ('a', 'b')\n+ ('b', 'a')",
        ),
    ),
    (
        [defaultdict(int, a=1)],
        [defaultdict(list, a=1)],
        metadata_text(
            "tree_map tree[0]",
            defaultdict,
            "(<class 'int'>, ('a',))",
            "(<class 'list'>, ('a',))",
            "- (<class 'int'>, ('a',))",
        ),
    ),
]


@pytest.mark.parametrize("tree, other, text", MISMATCHES, ids=range(len(MISMATCHES)))
def test_texts(lw: ModuleType, tree: Any, other: Any, text: str) -> None:
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        lw.tree_map(lambda x, y: x, tree, other)
    assert str(caught.value).startswith(text.rstrip())
    assert isinstance(caught.value, ValueError)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_the_root(lw: ModuleType) -> None:
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        lw.tree_map(lambda x, y: x, None, 3)
    assert str(caught.value).startswith(types_text("tree_map tree", type(None), int))
    assert (caught.value.path, caught.value.expected, caught.value.got) == ((), "None", "int")


def test_the_key_path_line(lw: ModuleType) -> None:
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        lw.tree_map(lambda *xs: xs, {"a": [1, 2]}, {"a": (1, 2, 3)})
    error = caught.value
    line = "At key path ['a'] (further tree 1): expected list of length 2, got tuple of length 3."
    assert str(error).endswith(f"\n\n{line}")
    assert error.path == (lw.DictKey("a"),)
    assert (error.expected, error.got) == ("list of length 2", "tuple of length 3")


def test_which_of_the_trees(lw: ModuleType) -> None:
    good = {"a": [1], "b": 2}
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        lw.tree_map(lambda *xs: xs, good, good, good, {"a": 1, "b": 2}, {"c": 3})
    line = "At key path ['a'] (further tree 3): expected list of length 1, got int."
    assert str(caught.value).endswith(f"\n\n{line}")


def test_map_with_path(lw: ModuleType) -> None:
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        lw.tree_map_with_path(lambda p, x, y: x, {"a": [1]}, {"a": 2})
    name = "tree_map_with_path tree"
    assert str(caught.value).startswith(types_text(f"{name}['a']", list, int, name))
    assert str(caught.value).endswith("['a'] (further tree 1): expected list of length 1, got int.")


def test_broadcast(lw: ModuleType) -> None:
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        lw.tree_broadcast({"a": 1, "b": [2]}, {"a": [1, 2], "b": 3})
    name = "broadcast_prefix prefix_tree"
    assert str(caught.value).startswith(types_text(f"{name}['b']", list, int, name))
    assert str(caught.value).endswith("\n\nAt key path ['b']: expected list of length 1, got int.")
    with pytest.raises(lw.PyTreeMismatchError):
        lw.tree_broadcast(None, 3)


def test_is_leaf_holds_below_the_root(lw: ModuleType) -> None:
    def is_pair(node: Any) -> bool:
        return type(node) is tuple

    with pytest.raises(lw.PyTreeMismatchError) as caught:
        lw.tree_map(lambda x, y: x, [(1, 2), [3]], [5, 6], is_leaf=is_pair)
    assert str(caught.value).startswith(types_text("tree_map tree[1]", list, int))


def test_is_leaf_that_takes_the_path(lw: ModuleType) -> None:
    def is_leaf(path: Any, node: Any) -> bool:
        return lw.keystr(path) == "[0]"

    with pytest.raises(lw.PyTreeMismatchError) as caught:
        lw.tree_map_with_path(
            lambda p, x, y: x, [(1, 2), [3]], [5, 6], is_leaf=is_leaf, is_leaf_takes_path=True
        )
    assert caught.value.path == (lw.SequenceKey(1),)


def test_none_is_leaf_holds_too(lw: ModuleType) -> None:
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        lw.tree_map(lambda x, y: x, [None, [3]], [5, 6], none_is_leaf=True)
    assert caught.value.path == (lw.SequenceKey(1),)


def test_metadata_of_user_classes(lw: ModuleType) -> None:
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        lw.tree_map(lambda x, y: x, [Plain([1], "one")], [Plain([1], "two")])
    text = "pytree structure error: different pytree metadata at key path\n    tree_map tree[0]\n"
    assert str(caught.value).startswith(text)
    assert "one" in str(caught.value)
    assert "two" in str(caught.value)


def test_the_arguments_are_not_changed(lw: ModuleType) -> None:
    left, right = {"b": [1], "a": 2}, {"c": 3, "b": 1}
    with pytest.raises(lw.PyTreeMismatchError):
        lw.tree_map(lambda x, y: x, left, right)
    assert (list(left), list(right)) == (["b", "a"], ["c", "b"])


def test_the_error_pickles(lw: ModuleType) -> None:
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        lw.tree_map(lambda x, y: x, {"a": [1]}, {"a": 2})
    twin = pickle.loads(pickle.dumps(caught.value))
    assert (type(twin), str(twin)) == (type(caught.value), str(caught.value))
    assert (twin.path, twin.expected, twin.got) == ((lw.DictKey("a"),), "list of length 1", "int")


MANY = 20_000
BIG_PAIRS: list[tuple[Any, Any]] = [
    ([list(range(MANY))], [tuple(range(MANY))]),
    ([list(range(MANY))], [list(range(MANY + 1))]),
    ({str(i): i for i in range(MANY)}, {str(i): i for i in range(1, MANY + 1)}),
    ({str(i): i for i in range(MANY)}, {str(i): i for i in range(MANY // 2)}),
    (
        OrderedDict((str(i), i) for i in range(MANY)),
        OrderedDict((str(i), i) for i in range(MANY, 0, -1)),
    ),
    (Plain([1], "x" * 10**6), Plain([1], "y" * 10**6)),
    (Record(1, 2, tag=list(range(MANY))), Record(1, 2, tag=None)),
    ({"key" * 10**5: [1]}, {"key" * 10**5: 2}),
    ({"a": None}, {"a": [["x" * 10**4] * 100] * 100}),
]


@pytest.mark.parametrize("left, right", BIG_PAIRS, ids=range(len(BIG_PAIRS)))
def test_messages_fit_on_one_screen(lw: ModuleType, left: Any, right: Any) -> None:
    treedef = lw.tree_structure(left)
    for call in (
        lambda: lw.tree_map(lambda x, y: x, left, right),
        lambda: treedef.flatten_up_to(right),
        lambda: lw.tree_broadcast(left, right),
    ):
        with pytest.raises(lw.PyTreeMismatchError) as caught:
            call()
        assert len(str(caught.value)) < ONE_SCREEN
        assert len(caught.value.expected) < ONE_SCREEN / 4
        assert len(caught.value.got) < ONE_SCREEN / 4
        assert "..." in str(caught.value) or len(str(caught.value)) < ONE_SCREEN / 4


def test_transpose_of_a_big_tree_fits_on_one_screen(lw: ModuleType) -> None:
    outer, inner = lw.tree_structure([0] * MANY), lw.tree_structure([0, 1])
    with pytest.raises(lw.PyTreeMismatchTypeError) as caught:
        lw.tree_transpose(outer, inner, [[0]] * MANY)
    assert str(caught.value).startswith("Mismatch\nPyTreeDef([[*], [*]")
    assert len(str(caught.value)) < ONE_SCREEN


def shown(lw: ModuleType, value: Any) -> str:
    """How the value is shown in a message."""
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        lw.tree_structure([1]).flatten_up_to(value)
    text = str(caught.value).split("\n\nAt the root")[0]
    return text.removeprefix("Expected list, got ").removesuffix(".")


@pytest.mark.parametrize(
    "value",
    [
        None,
        "it's",
        b"bytes",
        (1, [2, (3,)], {"k": {4}}, Pair(5, OrderedDict(a=6))),
        tuple(range(50)),
        {"a": [[[1]]]},
        defaultdict(int, a=1),
        frozenset(),
    ],
    ids=repr,
)
def test_small_values_are_shown_whole(lw: ModuleType, value: Any) -> None:
    assert shown(lw, value) == repr(value)


def test_big_values_are_cut_short(lw: ModuleType) -> None:
    deep: Any = 1
    for _ in range(30):
        deep = (deep,)
    cycle: list[Any] = []
    cycle.append(cycle)
    for value in (tuple(range(500)), "x" * 5000, {n: n for n in range(500)}, deep, (cycle,)):
        text = shown(lw, value)
        assert "..." in text
        assert len(text) < 1100
        assert text[0] == repr(value)[0]
    cycle.clear()


def test_prefix_errors_finds_all(lw: ModuleType) -> None:
    prefix = {"a": [1], "b": [1], "c": 1, "d": ((1, 2), None)}
    full = {"a": (1,), "b": [1, 2], "c": [5], "d": ((1, [2]), 3)}
    errors = lw.prefix_errors(prefix, full)
    assert type(errors) is list
    assert len(errors) == 3
    text = types_text("args['a']", list, tuple, "args")
    place = "\n\nAt key path ['a']: expected list of length 1, got tuple of length 1."
    first = errors[0]("args")
    assert str(first) == text + place
    assert type(first) is lw.PyTreeMismatchError
    paths = [error("x").path for error in errors]
    assert [lw.keystr(path) for path in paths] == ["['a']", "['b']", "['d'][1]"]
    assert (errors[2]("x").expected, errors[2]("x").got) == ("None", "int")


def test_prefix_errors_are_shown_by_their_places() -> None:
    errors = leafwise.prefix_errors([1, {"a": [1]}, [[2]]], [2, {"a": (1,)}, [[3], 4]])
    assert [repr(error) for error in errors] == [
        "<PrefixError at key path [1]['a']: expected list of length 1, got tuple of length 1>",
        "<PrefixError at key path [2]: expected list of length 1, got list of length 2>",
    ]


def test_no_prefix_errors(lw: ModuleType) -> None:
    assert lw.prefix_errors(1, [1, 2]) == []
    assert lw.prefix_errors({"a": 1}, {"a": [1]}) == []
    assert lw.prefix_errors([[1]], [2], is_leaf=lambda node: node == [1]) == []
    assert lw.prefix_errors([None], [2], none_is_leaf=True) == []
    assert lw.prefix_errors([None], [2], registry=lw.none_leaf_registry) == []
    assert lw.prefix_errors([Plain([1])], [2], registry=lw.PyTreeRegistry()) == []


def test_prefix_errors_of_cycles(lw: ModuleType) -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    with pytest.raises(RecursionError, match="maximum recursion depth exceeded in flatten"):
        lw.prefix_errors(cycle, cycle)
    cycle.clear()


def test_prefix_errors_wants_proper_answers(lw: ModuleType) -> None:
    with pytest.raises(ValueError, match="is_leaf predicate returned a non-boolean value 1"):
        lw.prefix_errors([1], [2], is_leaf=lambda node: 1)
    with pytest.raises(TypeError):
        lw.prefix_errors([1], [2], is_leaf=3)


class Fickle:
    """An `is_leaf` that raises when it is asked again about the same tree, as explaining does."""

    def __init__(self, after: int) -> None:
        self.calls, self.after = 0, after

    def __call__(self, node: Any) -> bool:
        self.calls += 1
        if self.calls > self.after:
            raise LookupError("asked again")
        return False


def test_a_predicate_that_fails_while_the_mismatch_is_explained(lw: ModuleType) -> None:
    tree, other = [1, [2]], [1, (2,)]
    counting = Fickle(1000)
    lw.tree_leaves(tree, is_leaf=counting)
    fickle = Fickle(counting.calls)
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        lw.tree_map(lambda x, y: x, tree, other, is_leaf=fickle)
    assert fickle.calls > fickle.after
    assert lw.keystr(caught.value.path) == "[1]"


def test_keys_without_an_order_are_shown_as_they_stand(lw: ModuleType) -> None:
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        lw.tree_structure([1]).flatten_up_to({2: 1, "a": 2, 1: 3})
    assert caught.value.got == "dict with keys [2, 'a', 1]"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError()], ids=repr)
def test_what_stops_a_program_passes_while_keys_are_sorted_to_be_shown(
    lw: ModuleType, error: BaseException
) -> None:
    class Key:
        def __lt__(self, other: object) -> bool:
            raise error

    with pytest.raises(type(error)):
        lw.tree_structure([1]).flatten_up_to({Key(): 1, Key(): 2})


def test_lack_of_memory_in_a_repr_passes(lw: ModuleType) -> None:
    class Key:
        def __repr__(self) -> str:
            raise MemoryError

    with pytest.raises(MemoryError):
        lw.tree_structure([1]).flatten_up_to({Key(): 1})


class Exhausting:
    """Something for which there is no memory: its hash, or its text."""

    def __init__(self, hook: str) -> None:
        self.hook = hook

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return self.answer("hash", 1)

    def __str__(self) -> str:
        return self.answer("str", "text")

    def answer(self, hook: str, value: Any) -> Any:
        if hook == self.hook:
            raise MemoryError
        return value


def test_lack_of_memory_while_a_mismatch_is_explained(lw: ModuleType) -> None:
    by_keys = keyed_by(lw, [Exhausting("hash"), Exhausting("hash")])
    one, other = Plain([1]), Plain([1, 2])
    with pytest.raises(MemoryError):
        list(lw.tree_diff(one, other, registry=by_keys))
    with pytest.raises(MemoryError):
        list(lw.equality_errors(one, other, registry=by_keys))
    with pytest.raises(MemoryError):
        lw.tree_map(lambda x, y: x, one, other, registry=by_keys)
    by_texts = keyed_by(lw, ["a"])
    one, other = Plain([1], Exhausting("str")), Plain([1], Exhausting("str"))
    with pytest.raises(MemoryError):
        list(lw.equality_errors(one, other, registry=by_texts))
    with pytest.raises(MemoryError):
        lw.tree_map(lambda x, y: x, one, other, registry=by_texts)


def test_lack_of_memory_while_objects_are_rebuilt_to_find_the_place(lw: ModuleType) -> None:
    def unflatten(name: str, children: Any) -> Any:
        if children[0] != 1:
            raise MemoryError
        return Plain(children, name)

    registry = lw.PyTreeRegistry()
    lw.register_pytree_node(
        Plain, lambda node: (node.children, node.name), unflatten, registry=registry
    )
    prefix_leaves, prefix = lw.tree_flatten((Plain([1]), [1]), registry=registry)
    full = lw.tree_structure((Plain([1]), {"a": 1}), registry=registry)
    with pytest.raises(MemoryError):
        lw.broadcast_flattened_prefix_with_treedef(prefix_leaves, prefix, full)


def test_deep_dicts_are_cut_short(lw: ModuleType) -> None:
    value: Any = 1
    for _ in range(50):
        value = {"k": value}
    assert "..." in shown(lw, value)
    assert len(shown(lw, value)) < 300


def keyed_by(lw: ModuleType, keys: list[Any]) -> Any:
    registry = lw.PyTreeRegistry()
    lw.register_pytree_with_keys(
        Plain,
        lambda node: (list(zip(keys, node.children)), node.name),
        Plain.unflatten,
        registry=registry,
    )
    return registry


def test_child_keys_that_cannot_be_hashed(lw: ModuleType) -> None:
    registry = keyed_by(lw, [["a"], ["b"]])
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        lw.tree_map(lambda x, y: x, Plain([1]), Plain([1, 2]), registry=registry)
    assert "different numbers of pytree children" in str(caught.value)
    assert "symmetric difference" not in str(caught.value)


class Silent:
    """Its text cannot be made, but it can be shown."""

    def __str__(self) -> str:
        raise LookupError("no text")

    def __repr__(self) -> str:
        return "<silent>"


def test_child_keys_without_a_text(lw: ModuleType) -> None:
    registry = keyed_by(lw, [Silent(), Silent()])
    with pytest.raises(lw.PyTreeMismatchError, match="with 2 child keys\n    <silent> <silent>"):
        lw.tree_map(lambda x, y: x, Plain([1]), Plain([1, 2]), registry=registry)
    registry = keyed_by(lw, [Silent(), Silent()])
    (error,) = lw.equality_errors(Plain([1]), Plain([1, 2]), registry=registry)
    assert "<silent>" in error[3]


def test_classes_of_the_same_name_are_told_apart(lw: ModuleType) -> None:
    one, other = type("Same", (), {"__module__": "one"}), type("Same", (), {"__module__": "two"})
    registry = lw.PyTreeRegistry()
    for kind in (one, other):
        registry.register_node(kind, lambda node: ((), None), lambda aux, children: None)
    (difference,) = lw.tree_diff(one(), other(), registry=registry)
    assert (difference.expected, difference.got) == (repr(one), repr(other))


def test_a_predicate_that_changes_its_mind(lw: ModuleType) -> None:
    """Then the error is the one found first, whatever explaining it would find."""
    tree, other = [1, [2]], [1, (2,)]
    calls: list[Any] = []

    def is_leaf(node: Any) -> bool:
        calls.append(node)
        return len(calls) > 4 and isinstance(node, list)

    with pytest.raises(lw.PyTreeMismatchError) as caught:
        lw.tree_map(lambda x, y: x, tree, other, is_leaf=is_leaf)
    assert len(calls) > 4
    assert lw.keystr(caught.value.path) == "[1]"


def test_long_metadata_is_narrowed_down_to_where_it_differs(lw: ModuleType) -> None:
    one, other = (Plain([1], (7, [0] * 400 + [last])) for last in (1, 2))
    texts = tuple(f"Plain with metadata (..., [..., {last}, ...], ...)" for last in (1, 2))
    (difference,) = lw.tree_diff(one, other)
    assert (difference.expected, difference.got) == texts
    (make_error,) = lw.prefix_errors(one, other)
    assert (make_error("tree").expected, make_error("tree").got) == texts
    assert "with metadata\n    (..., [..., 2, ...], ...)\n" in str(make_error("tree"))
    ((_, first, second, _),) = lw.equality_errors(one, other)
    assert first.endswith("Plain'> with pytree metadata (..., [..., 1, ...], ...)")
    assert second.endswith("Plain'> with pytree metadata (..., [..., 2, ...], ...)")


def test_metadata_that_looks_alike_to_its_end(lw: ModuleType) -> None:
    one, other = Plain([1], [0] * 5000), Plain([1], [0] * 5001)
    (difference,) = lw.tree_diff(one, other)
    assert difference.expected == difference.got
    assert difference.expected.startswith("Plain with metadata [0, 0,")


def test_metadata_that_change_their_mind(lw: ModuleType) -> None:
    class Aux:
        asked = 0

        def __eq__(self, other: object) -> bool:
            self.asked += 1
            return self.asked > 1

        __hash__ = None  # type: ignore[assignment]

    tree, other = Plain([1], Aux()), Plain([1], Aux())
    with pytest.raises(lw.PyTreeMismatchError, match="Mismatch custom node data"):
        lw.tree_map(lambda x, y: x, tree, other)
