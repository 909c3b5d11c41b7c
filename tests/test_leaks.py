"""Repeated calls, successful and failing, leave memory and reference counts as they were."""

from __future__ import annotations

import copy
import functools
import gc
import operator
import os
import pickle
import sys
import weakref
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import leafwise
from effort import Effort, rounds
from interpreter import has_gil
from nodes import Constant, Fields, Keyed, Methods, Pair, Plain, Record

Case = Callable[[ModuleType], object]

REPEAT = rounds(60, torture=100_000)
MAX_GROWTH = min(REPEAT // 2, 1000)  # in blocks of the interpreter's memory
MAX_BYTES_PER_CALL = 16  # of the process; the smallest piece that malloc gives is larger


def tree() -> Any:
    return [
        object(),
        {"b": (1.5, None), "a": [Pair([], 2)]},
        OrderedDict(z=1, y=()),
        defaultdict(int, n={}),
        Plain([3, [4]], ("aux", 1)),
        Keyed([5], "aux"),
        Methods([6], "aux"),
        Record(7, [8], tag=["t"]),
        Fields(9, 10),
        Constant(11),
    ]


class Bad:
    """Cannot be compared, hashed or shown."""

    def __eq__(self, other: object) -> bool:
        raise LookupError("eq")

    def __lt__(self, other: object) -> bool:
        raise LookupError("lt")

    def __repr__(self) -> str:
        raise LookupError("repr")

    __hash__ = object.__hash__


def fail(*args: Any) -> Any:
    raise LookupError("mine")


def fail_at(count: int) -> Callable[..., Any]:
    remaining = iter(range(count))

    def function(*args: Any) -> bool:
        if next(remaining, None) is None:
            raise LookupError("late")
        return False

    return function


def late_error() -> Any:
    yield from range(5)
    raise LookupError("late")


def step_inside_of_a_step(lw: Any) -> None:
    leaves = lw.tree_iter(tree(), lambda node: next(leaves))
    list(leaves)


def odd_registry(lw: Any, result: Any) -> Any:
    registry = lw.PyTreeRegistry()
    lw.register_pytree_node(Plain, lambda n: result, fail, lambda n: result, registry=registry)
    return registry


def register_and_forget(lw: Any) -> None:
    kind = type("Kind", (Plain,), {})
    registry = lw.PyTreeRegistry(parent=lw.default_registry)
    lw.register_pytree_node(kind, Plain.flatten, lambda a, c: kind(c, a), registry=registry)
    leaves, treedef = lw.tree_flatten([kind([1])], registry=registry)
    treedef.unflatten(leaves)
    lw.unregister_pytree_node(kind, registry=registry)


def dataclass_and_forget(lw: Any) -> None:
    kind = type("Kind", (Fields,), {})
    registry = lw.PyTreeRegistry()
    lw.register_dataclass(kind, ["left"], ["right", "label"], registry=registry)
    lw.tree_map(lambda x: x, kind(1, 2), registry=registry)


SUCCESSES: dict[str, Case] = {
    "tree_flatten": lambda lw: lw.tree_flatten(tree()),
    "tree_flatten, is_leaf": lambda lw: lw.tree_flatten(tree(), is_leaf=lambda node: None),
    "tree_leaves": lambda lw: lw.tree_leaves(tree(), none_is_leaf=True),
    "tree_structure": lambda lw: lw.tree_structure(tree()),
    "tree_unflatten": lambda lw: lw.tree_unflatten(*reversed(lw.tree_flatten(tree()))),
    "tree_flatten_with_path": lambda lw: lw.tree_flatten_with_path(tree()),
    "tree_leaves_with_path": lambda lw: lw.tree_leaves_with_path(
        tree(), lambda path, node: None, is_leaf_takes_path=True
    ),
    "tree_map": lambda lw: lw.tree_map(lambda x: [x], tree()),
    "tree_map, three trees": lambda lw: lw.tree_map(lambda x, y, z: y, *[tree()] * 3),
    "tree_map_with_path": lambda lw: lw.tree_map_with_path(lambda p, x, y: p, tree(), tree()),
    "tree_reduce": lambda lw: lw.tree_reduce(lambda a, b: [b], tree()),
    "tree_all": lambda lw: lw.tree_all(tree()),
    "tree_all, is_leaf": lambda lw: lw.tree_all(tree(), is_leaf=lambda node: None),
    "tree_any": lambda lw: lw.tree_any([[object()], tree()]),
    "tree_iter": lambda lw: list(lw.tree_iter(tree(), lambda node: None)),
    "tree_iter, not to the end": lambda lw: next(lw.tree_iter(tree())),
    "tree_transpose": lambda lw: lw.tree_transpose(
        lw.tree_structure([0, 0]), None, [{"a": 1}, {"a": 2}]
    ),
    "tree_broadcast": lambda lw: lw.tree_broadcast([0] * 10, tree()),
    "all_leaves": lambda lw: lw.all_leaves([1, object(), None]),
    "treedef_tuple": lambda lw: lw.treedef_tuple([lw.tree_structure(tree())] * 2),
    "treedef_children": lambda lw: lw.treedef_children(lw.tree_structure(tree())),
    "treedef_is_leaf": lambda lw: lw.treedef_is_leaf(lw.tree_structure(tree())),
    "flatten_one_level": lambda lw: [lw.flatten_one_level(node) for node in tree()[1:]],
    "flatten_one_level_with_keys": lambda lw: [
        lw.flatten_one_level_with_keys(node) for node in tree()[1:]
    ],
    "is_tree_node": lambda lw: [lw.is_tree_node(t) for t in (list, int, Pair, type("T", (), {}))],
    "Partial": lambda lw: lw.tree_map(lambda x: x, lw.Partial(functools.partial(max, 1), 2, key=3)),
    "register_pytree_node": register_and_forget,
    "register_dataclass": dataclass_and_forget,
    "keystr": lambda lw: [lw.keystr(path) for path, _ in lw.tree_leaves_with_path(tree())],
    "keys": lambda lw: [
        (repr(key), hash(key), key == pickle.loads(pickle.dumps(key)))
        for key in (
            lw.SequenceKey(1000),
            lw.DictKey("k"),
            lw.GetAttrKey("n"),
            lw.FlattenedIndexKey(9),
        )
    ],
    "flatten_up_to": lambda lw: lw.tree_structure(tree()).flatten_up_to(tree()),
    "compose": lambda lw: lw.tree_structure(tree()).compose(lw.tree_structure(tree())),
    "walk": lambda lw: lw.tree_structure(tree()).walk(lambda c, d: (c, d), None, range(12)),
    "node_data": lambda lw: [child.node_data() for child in lw.tree_structure(tree()).children()],
    "eq": lambda lw: lw.tree_structure(tree()) == lw.tree_structure(tree()),
    "hash": lambda lw: hash(lw.tree_structure(tree())),
    "repr": lambda lw: repr(lw.tree_structure(tree())),
    "pickle": lambda lw: pickle.loads(pickle.dumps(lw.tree_structure(tree()))),
    "copy": lambda lw: copy.deepcopy(copy.copy(lw.tree_structure(tree()))),
}

FAILURES: dict[str, Case] = {
    "is_leaf": lambda lw: lw.tree_flatten(tree(), is_leaf=fail),
    "is_leaf late": lambda lw: lw.tree_flatten(tree(), is_leaf=fail_at(12)),
    "is_leaf late, paths": lambda lw: lw.tree_flatten_with_path(tree(), is_leaf=fail_at(12)),
    "is_leaf answer": lambda lw: lw.tree_flatten(tree(), is_leaf=lambda node: 1),
    "registry": lambda lw: lw.tree_flatten(tree(), registry=3),
    "dict keys": lambda lw: lw.tree_flatten([tree(), {Bad(): 1, Bad(): 2}]),
    "defaultdict keys": lambda lw: lw.tree_flatten(
        [tree(), defaultdict(int, {Bad(): 1, Bad(): 2})]
    ),
    "iterator": lambda lw: lw.tree_flatten([tree(), iter([1])]),
    "fields": lambda lw: lw.tree_flatten_with_path(
        [tree(), type("Fake", (tuple,), {"_fields": 3})((1, 2))]
    ),
    "flatten result": lambda lw: lw.tree_flatten(
        [tree(), Plain([1])], registry=odd_registry(lw, ([1], 2, 3))
    ),
    "flatten children": lambda lw: lw.tree_flatten(
        [tree(), Plain([1])], registry=odd_registry(lw, (late_error(), 2))
    ),
    "keys result": lambda lw: lw.tree_flatten_with_path(
        [tree(), Plain([1])], registry=odd_registry(lw, ([("k", 1), 5], 2))
    ),
    "unflatten": lambda lw: lw.tree_map(
        lambda x: x, [tree(), Plain([1])], registry=odd_registry(lw, ([1], 2))
    ),
    "few leaves": lambda lw: lw.tree_structure(tree()).unflatten([1, 2]),
    "many leaves": lambda lw: lw.tree_structure(tree()).unflatten(range(100)),
    "leaves late": lambda lw: lw.tree_structure(tree()).unflatten(late_error()),
    "no leaves": lambda lw: lw.tree_structure(tree()).unflatten(None),
    "tree_map": lambda lw: lw.tree_map(fail, tree()),
    "tree_map late": lambda lw: lw.tree_map(fail_at(5), tree(), tree()),
    "tree_map stop": lambda lw: lw.tree_map(lambda x: next(iter(())), tree()),
    "tree_map mismatch": lambda lw: lw.tree_map(max, tree(), [*tree()[:-1], Constant(12)]),
    "tree_map_with_path mismatch": lambda lw: lw.tree_map_with_path(max, [tree()], [[]]),
    "tree_broadcast": lambda lw: lw.tree_broadcast([tree(), [1]], [tree(), 2]),
    "tree_transpose": lambda lw: lw.tree_transpose(
        lw.tree_structure(tree()), lw.tree_structure([0]), [1]
    ),
    "tree_reduce": lambda lw: lw.tree_reduce(operator.add, []),
    "tree_all": lambda lw: lw.tree_all([tree(), Bad(), {Bad(): 1, Bad(): 2}]),
    "tree_any late": lambda lw: lw.tree_any([0, [(), [0]], "", [""]], is_leaf=fail_at(6)),
    "tree_iter": lambda lw: list(lw.tree_iter(tree(), is_leaf=fail_at(12))),
    "tree_iter iterator": lambda lw: list(lw.tree_iter([tree(), iter([1])])),
    "tree_iter stop": lambda lw: list(lw.tree_iter(tree(), lambda node: next(iter(())))),
    "tree_iter again": lambda lw: step_inside_of_a_step(lw),
    "tree_iter argument": lambda lw: lw.tree_iter(tree(), 3),
    "flatten_up_to": lambda lw: lw.tree_structure([*tree(), [1]]).flatten_up_to([*tree(), (1,)]),
    "flatten_up_to keys": lambda lw: lw.tree_structure({"a": 1}).flatten_up_to({"b": tree()}),
    "flatten_up_to aux": lambda lw: lw.tree_structure(Plain([1], Bad())).flatten_up_to(
        Plain([1], Bad())
    ),
    "flatten_up_to sort": lambda lw: lw.tree_structure({1: 1}).flatten_up_to({Bad(): 1, Bad(): 2}),
    "eq": lambda lw: lw.tree_structure(Plain([1], Bad())) == lw.tree_structure(Plain([1], Bad())),
    "repr": lambda lw: repr(lw.tree_structure([tree(), Plain([1], Bad())])),
    "walk": lambda lw: lw.tree_structure(tree()).walk(fail_at(4), None, range(12)),
    "walk leaves": lambda lw: lw.tree_structure(tree()).walk(fail, fail_at(4), range(12)),
    "compose": lambda lw: lw.tree_structure(tree()).compose(
        lw.tree_structure(tree(), registry=lw.PyTreeRegistry())
    ),
    "treedef_tuple": lambda lw: lw.treedef_tuple([lw.tree_structure(tree()), 3]),
    "flatten_one_level": lambda lw: lw.flatten_one_level(object()),
    "all_leaves": lambda lw: lw.all_leaves(late_error(), is_leaf=lambda node: False),
    "duplicate": lambda lw: lw.register_pytree_node(Plain, lambda n: n, lambda a, c: c),
    "register_dataclass": lambda lw: lw.register_dataclass(type("Kind", (), {}), ["a"], ["a", "b"]),
    "unregister": lambda lw: lw.unregister_pytree_node(type("Kind", (), {})),
    "pickle": lambda lw: pickle.dumps(lw.tree_structure(tree(), registry=lw.PyTreeRegistry())),
    "SequenceKey": lambda lw: lw.SequenceKey("a"),
    "DictKey": lambda lw: hash(lw.DictKey([])),
    "GetAttrKey": lambda lw: lw.GetAttrKey(3),
    "registry parent": lambda lw: lw.PyTreeRegistry(parent=lw.default_registry, enable_none=0),
}


def swallow(lw: ModuleType, case: Case) -> None:
    try:
        case(lw)
    except Exception as error:
        del error
    else:
        raise AssertionError("the call was expected to fail")


# They make a class on each call.
MAKE_CLASSES = {"is_tree_node", "fields", "register_dataclass", "unregister"}


@pytest.fixture(autouse=True)
def core_only_for_hours(lw: ModuleType) -> None:
    if Effort.torture and lw is not leafwise:
        pytest.skip("a reference that leaks would be found by fewer calls, too; these take hours")


def skip_late_classes(name: str) -> None:
    if name in MAKE_CLASSES and not has_gil():
        pytest.skip("a free-threaded CPython gives back the memory of classes late")


def resident_bytes() -> int:
    """Return how much memory the process has, that of C++ included; 0 where nobody says so."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0


def check_no_growth(call: Callable[[], object]) -> None:
    """Check that memory is the same after REPEAT calls, in one round of some.

    A leak grows by the same in every round, whereas the interpreter's own caches fill up slowly.
    """
    blocks, size = [], []
    for _ in range(20):
        call()
        gc.collect()
        blocks_before, size_before = sys.getallocatedblocks(), resident_bytes()
        for _ in range(REPEAT):
            call()
        gc.collect()
        blocks.append(sys.getallocatedblocks() - blocks_before)
        size.append(resident_bytes() - size_before)
        # Of few calls, the size says nothing: memory comes in pages, and in larger pieces.
        is_small = REPEAT < 10_000 or min(size) < REPEAT * MAX_BYTES_PER_CALL
        if min(blocks) < MAX_GROWTH and is_small:
            return
    raise AssertionError(f"{REPEAT} calls: {min(blocks)} blocks more, or {min(size)} bytes")


@pytest.mark.parametrize("name", SUCCESSES)
def test_memory_after_success(lw: ModuleType, name: str) -> None:
    skip_late_classes(name)
    check_no_growth(lambda: SUCCESSES[name](lw))


@pytest.mark.parametrize("name", FAILURES)
def test_memory_after_failure(lw: ModuleType, name: str) -> None:
    skip_late_classes(name)
    check_no_growth(lambda: swallow(lw, FAILURES[name]))


def test_a_cycle_is_not_leaked(lw: ModuleType) -> None:
    cycle: list[Any] = [object()]
    cycle.append(cycle)
    check_no_growth(lambda: swallow(lw, lambda lw: lw.tree_flatten(cycle)))
    cycle.clear()


def test_reference_counts(lw: ModuleType) -> None:
    leaf, aux, key, other = object(), ["aux"], (1, "key"), Constant(5)
    watched = [leaf, aux, key, other, Pair, Plain, Record, list, None.__class__]

    def work() -> None:
        tree = [leaf, {key: leaf}, Plain([leaf], aux), Record(leaf, 1, tag=aux), Pair(leaf, other)]
        leaves, treedef = lw.tree_flatten(tree)
        lw.tree_flatten_with_path(tree)
        lw.tree_map(lambda x, y: x, tree, treedef.unflatten(leaves))
        treedef.flatten_up_to(tree)
        swallow(lw, lambda lw: treedef.flatten_up_to([*tree[:-1], (leaf, aux)]))
        swallow(lw, lambda lw: treedef.unflatten([leaf] * 3))
        swallow(lw, lambda lw: lw.tree_flatten(tree, is_leaf=fail_at(7)))
        assert treedef == lw.tree_structure(tree)
        repr(treedef)
        hash(treedef)
        treedef.children()

    for _ in range(3):
        work()
    gc.collect()
    before = [sys.getrefcount(thing) for thing in watched]
    for _ in range(20):
        work()
    gc.collect()
    after = [sys.getrefcount(thing) for thing in watched]
    assert all(abs(new - old) < 10 for old, new in zip(before, after)), (before, after)


def test_leaves_are_released(lw: ModuleType) -> None:
    class Leaf:
        pass

    def work() -> Any:
        tree = [Leaf(), {"a": Leaf()}, Plain([Leaf()])]
        treedef = lw.tree_structure(tree)
        lw.tree_map(lambda x, y: x, tree, tree)
        treedef.flatten_up_to(tree)
        lw.tree_leaves_with_path(tree)
        swallow(lw, lambda lw: lw.tree_map(lambda x, y: x, tree, [1, 2]))
        return treedef, [weakref.ref(leaf) for leaf in lw.tree_leaves(tree)]

    treedef, dead = work()
    gc.collect()
    assert [ref() for ref in dead] == [None] * 3
    assert treedef.num_leaves == 3
