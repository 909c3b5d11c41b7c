"""User code that runs between and inside of the steps of tree_iter, and inside of tree_all."""

from __future__ import annotations

import functools
import gc
import itertools
import weakref
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from nodes import ClearingKey, Pair, Plain, Record

MAKERS: dict[str, Callable[[], Any]] = {
    "list": lambda: [[1, 2], 3, (4,), 5],
    "dict": lambda: {"a": [1, 2], "b": 3, "c": (4,), "d": 5},
    "dict of numbers": lambda: {1: [1, 2], 2: 3, 3: (4,), 4: 5},
    "OrderedDict": lambda: OrderedDict(a=[1, 2], b=3, c=(4,), d=5),
    "defaultdict": lambda: defaultdict(int, a=[1, 2], b=3, c=(4,), d=5),
}


def grow(tree: Any) -> None:
    if isinstance(tree, list):
        tree.extend([6, 7])
    else:
        tree.update(dict.fromkeys(("e", "f"), 6) if "a" in tree else {5: 6, 6: 7})


def shrink(tree: Any) -> None:
    if isinstance(tree, list):
        del tree[1:]
    else:
        for key in list(tree)[1:]:
            del tree[key]


CHANGES: dict[str, Callable[[Any], None]] = {
    "clears": lambda tree: tree.clear(),
    "grows": grow,
    "shrinks": shrink,
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("make", MAKERS)
def test_what_happens_to_a_container_that_was_reached(
    lw: ModuleType, make: str, change: str
) -> None:
    for steps in range(1, 6):
        tree = MAKERS[make]()
        leaves = lw.tree_iter(tree)
        found = list(itertools.islice(leaves, steps))
        CHANGES[change](tree)
        assert found + list(leaves) == [1, 2, 3, 4, 5]


def test_what_happens_to_a_container_before_it_is_reached(lw: ModuleType) -> None:
    later: list[Any] = [2, 3]
    mapping = {"b": 1}
    leaves = lw.tree_iter([1, later, mapping])
    assert next(leaves) == 1
    later[:] = [4]
    mapping["a"] = 5
    assert next(leaves) == 4
    del mapping["b"]
    assert list(leaves) == [5]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("make", MAKERS)
def test_is_leaf_changes_what_is_read(lw: ModuleType, make: str, change: str) -> None:
    tree = MAKERS[make]()

    def is_leaf(node: Any) -> bool:
        if node == [1, 2]:
            CHANGES[change](tree)
        return False

    assert list(lw.tree_iter(tree, is_leaf)) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("function", ["tree_all", "tree_any"])
def test_the_truth_of_a_leaf_changes_the_tree(
    lw: ModuleType, function: str, make: str, change: str
) -> None:
    asked: list[int] = []

    class Leaf:
        def __init__(self, number: int) -> None:
            self.number = number

        def __bool__(self) -> bool:
            asked.append(self.number)
            CHANGES[change](tree)
            tail.append(0 if function == "tree_all" else 1)
            return function == "tree_all"

    tree = lw.tree_map(Leaf, MAKERS[make]())
    tail: list[Any] = []
    # The list behind is read when the walk comes to it: what was appended decides.
    expected = function == "tree_any"
    assert getattr(lw, function)([tree, tail]) is expected
    assert asked == [1, 2, 3, 4, 5]
    tail.clear()
    asked.clear()
    # Read before, with nothing in it that decides.
    tree = lw.tree_map(Leaf, MAKERS[make]())
    assert getattr(lw, function)((tree, ())) is not expected
    assert asked == [1, 2, 3, 4, 5]


def test_flatten_functions_that_clear_their_parent(lw: ModuleType) -> None:
    registry = lw.PyTreeRegistry(parent=lw.default_registry)

    class Box(Plain):
        pass

    def flatten(box: Box) -> Any:
        tree.clear()
        return box.children, None

    lw.register_pytree_node(Box, flatten, lambda aux, leaves: None, registry=registry)
    tree: Any = [Box([1]), [2], 3]
    assert list(lw.tree_iter(tree, registry=registry)) == [1, 2, 3]
    tree = {"a": Box([0]), "b": [0], "c": 3}
    assert lw.tree_any(tree, registry=registry) is True
    assert tree == {}


def test_comparisons_that_clear_their_dict(lw: ModuleType) -> None:
    tree: dict[Any, Any] = {}
    tree.update({ClearingKey(number, tree): [number] for number in (3, 1, 2)})
    assert list(lw.tree_iter(tree)) == [1, 2, 3]
    assert tree == {}


@pytest.mark.parametrize("keys", ["first", "behind"])
@pytest.mark.parametrize("change", ["raises", "replaces", "clears", "looks on"])
@pytest.mark.parametrize("function", ["tree_all", "tree_any"])
def test_keys_are_hashed_where_the_first_leaf_decides(
    lw: ModuleType, function: str, change: str, keys: str
) -> None:
    """What reads an OrderedDict hashes its keys, and so runs their code."""

    class Key:
        armed = False

        def __hash__(self) -> int:
            if self.armed:
                self.armed = False
                if change == "raises":
                    raise LookupError("mine")
                if change == "replaces":
                    tree[self] = [[1 - decisive] * 3]
                elif change == "clears":
                    outer.clear()
            return 1

    decisive = int(function == "tree_any")
    key = Key()
    tree = OrderedDict[Any, Any](
        (each, [[decisive] * 3]) for each in ([key, "a"] if keys == "first" else ["a", key])
    )
    outer = [tree, 1 - decisive]
    key.armed = True
    if change == "raises":
        with pytest.raises(LookupError, match="mine"):
            getattr(lw, function)(outer)
    else:
        assert getattr(lw, function)(outer) is bool(decisive)
    assert not key.armed


@pytest.mark.parametrize("handled", [True, False])
def test_a_step_inside_of_a_step(lw: ModuleType, handled: bool) -> None:
    errors: list[ValueError] = []

    def step(node: Any) -> None:
        if node == (2,):
            try:
                next(leaves)
            except ValueError as error:
                errors.append(error)
                if not handled:
                    raise

    leaves = lw.tree_iter([1, (2,), 3], step)
    if handled:
        assert list(leaves) == [1, 2, 3]
    else:
        assert next(leaves) == 1
        with pytest.raises(ValueError, match="already executing"):
            next(leaves)
    assert "already executing" in str(errors[0])
    assert len(errors) == 1
    assert list(leaves) == []


def test_a_step_inside_of_a_flatten_function(lw: ModuleType) -> None:
    registry = lw.PyTreeRegistry()
    lw.register_pytree_node(
        Plain, lambda node: (list(leaves), None), lambda aux, children: None, registry=registry
    )
    leaves = lw.tree_iter([1, Plain([2]), 3], registry=registry)
    assert next(leaves) == 1
    with pytest.raises(ValueError, match="already executing"):
        next(leaves)
    assert list(leaves) == []


def asked_by_a_function(lw: ModuleType, leaves: Any, registry: Any) -> Any:
    return lw.tree_iter([False] * 10, lambda node: next(leaves))


def asked_by_next(lw: ModuleType, leaves: Any, registry: Any) -> Any:
    return lw.tree_iter([False] * 10, functools.partial(next, leaves))


def as_children(lw: ModuleType, leaves: Any, registry: Any) -> Any:
    """Read when the flatten function has returned, so with no call between two steps."""
    node = Plain([])
    node.children = leaves
    return lw.tree_iter(node, registry=registry)


@pytest.mark.parametrize("around", [asked_by_a_function, asked_by_next, as_children])
def test_iterators_within_iterators(lw: ModuleType, around: Any) -> None:
    """Each steps the one inside of it: too many of them are an error, and no crash."""
    registry = lw.PyTreeRegistry()
    lw.register_pytree_node(Plain, Plain.flatten, Plain.unflatten, registry=registry)
    leaves = lw.tree_iter([False] * 10)
    for _ in range(30_000):
        leaves = around(lw, leaves, registry)
    with pytest.raises(RecursionError):
        next(leaves)
    assert list(leaves) == []


def test_raising_at_each_possible_call(lw: ModuleType) -> None:
    registry = lw.PyTreeRegistry(parent=lw.default_registry)
    counter: itertools.count[int]

    def tick() -> bool:
        if next(counter) == failing:
            raise LookupError(failing)
        return False

    class Box(Plain):
        pass

    class Key(int):
        def __lt__(self, other: Any) -> bool:
            tick()
            return int(self) < int(other)

    class Leaf:
        def __bool__(self) -> bool:
            return tick()

    def flatten(box: Box) -> Any:
        tick()
        return (child for child in box.children if not tick()), None

    lw.register_pytree_node(Box, flatten, lambda aux, leaves: None, registry=registry)
    leaf = Leaf()
    tree = [leaf, Box([leaf, (leaf,)]), {Key(2): leaf, Key(1): [leaf]}, Record(leaf, Pair(leaf, 0))]
    options = {"is_leaf": lambda node: tick(), "registry": registry}
    for call, calls in (
        (lambda: list(lw.tree_iter(tree, **options)), 19),
        (lambda: lw.tree_any(tree, **options), 19 + 7),
    ):
        for failing in itertools.count():
            counter = itertools.count()
            try:
                call()
            except LookupError as error:
                assert error.args == (failing,)
            except ValueError as error:  # what `<` raises is wrapped
                assert isinstance(error.__cause__, LookupError)
            else:
                break
        assert failing == calls


def test_the_last_reference_to_the_tree_goes_away(lw: ModuleType) -> None:
    class Leaf:
        pass

    tree: Any = [Leaf(), {"a": (Leaf(), [Leaf()])}]
    names = [weakref.ref(leaf) for leaf in lw.tree_leaves(tree)]
    leaves = lw.tree_iter(tree)
    del tree
    gc.collect()
    for name in names:
        leaf = next(leaves)
        assert leaf is name()
        del leaf
        gc.collect()
    assert list(leaves) == []
    assert [name() for name in names] == [None] * 3


def test_what_was_given_is_not_kept() -> None:
    """Of the core: the reference keeps what it is in the middle of."""
    import leafwise

    class Leaf:
        pass

    leaves = leafwise.tree_iter([Leaf() for _ in range(5)])
    dead = [weakref.ref(leaf) for leaf in itertools.islice(leaves, 3)]
    gc.collect()
    assert [name() for name in dead] == [None] * 3
    assert len(list(leaves)) == 2


def test_finalizers_see_a_whole_iterator(lw: ModuleType) -> None:
    """What is dropped with an iterator, or by a step of it, asks it for more."""
    events: list[Any] = []

    class Node(Plain):
        def __del__(self) -> None:
            try:
                events.append(next(leaves, "end"))
            except ValueError as error:
                events.append(str(error))

    registry = lw.PyTreeRegistry()
    lw.register_pytree_node(Node, Node.flatten, Node.unflatten, registry=registry)

    def fail(node: Any) -> bool:
        if node == "fail":
            raise LookupError
        return False

    leaves = lw.tree_iter([1, "fail", Node([2]), [Node([3])]], fail, registry=registry)
    assert next(leaves) == 1
    with pytest.raises(LookupError):
        next(leaves)
    gc.collect()
    assert events == ["end", "end"]
    events.clear()
    leaves = lw.tree_iter([1, Node([2]), 3], registry=registry)
    assert list(leaves) == [1, 2, 3]
    gc.collect()
    assert len(events) == 1
    assert events[0] == "end" or events[0] == 3 or "already executing" in events[0]


def test_unfinished_things_are_not_to_be_seen(lw: ModuleType) -> None:
    """Whatever the garbage collector lists may be looked at and used while a step runs."""

    def look(node: Any = None) -> bool:
        for thing in gc.get_objects():
            if type(thing) in (list, tuple):
                for item in thing:
                    type(item)
            elif "tree_iterator" in type(thing).__name__:
                gc.get_referents(thing)
        return False

    class Leaf:
        __bool__ = look

    tree = [1, {"b": [2, Leaf()], "a": (3, Plain([4]))}, OrderedDict(a=5), Pair(Leaf(), 7)]
    assert len(list(lw.tree_iter(tree, look))) == 8
    assert lw.tree_any([Leaf(), {"b": Leaf()}], is_leaf=look) is False


def test_registrations_may_change_between_steps(lw: ModuleType) -> None:
    registry = lw.PyTreeRegistry()
    lw.register_pytree_node(Plain, Plain.flatten, Plain.unflatten, registry=registry)
    nodes = [Plain([1]), Plain([2]), Plain([3])]
    leaves = lw.tree_iter(nodes, registry=registry)
    assert next(leaves) == 1
    lw.unregister_pytree_node(Plain, registry=registry)
    assert next(leaves) is nodes[1]
    lw.register_pytree_node(Plain, Plain.flatten, Plain.unflatten, registry=registry)
    assert next(leaves) == 3


@pytest.mark.parametrize("rest", [[0], [[0]], [(1, "x")], [1, "x"], [{"a": 0}]], ids=repr)
def test_registering_the_type_of_the_leaf_before(lw: ModuleType, rest: list[Any]) -> None:
    """An int becomes a node while the walk is under way: its only leaf says whether it is 0."""
    registry = lw.PyTreeRegistry()

    class Leaf:
        def __bool__(self) -> bool:
            lw.register_pytree_node(
                int, lambda n: ([n == 0], None), lambda aux, leaves: 0, registry=registry
            )
            return False

    assert lw.tree_any([0, [0], {"a": 0}, Leaf(), *rest], registry=registry) is True
    assert lw.tree_all([1, 0, 1], registry=registry) is False


def test_the_registry_and_is_leaf_are_kept(lw: ModuleType) -> None:
    def make() -> Any:
        registry = lw.PyTreeRegistry(parent=lw.PyTreeRegistry())
        lw.register_pytree_node(Plain, Plain.flatten, Plain.unflatten, registry=registry)
        return lw.tree_iter([Plain([1]), (2, 3)], lambda node: node == (2, 3), registry=registry)

    leaves = make()
    gc.collect()
    assert list(leaves) == [1, (2, 3)]


@pytest.mark.parametrize("where", ["tree", "is_leaf", "registry"])
def test_a_cycle_through_an_iterator(lw: ModuleType, where: str) -> None:
    class Link:
        leaves: Any = None

        def __call__(self, node: Any) -> bool:
            return False

    def make() -> Any:
        link = Link()
        registry = lw.PyTreeRegistry()
        if where == "tree":
            link.leaves = lw.tree_iter([1, [2, link]])
        elif where == "is_leaf":
            link.leaves = lw.tree_iter([1, 2], link)
        else:
            lw.register_pytree_node(
                Plain, lambda node: link, lambda aux, children: link, registry=registry
            )
            link.leaves = lw.tree_iter([1, 2], registry=registry)
        assert next(link.leaves) == 1
        return weakref.ref(link)

    dead = make()
    gc.collect()
    assert dead() is None
