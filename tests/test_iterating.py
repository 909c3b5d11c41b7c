"""tree_iter, and how far tree_all and tree_any look."""

from __future__ import annotations

import copy
import functools
import itertools
import pickle
import sys
import threading
import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import leafwise
from interpreter import has_gil, needs_gil
from nodes import Keyed, Pair, Plain, Record, describe
from outcomes import ids, outcome, without_place
from strategies import trees, trees_with_any_keys
from test_against_reference import PREDICATES, predicates

REDUCERS = {"tree_all": all, "tree_any": any}
CONSUMERS: dict[str, Callable[..., Any]] = {
    "tree_iter": lambda lw, tree, **options: list(lw.tree_iter(tree, **options)),
    "tree_all": lambda lw, tree, **options: lw.tree_all(tree, **options),
    "tree_any": lambda lw, tree, **options: lw.tree_any(tree, **options),
}


class Leaf:
    """Counts in `asked` the leaves whose truth was asked for."""

    def __init__(self, name: str, truth: Any, asked: list[str]) -> None:
        self.name, self.truth, self.asked = name, truth, asked

    def __bool__(self) -> bool:
        self.asked.append(self.name)
        if isinstance(self.truth, Exception):
            raise self.truth
        return bool(self.truth)


class Opened(Plain):
    """A node that says when it is taken apart."""


@pytest.fixture
def opening(lw: ModuleType) -> Any:
    """A registry with `Opened`, and the names of those that were taken apart."""
    opened: list[str] = []
    registry = lw.PyTreeRegistry(parent=lw.default_registry)

    def flatten(node: Opened) -> Any:
        opened.append(node.name)
        return node.children, None

    lw.register_pytree_node(Opened, flatten, lambda aux, leaves: None, registry=registry)
    return registry, opened


def test_leaves_from_left_to_right(lw: ModuleType) -> None:
    tree = {"b": [1, (2, None)], "a": Pair(3, {}), "c": Record(4, Plain([5, 6]))}
    assert list(lw.tree_iter(tree)) == [3, 1, 2, 4, 5, 6]
    assert list(lw.tree_iter(7)) == [7]
    assert list(lw.tree_iter(None)) == list(lw.tree_iter([{}, ()])) == []
    assert list(lw.tree_iter({2: 2, 1: 1})) == [1, 2]
    assert list(lw.tree_iter(OrderedDict(b=1, a=2))) == [1, 2]
    assert list(lw.tree_iter(defaultdict(int, b=1, a=2))) == [2, 1]


def test_options(lw: ModuleType) -> None:
    tree = [None, [1], Plain([2])]
    node = tree[2]
    assert list(lw.tree_iter(tree, none_is_leaf=True)) == [None, 1, 2]
    assert list(lw.tree_iter(tree, registry=lw.PyTreeRegistry())) == [1, node]
    assert list(lw.tree_iter(tree, lambda node: node == [1])) == [[1], 2]
    assert list(lw.tree_iter(tree=tree, is_leaf=lambda node: None)) == [1, 2]
    assert list(lw.tree_iter(tree, registry=lw.none_leaf_registry)) == [None, 1, 2]
    with pytest.raises(TypeError, match="is_leaf must be a callable or None, got 3"):
        lw.tree_iter(tree, 3)
    with pytest.raises(TypeError):
        lw.tree_iter(tree, None, True)


def test_an_instance_may_be_a_named_tuple_by_itself(lw: ModuleType) -> None:
    class Fake(tuple):
        pass

    leaf, node = Fake((1, 2)), Fake((0, 4))
    node._fields = ("x", "y")  # type: ignore[attr-defined]
    assert list(lw.tree_iter([leaf, node, leaf])) == [leaf, 0, 4, leaf]
    assert lw.tree_all([leaf, node]) is False


def test_it_is_an_iterator(lw: ModuleType) -> None:
    leaves = lw.tree_iter([1, [2]])
    assert isinstance(leaves, Iterator)
    assert iter(leaves) is leaves
    assert [next(leaves), next(leaves)] == [1, 2]
    for _ in range(2):
        with pytest.raises(StopIteration):
            next(leaves)
    assert next(leaves, "end") == "end"


def test_it_is_neither_copied_nor_pickled_nor_made(lw: ModuleType) -> None:
    leaves = lw.tree_iter([1])
    for function in (copy.copy, copy.deepcopy, pickle.dumps, type(leaves)):
        with pytest.raises(TypeError):
            function(leaves)
    assert list(leaves) == [1]


