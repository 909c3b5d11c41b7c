"""User code that runs inside of a call and mutates, raises, re-enters or looks around."""

from __future__ import annotations

import gc
import itertools
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from nodes import Pair


class Box:
    """Registered per test; `hook` runs when it is flattened or rebuilt."""

    hook: Callable[[], object] = staticmethod(lambda: None)

    def __init__(self, *children: Any) -> None:
        self.children = children


@pytest.fixture
def registry(lw: ModuleType) -> Any:
    def flatten(box: Box) -> Any:
        Box.hook()
        return box.children, None

    def unflatten(aux: Any, children: Any) -> Box:
        Box.hook()
        return Box(*children)

    Box.hook = staticmethod(lambda: None)
    registry = lw.PyTreeRegistry()
    lw.register_pytree_node(Box, flatten, unflatten, registry=registry)
    return registry


CONTAINERS = {
    "list": (lambda: [[1], 2, 3], lambda tree: tree.clear()),
    "dict": (lambda: {"a": [1], "b": 2, "c": 3}, lambda tree: tree.clear()),
    "dict grows": (lambda: {"a": [1], "b": 2, "c": 3}, lambda tree: tree.update(d=4, e=5)),
    "list grows": (lambda: [[1], 2, 3], lambda tree: tree.extend([4, 5])),
    "OrderedDict": (lambda: OrderedDict(a=[1], b=2, c=3), lambda tree: tree.clear()),
    "defaultdict": (lambda: defaultdict(int, a=[1], b=2, c=3), lambda tree: tree.clear()),
    "replaced": (lambda: [[1], 2, 3], lambda tree: tree.__setitem__(slice(1, 3), [8, 9])),
}


@pytest.mark.parametrize("make, change", CONTAINERS.values(), ids=CONTAINERS)
@pytest.mark.parametrize("function", ["tree_flatten", "tree_flatten_with_path"])
def test_a_container_is_read_once(lw: ModuleType, function: str, make: Any, change: Any) -> None:
    """What `is_leaf` does to a container that is open already changes nothing."""
    tree = make()

    def is_leaf(node: Any) -> bool:
        if node == [1]:
            change(tree)
        return False

    found, treedef = getattr(lw, function)(tree, is_leaf=is_leaf)
    leaves = [item[1] for item in found] if function.endswith("path") else found
    assert leaves == [1, 2, 3]
    assert treedef == lw.tree_structure(make())
    assert treedef.unflatten([1, 2, 3]) == make()


def test_flatten_functions_that_clear_their_parent(lw: ModuleType, registry: Any) -> None:
    for make in (lambda box: [box, [2], 3], lambda box: {"a": box, "b": [2], "c": 3}):
        tree = make(Box(1))
        Box.hook = staticmethod(tree.clear)
        assert lw.tree_leaves(tree, registry=registry) == [1, 2, 3]
        tree = make(Box(1))
        Box.hook = staticmethod(tree.clear)
        paths = [lw.keystr(path) for path, _ in lw.tree_leaves_with_path(tree, registry=registry)]
        assert len(paths) == 3
        tree = make(Box(1))
        treedef = lw.tree_structure(make(Box(1)), registry=registry)
        Box.hook = staticmethod(tree.clear)
        assert treedef.flatten_up_to(tree) == [1, 2, 3]


def test_the_only_reference_to_a_child_goes_away(lw: ModuleType) -> None:
    class Leaf:
        pass

    tree = [[Leaf(), [Leaf(), Leaf()]], Leaf()]

    def is_leaf(node: Any) -> bool:
        tree.clear()
        for thing in node if type(node) is list else ():
            if type(thing) is list:
                thing.clear()
        gc.collect(0)
        return False

    is_root = True

    def not_the_root(node: Any) -> bool:
        nonlocal is_root
        is_root, was_root = False, is_root
        return False if was_root else is_leaf(node)

    leaves = lw.tree_leaves(tree, is_leaf=not_the_root)
    assert {type(leaf) for leaf in leaves} == {Leaf}


def test_raising_at_each_possible_call(lw: ModuleType, registry: Any) -> None:
    """Every callback is made to raise at its first, second, ... call until the call succeeds."""
    tree = [Box(1, (2, Box(3))), {"b": Box(4), "a": None}]
    treedef = lw.tree_structure(tree, registry=registry)
    counter: itertools.count[int]

    def tick() -> None:
        if next(counter) == failing:
            raise LookupError(failing)

    def is_leaf(node: Any) -> bool:
        tick()
        return False

    def f(*leaves: Any) -> int:
        tick()
        return 0

    calls: list[Callable[[], Any]] = [
        lambda: lw.tree_flatten(tree, is_leaf=is_leaf, registry=registry),
        lambda: lw.tree_flatten_with_path(tree, is_leaf=is_leaf, registry=registry),
        lambda: treedef.flatten_up_to(tree),
        lambda: treedef.unflatten([1, 2, 3, 4]),
        lambda: lw.tree_map(f, tree, tree, is_leaf=is_leaf, registry=registry),
        lambda: lw.tree_map_with_path(lambda p, x: f(), tree, registry=registry),
        lambda: treedef.walk(f, f, [1, 2, 3, 4]),
        lambda: lw.tree_broadcast(tree, tree, is_leaf=is_leaf, registry=registry),
        lambda: lw.tree_reduce(f, tree, 0, registry=registry),
    ]
    Box.hook = staticmethod(tick)
    for call in calls:
        for failing in itertools.count():
            counter = itertools.count()
            try:
                call()
            except LookupError as error:
                assert error.args == (failing,)
            else:
                break
        assert failing >= 3