def test_a_step_goes_no_further_than_the_next_leaf(lw: ModuleType, opening: Any) -> None:
    registry, opened = opening
    seen: list[Any] = []
    tree = [1, Opened([2, Opened([], "empty"), 3], "first"), [Opened([4], "second")]]

    def is_leaf(node: Any) -> bool:
        seen.append(type(node))
        return False

    leaves = lw.tree_iter(tree, is_leaf, registry=registry)
    assert (seen, opened) == ([], [])
    expected = [
        (1, [list, int], []),
        (2, [Opened, int], ["first"]),
        (3, [Opened, int], ["empty"]),
        (4, [list, Opened, int], ["second"]),
    ]
    for leaf, types, names in expected:
        assert next(leaves) == leaf
        assert (seen, opened) == (types, names)
        seen.clear()
        opened.clear()
    assert next(leaves, "end") == "end"
    assert (seen, opened) == ([], [])


@pytest.mark.parametrize("function, decisive", [("tree_all", False), ("tree_any", True)])
def test_nothing_behind_the_answer_is_visited(
    lw: ModuleType, opening: Any, function: str, decisive: bool
) -> None:
    registry, opened = opening
    asked: list[str] = []
    seen: list[str] = []

    def is_leaf(node: Any) -> None:
        seen.append(type(node).__name__)

    def leaf(name: str, truth: Any) -> Leaf:
        return Leaf(name, truth, asked)

    tree = {
        "a": [leaf("a", not decisive), not decisive, Opened([], "before")],
        "b": (leaf("b", decisive), leaf("c", ValueError("not asked"))),
        "c": Opened([1], "behind"),
        "d": {1: 1, "not sortable": 2},
    }
    call = getattr(lw, function)
    assert call(tree, registry=registry) is decisive
    assert (asked, opened) == (["a", "b"], ["before"])
    assert call(tree, is_leaf=is_leaf, registry=registry) is decisive
    assert seen == ["dict", "list", "Leaf", "bool", "Opened", "tuple", "Leaf"]
    tree["b"] = ()
    with pytest.raises(ValueError, match="Comparator raised exception"):
        call({**tree, "c": None}, registry=registry)


@pytest.mark.parametrize("make", [list, tuple, lambda items: dict(zip("abcdefgh", items))])
@pytest.mark.parametrize("function", REDUCERS)
def test_where_the_answer_is(lw: ModuleType, function: str, make: Any) -> None:
    """The core skips leaves of built-in types where they are: it must not skip the answer."""
    asked: list[str] = []
    parts: list[Any] = [True, 1, 0.0, None, "", "x", Leaf("t", 1, asked), Leaf("f", 0, asked)]
    parts += [[], [0], (1,), {"k": False}, {"k": 1}, b"", 0j]
    for items in itertools.product(parts, repeat=3):
        for none_is_leaf in (False, True):
            tree = make(items)
            expected = REDUCERS[function](lw.tree_leaves(tree, none_is_leaf=none_is_leaf))
            of_the_list = asked.copy()
            asked.clear()
            assert getattr(lw, function)(tree, none_is_leaf=none_is_leaf) is expected, items
            assert asked == of_the_list
            asked.clear()


@pytest.mark.parametrize("function", REDUCERS)
def test_exceptions_of_the_truth_propagate(lw: ModuleType, function: str) -> None:
    numpy = pytest.importorskip("numpy")
    for tree in ([numpy.zeros(2)], {"a": (numpy.ones(3),)}):
        with pytest.raises(ValueError, match="truth value of an array"):
            getattr(lw, function)(tree)
    for error in (LookupError("mine"), StopIteration(5)):
        with pytest.raises(type(error)) as caught:
            getattr(lw, function)([Leaf("x", error, [])])
        assert caught.value is error
    assert lw.tree_all([numpy.ones(1), numpy.True_]) is True
    assert lw.tree_any([numpy.zeros(1), numpy.False_]) is False


@pytest.mark.parametrize("function", CONSUMERS)
def test_builtin_types_may_be_nodes_and_containers_leaves(lw: ModuleType, function: str) -> None:
    registry = lw.PyTreeRegistry(parent=lw.default_registry, enable_list=False, enable_none=False)
    lw.register_pytree_node(
        int, lambda n: ([float(not n)], None), lambda aux, leaves: 0, registry=registry
    )
    consume = CONSUMERS[function]
    # The only leaf of an int is true if the int is not; a list is a leaf, and so is None.
    trees = [(0,), (0, 1.0), (2, 1.0), ([],), ([0],), (None, 1), (None,), {"a": 0, "b": 1.0}]
    trees += [{"a": 1, "b": 1.0}, (0.0, {"a": 0}), {"a": None, "b": 1.0}]
    reduced = {"tree_iter": list, **REDUCERS}[function]
    for tree in trees:
        leaves = lw.tree_leaves(tree, registry=registry)
        assert consume(lw, tree, registry=registry) == reduced(leaves), tree


@pytest.mark.parametrize("function", CONSUMERS)
def test_errors_of_is_leaf(lw: ModuleType, function: str) -> None:
    consume = CONSUMERS[function]
    with pytest.raises(ValueError, match="non-boolean value 1; expected a boolean"):
        consume(lw, [1], is_leaf=lambda node: 1)
    with pytest.raises(ZeroDivisionError):
        consume(lw, [1], is_leaf=lambda node: 1 / 0)
    with pytest.raises(RuntimeError, match=r"^generator raised StopIteration") as caught:
        consume(lw, [1], is_leaf=lambda node: next(iter(())))
    assert isinstance(caught.value.__cause__, StopIteration)


@pytest.mark.parametrize("failing, given", [(0, 0), (1, 0), (2, 1), (3, 1), (4, 2)])
def test_an_exception_is_the_end(lw: ModuleType, failing: int, given: int) -> None:
    numbers = itertools.count()

    def is_leaf(node: Any) -> bool:
        if next(numbers) == failing:
            raise LookupError("mine")
        return False

    leaves = lw.tree_iter([1, (2,), 3], is_leaf)
    assert list(itertools.islice(leaves, given)) == [1, 2, 3][:given]
    with pytest.raises(LookupError):
        next(leaves)
    assert list(leaves) == []
    assert next(numbers) == failing + 1


def test_iterators_are_warned_of_when_they_are_reached(lw: ModuleType) -> None:
    for function in CONSUMERS:
        with pytest.warns(DeprecationWarning, match="type 'zip' is treated as a leaf"):
            CONSUMERS[function](lw, [zip()])
    with pytest.warns(DeprecationWarning, match="type 'zip' is treated as a leaf"):
        lw.tree_all([zip(), 0, zip()])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert lw.tree_all([0, zip()]) is False
        leaves = lw.tree_iter([1, zip(), 2])
        assert next(leaves) == 1
        with pytest.raises(DeprecationWarning):
            next(leaves)
        assert list(leaves) == []


@pytest.mark.parametrize("beyond", [-2, -1, 0, 1])
@pytest.mark.parametrize("beside", [(), (2,), ([], 2), ([[0], 2],)], ids=repr)
@pytest.mark.parametrize("bottom", [1, None, [], {}], ids=repr)
def test_depth(lw: ModuleType, bottom: Any, beside: Any, beyond: int) -> None:
    """Just as deep as `tree_leaves`, whatever is at the bottom and beside the way."""
    tree: Any = bottom
    for _ in range(sys.getrecursionlimit() + beyond):
        tree = [*beside, tree]
    expected = outcome(lambda: lw.tree_leaves(tree))
    if beyond in (-2, 1):
        assert (expected[0] == "returned") is (beyond == -2)
    for function, reduce in (("tree_iter", list), ("tree_all", all), ("tree_any", any)):
        found = outcome(lambda: CONSUMERS[function](lw, tree))  # noqa: B023
        if expected[0] == "returned":
            assert found == ("returned", reduce(expected[1]))
        elif function == "tree_any" and beside:
            assert found == ("returned", True)
        elif function == "tree_all" and beside == ([[0], 2],):
            assert found == ("returned", False)
        else:
            assert isinstance(found[1], RecursionError)
            assert without_place(str(found[1])) == without_place(str(expected[1]))


def test_depth_is_not_the_number_of_containers(lw: ModuleType) -> None:
    pairs: list[Any] = [[[1], {"a": (2,)}, []] for _ in range(2 * sys.getrecursionlimit())]
    assert lw.tree_all(pairs) is True
    assert sum(lw.tree_iter(pairs)) == 3 * len(pairs)