def test_callbacks_may_call_the_library(lw: ModuleType, registry: Any) -> None:
    tree = [Box(1, (2,)), {"a": 3}]
    depth = 0

    def again() -> None:
        nonlocal depth
        if depth == 0:
            depth += 1
            assert lw.tree_leaves(tree, registry=registry) == [1, 2, 3]
            assert lw.tree_map(lambda x, y: y, tree, tree, registry=registry)[1] == {"a": 3}
            depth -= 1

    Box.hook = staticmethod(again)

    def is_leaf(node: Any) -> None:
        again()

    mapped = lw.tree_map(
        lambda x: lw.tree_reduce(lambda a, b: a + b, [x, 10]),
        tree,
        is_leaf=is_leaf,
        registry=registry,
    )
    assert mapped[0].children == (11, (12,))
    assert mapped[1] == {"a": 13}


def test_registrations_may_change_meanwhile(lw: ModuleType, registry: Any) -> None:
    tree = [Box(1), Box(2)]

    def is_leaf(node: Any) -> bool:
        if node == 1:
            lw.unregister_pytree_node(Box, registry=registry)
        return False

    leaves, treedef = lw.tree_flatten(tree, is_leaf=is_leaf, registry=registry)
    assert leaves == [1, tree[1]]
    assert [type(node) for node in treedef.unflatten([3, 4])] == [Box, int]


def test_unregistering_oneself(lw: ModuleType, registry: Any) -> None:
    Box.hook = staticmethod(lambda: lw.unregister_pytree_node(Box, registry=registry))
    leaves, treedef = lw.tree_flatten(Box(1, 2), registry=registry)
    Box.hook = staticmethod(gc.collect)
    assert leaves == [1, 2]
    assert treedef.unflatten([3, 4]).children == (3, 4)


class Looking:
    """A key that looks at all containers that exist, whatever it is asked for."""

    def __init__(self, name: str) -> None:
        self.name = name

    def look(self) -> None:
        for thing in gc.get_objects():
            if type(thing) in (list, tuple):
                for item in thing:
                    type(item)

    def __eq__(self, other: object) -> bool:
        self.look()
        return isinstance(other, Looking) and self.name == other.name

    def __lt__(self, other: Looking) -> bool:
        self.look()
        return self.name < other.name

    def __hash__(self) -> int:
        self.look()
        return hash(self.name)

    def __repr__(self) -> str:
        self.look()
        return self.name


def test_unfinished_containers_are_not_to_be_seen(lw: ModuleType, registry: Any) -> None:
    def tree() -> Any:
        return [1, 2, {Looking("b"): [3, 4], Looking("a"): (5, Box(6, 7))}, Pair(8, 9), 10]

    Box.hook = Looking("").look
    leaves, treedef = lw.tree_flatten(tree(), registry=registry)
    assert leaves == [1, 2, 5, 6, 7, 3, 4, 8, 9, 10]
    assert treedef.flatten_up_to(tree()) == leaves
    assert len(lw.tree_leaves_with_path(tree(), registry=registry)) == 10
    rebuilt = treedef.unflatten(leaves)
    assert rebuilt[0] == 1
    assert treedef == lw.tree_structure(tree(), registry=registry)
    mapped = lw.tree_map(lambda x, y: Looking("").look(), tree(), tree(), registry=registry)
    assert mapped[-1] is None
    with pytest.raises(lw.PyTreeMismatchError, match=r"keys: \[a, b\]; present keys: \[a, c\]"):
        treedef.flatten_up_to([1, 2, {Looking("c"): 1, Looking("a"): 2}, Pair(8, 9), 10])


def test_dispatch_is_not_fooled(lw: ModuleType) -> None:
    class Liar:
        @property  # type: ignore[misc]
        def __class__(self) -> Any:  # type: ignore[override]
            return list

    class Meta(type):
        def __eq__(cls, other: object) -> bool:
            return True

        def __hash__(cls) -> int:
            return hash(list)

        def __instancecheck__(cls, instance: object) -> bool:
            return True

    class EqualToAll(metaclass=Meta):
        pass

    class Unhashable(type):
        __hash__ = None  # type: ignore[assignment]

    class NoHash(metaclass=Unhashable):
        pass

    for leaf in (Liar(), EqualToAll(), NoHash()):
        leaves, treedef = lw.tree_flatten([leaf])
        assert leaves[0] is leaf
        assert repr(treedef) == "PyTreeDef([*])"