def test_a_cycle_is_followed_as_far_as_it_is_asked(lw: ModuleType) -> None:
    cycle: list[Any] = [1]
    cycle.append({"a": (cycle,)})
    assert list(itertools.islice(lw.tree_iter(cycle), 3)) == [1, 1, 1]
    assert lw.tree_any(cycle) is True
    for consume in (lambda: list(lw.tree_iter(cycle)), lambda: lw.tree_all(cycle)):
        with pytest.raises(RecursionError) as caught:
            consume()
        assert "PyTree may have cyclical node references." in str(caught.value)
    cycle.clear()


def shown(result: tuple[str, Any], show: Callable[[Any], Any]) -> Any:
    verdict, value = result
    return show(value) if verdict == "returned" else (type(value), without_place(str(value)))


@given(tree=trees_with_any_keys, none_is_leaf=st.booleans())
def test_like_the_list_of_leaves(lw: ModuleType, tree: Any, none_is_leaf: bool) -> None:
    options = {"none_is_leaf": none_is_leaf}
    leaves = outcome(lambda: lw.tree_leaves(tree, **options))
    assert shown(outcome(lambda: list(lw.tree_iter(tree, **options))), ids) == shown(leaves, ids)
    for function, reduce in REDUCERS.items():
        found = outcome(lambda: getattr(lw, function)(tree, **options))  # noqa: B023
        if leaves[0] == "returned":
            assert found == ("returned", reduce(leaves[1]))


@given(tree=trees_with_any_keys, is_leaf=predicates)
def test_like_the_list_of_leaves_with_a_predicate(lw: ModuleType, tree: Any, is_leaf: Any) -> None:
    def noting(seen: list[int]) -> Callable[[Any], Any]:
        def predicate(node: Any) -> Any:
            seen.append(id(node))
            return is_leaf(node)

        return predicate

    seen: list[int] = []
    leaves = outcome(lambda: lw.tree_leaves(tree, noting(seen)))
    seen_lazily: list[int] = []
    found = outcome(lambda: list(lw.tree_iter(tree, noting(seen_lazily))))
    assert (shown(found, ids), seen_lazily) == (shown(leaves, ids), seen)
    if leaves[0] == "returned":
        for function, reduce in REDUCERS.items():
            assert getattr(lw, function)(tree, is_leaf=is_leaf) is reduce(leaves[1])


@given(trees_with_any_keys, st.sampled_from(sorted(PREDICATES)), st.sampled_from(list(CONSUMERS)))
def test_core_and_reference_look_equally_far(tree: Any, name: str, function: str) -> None:
    """Also where there is an error: how many nodes the predicate was asked about before."""

    def run(lw: ModuleType) -> Any:
        seen: list[int] = []

        def is_leaf(node: Any) -> Any:
            seen.append(id(node))
            return PREDICATES[name](node)

        result = outcome(lambda: CONSUMERS[function](lw, tree, is_leaf=is_leaf))
        return shown(result, describe if function == "tree_iter" else bool), seen

    assert run(leafwise) == run(leafwise.reference)


plain_leaves = st.one_of(st.integers(0, 2), st.booleans(), st.text(max_size=1), st.none())
plain_trees = st.recursive(
    plain_leaves,
    lambda children: st.one_of(
        st.lists(children, max_size=3),
        st.lists(children, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=2), children, max_size=3),
        st.dictionaries(st.text(max_size=2), children, max_size=3).map(OrderedDict),
        st.builds(Pair, children, children),
    ),
    max_leaves=12,
)


@given(tree=plain_trees, none_is_leaf=st.booleans())
def test_like_optree(lw: ModuleType, tree: Any, none_is_leaf: bool) -> None:
    optree = pytest.importorskip("optree", reason="optree is in the extra `peers`")
    options = {"none_is_leaf": none_is_leaf}
    expected = list(optree.tree_iter(tree, **options))
    assert ids(lw.tree_iter(tree, **options)) == ids(expected)
    assert lw.tree_all(tree, **options) is optree.tree_all(tree, **options)
    assert lw.tree_any(tree, **options) is optree.tree_any(tree, **options)


@given(tree=trees)
def test_nothing_is_lost_when_a_node_has_keys(lw: ModuleType, tree: Any) -> None:
    tree = [Keyed([tree, 1], "name"), tree]
    assert ids(lw.tree_iter(tree)) == ids(lw.tree_leaves(tree))


def cyclic() -> Any:
    tree: list[Any] = []
    tree.append(tree)
    return tree


def moved_to_end() -> Any:
    tree = OrderedDict([("a", 0), ("b", 1), ("c", 0)])
    tree.move_to_end("a")
    return tree


def changed_as_a_dict() -> Any:
    tree = OrderedDict([("a", 0), ("b", 1)])
    dict.__delitem__(tree, "a")
    return tree


FIRST_LEAVES: dict[str, Callable[[], Any]] = {
    "in a list": lambda: [0, 1],
    "the first of many": lambda: [[0], [1]] * 1000,
    "in a dict, not inserted first": lambda: {"b": 1, "a": 0, "c": 1},
    "keys of two widths": lambda: {"\N{GREEK SMALL LETTER ALPHA}": 1, "z": 0, "\xe9": 1},
    "in a large dict": lambda: {f"{key:03}": key for key in reversed(range(100))},
    "below": lambda: {"b": [1], "a": ({"y": 1, "x": (0,)}, 1)},
    "behind what is empty": lambda: [[], {"a": ()}, None, 0, 1],
    "in a defaultdict": lambda: defaultdict(int, b=1, a=0),
    "in an OrderedDict": lambda: OrderedDict([("b", 0), ("a", 1)]),
    "in an OrderedDict with another order": moved_to_end,
    "in an OrderedDict that is broken": changed_as_a_dict,
    "a bare one": lambda: 0,
    "None": lambda: [None, 1],
    "in a named tuple": lambda: [Pair(0, 1), 1],
    "keys without an order": lambda: [{"b": 1, 1: 0}],
    "before keys without an order": lambda: [0, {"b": 1, 1: 0}],
    "deep": lambda: functools.reduce(lambda tree, _: [tree, 1], range(100), 0),
    "endless": cyclic,
}


@pytest.mark.parametrize("name", FIRST_LEAVES)
@pytest.mark.parametrize("function", ["tree_all", "tree_any"])
def test_the_first_leaf(name: str, function: str) -> None:
    def registries_of(lw: ModuleType) -> list[Any]:
        text = lw.PyTreeRegistry(parent=lw.default_registry)
        text.register_node(int, lambda value: ((str(value),), None), lambda _, children: children)
        return [
            *(lw.default_registry, lw.PyTreeRegistry(enable_list=False), text),
            *(lw.PyTreeRegistry(enable_dict=False), lw.PyTreeRegistry(enable_none=False)),
        ]

    def answer(lw: ModuleType, tree: Any, **options: Any) -> Any:
        return shown(outcome(lambda: getattr(lw, function)(tree, **options)), bool)

    def answers(lw: ModuleType) -> list[Any]:
        return [
            answer(lw, tree, none_is_leaf=flag, registry=registry)
            for registry in registries_of(lw)
            for flag in (False, True)
            for tree in (FIRST_LEAVES[name](), [FIRST_LEAVES[name]()])
        ]

    assert answers(leafwise) == answers(leafwise.reference)


@needs_gil("setrecursionlimit disturbs the count of frames in other threads")
def test_no_deeper_than_the_recursion_limit(lw: ModuleType) -> None:
    tree: Any = 0
    for _ in range(30):
        tree = [tree]
    assert lw.tree_all(tree) is False
    limit = sys.getrecursionlimit()
    answers = []

    def ask() -> None:
        sys.setrecursionlimit(29)
        try:
            answers.append(outcome(lambda: lw.tree_all(tree)))
        finally:
            sys.setrecursionlimit(limit)

    # On the stack of a thread there is little.
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    ((verdict, error),) = answers
    assert verdict == "raised"
    assert isinstance(error, RecursionError)


def broken_behind() -> Any:
    tree = OrderedDict([("a", 0), ("b", 0), ("c", 0)])
    dict.__delitem__(tree, "b")
    return tree


@pytest.mark.xfail(
    has_gil(), strict=True, reason="to notice it takes reading all of the OrderedDict"
)
def test_a_broken_ordered_dict_is_noticed_behind_the_answer() -> None:
    with pytest.raises(KeyError):
        leafwise.tree_all(broken_behind())


def test_a_broken_ordered_dict_is_noticed(lw: ModuleType) -> None:
    with pytest.raises(KeyError):
        lw.tree_any(broken_behind())
