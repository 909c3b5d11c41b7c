"""Eight threads that start at a barrier and use the library at once. No test waits for time."""

from __future__ import annotations

import contextlib
import pickle
import sys
import sysconfig
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

import leafwise
from effort import rounds
from interpreter import has_gil
from nodes import Pair, Plain, Record

THREADS = 8
ROUNDS = rounds(60, torture=3000)


def test_the_gil_stays_off() -> None:
    """Where it is off, as importing what is not made for that would turn it on."""
    assert has_gil() != bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


@pytest.fixture(autouse=True)
def frequent_switches() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def together(work: Callable[[int], None]) -> None:
    """Run `work(i)` in THREADS threads at once; raise the first error of any."""
    barrier = threading.Barrier(THREADS)
    errors: list[BaseException] = []

    def run(index: int) -> None:
        try:
            barrier.wait()
            for _ in range(ROUNDS):
                work(index)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def tree() -> Any:
    return [1, {"b": (2, None), "a": [3]}, Plain([4, (5,)], "aux"), Record(6, 7), Pair(8, {})]


def test_one_structure_used_by_all(lw: ModuleType) -> None:
    leaves, treedef = lw.tree_flatten(tree())

    def work(index: int) -> None:
        found, structure = lw.tree_flatten(tree())
        assert (found, structure) == (leaves, treedef)
        assert hash(structure) == hash(treedef)
        assert repr(structure) == repr(treedef)
        assert treedef.flatten_up_to(tree()) == leaves
        assert lw.tree_leaves(treedef.unflatten(iter(leaves))) == leaves
        assert lw.tree_leaves(lw.tree_map(lambda x, y: x * y, tree(), tree()))[-1] == 64
        assert len(lw.tree_leaves_with_path(tree())) == len(leaves)
        assert pickle.loads(pickle.dumps(treedef)) == treedef
        assert treedef.compose(structure).num_leaves == len(leaves) ** 2
        with pytest.raises(lw.PyTreeMismatchError):
            treedef.flatten_up_to([1])

    together(work)


def test_registering_while_others_flatten(lw: ModuleType) -> None:
    registry = lw.PyTreeRegistry()
    registry.register_node(Plain, Plain.flatten, Plain.unflatten)
    kinds: list[Any] = [type(f"Kind{index}", (Plain,), {}) for index in range(THREADS)]

    def work(index: int) -> None:
        if index % 2:
            kind = kinds[index]
            registry.register_node(kind, Plain.flatten, lambda aux, children: kind(children, aux))
            leaves, treedef = lw.tree_flatten([kind([1]), Plain([2])], registry=registry)
            assert leaves == [1, 2]
            registry.unregister_node(kind)
            assert type(treedef.unflatten([3, 4])[0]) is kind
        else:
            mixed = [Plain([1]), {"a": 2}, *(kind([3]) for kind in kinds[1::2])]
            leaves, treedef = lw.tree_flatten(mixed, registry=registry)
            assert leaves[:2] == [1, 2]
            assert len(leaves) == treedef.num_leaves == 2 + THREADS // 2

    together(work)


def test_registering_the_same_class(lw: ModuleType) -> None:
    registry = lw.PyTreeRegistry()
    won: list[int] = []

    def work(index: int) -> None:
        try:
            registry.register_node(Plain, Plain.flatten, Plain.unflatten)
        except ValueError as error:
            assert str(error).startswith("Duplicate custom PyTreeDef type registration")
        else:
            won.append(index)

    together(work)
    assert len(won) == 1
    assert lw.tree_leaves(Plain([1]), registry=registry) == [1]


def test_containers_that_change_while_they_are_read(lw: ModuleType) -> None:
    shared_list: list[Any] = [1, (2,), 3]
    shared_dict: dict[str, Any] = {"a": 1, "b": [2]}

    def work(index: int) -> None:
        if index % 2:
            shared_list.append((4, 5))
            del shared_list[3:]
            shared_dict[str(index)] = [index]
            shared_dict.pop(str(index), None)
        else:
            for shared in (shared_list, shared_dict):
                try:
                    leaves, treedef = lw.tree_flatten(shared)
                except RuntimeError as error:
                    assert "changed" in str(error)
                else:
                    assert len(leaves) == treedef.num_leaves
                    treedef.unflatten(leaves)

    together(work)


class Mutable:
    """An object whose fields others replace."""

    def __init__(self, first: Any, second: Any) -> None:
        self.first, self.second = first, second


class Slots:
    __slots__ = ("first", "second")

    def __init__(self, first: Any, second: Any) -> None:
        self.first, self.second = first, second


def change(shared: Any, number: int) -> None:
    """Replace, add and take away what is in the containers of the shared tree."""
    numbers, plain, ordered, default, mutable, slots = shared
    numbers[:1] = [[number, [object()]], number]
    numbers.insert(1, (number,))
    with contextlib.suppress(ValueError):  # of the list that is empty while it is sorted
        numbers.sort(key=id)
    del numbers[6:]
    # Without a GIL, threads that change one OrderedDict crash CPython 3.13t, whoever else is there.
    for mapping in (plain, ordered, default) if has_gil() else (plain, default):
        mapping[f"new {number}"] = {number: object()}
        mapping.pop(f"new {number}", None)
        mapping["b"] = [number, object()]
    if has_gil():
        ordered.move_to_end("a", last=number % 2 == 0)
    mutable.first, slots.second = [object()], {"x": object()}
    if number % 16 == 0:
        plain.clear()
        plain.update(b=1, a=[2])
        del slots.second
        slots.second = 3


def use(lw: ModuleType, shared: Any, registry: Any) -> None:
    """Call what walks trees; whatever it finds has to fit together."""
    leaves, treedef = lw.tree_flatten(shared, registry=registry)
    assert len(leaves) == treedef.num_leaves
    again, _ = lw.tree_flatten(treedef.unflatten(leaves), registry=registry)
    assert list(map(id, again)) == list(map(id, leaves))
    hash(treedef), repr(treedef)
    lw.tree_structure(shared, registry=registry)
    for path, _leaf in lw.tree_leaves_with_path(shared, registry=registry):
        lw.keystr(path)
    lw.tree_map(lambda leaf: [leaf], shared, registry=registry)
    lw.tree_leaves(shared, is_leaf=lambda node: False, registry=registry)
    list(lw.tree_iter(shared, registry=registry))
    lw.tree_all(shared, registry=registry)
    try:
        treedef.flatten_up_to(shared)
        lw.tree_map(lambda one, two: two, shared, shared, registry=registry)
    except lw.PyTreeMismatchError as error:
        assert str(error)


def answers(lw: ModuleType, unshared: Any) -> Any:
    """What the library says of a tree that nobody changes."""
    leaves, treedef = lw.tree_flatten(unshared)
    mapped = lw.tree_map(lambda one, two: one + two, unshared, treedef.unflatten(leaves))
    paths = [lw.keystr(path) for path, _ in lw.tree_leaves_with_path(unshared)]
    return leaves, treedef, lw.tree_leaves(mapped), treedef.flatten_up_to(unshared), paths


def test_all_kinds_of_containers_changed_by_others(lw: ModuleType) -> None:
    registry = lw.PyTreeRegistry(parent=lw.default_registry)
    for kind in (Mutable, Slots):
        lw.register_fields(kind, ["first", "second"], registry=registry)
    shared: Any = [
        [1, [2], (3,), {"x": 4}, [5], 6],
        {"b": 1, "a": [2]},
        OrderedDict(b=1, a=[2]),
        defaultdict(list, b=1, a=[2]),
        Mutable(1, [2]),
        Slots(1, [2]),
    ]
    right = answers(lw, tree())
    assert right[0] == [1, 3, 2, 4, 5, 6, 7, 8]
    numbers = [iter(range(index, sys.maxsize, THREADS)) for index in range(THREADS)]

    def work(index: int) -> None:
        if index % 2:
            for _ in range(4):
                change(shared, next(numbers[index]))
            assert answers(lw, tree()) == right
            if index == 1:
                kind = type("Kind", (Slots,), {"__slots__": ()})
                lw.register_fields(kind, ["first", "second"], registry=registry)
                lw.unregister_pytree_node(kind, registry=registry)
        else:
            try:
                use(lw, shared, registry)
            # What Python says of containers that others change, and of fields that are not there.
            except (RuntimeError, AttributeError, KeyError) as error:
                assert str(error)

    together(work)


def test_short_lived_types_and_registries(lw: ModuleType) -> None:
    def work(index: int) -> None:
        registry = lw.PyTreeRegistry(parent=lw.default_registry)
        kind: Any = type("Kind", (Plain,), {})
        node = kind([1])
        if index % 2:
            registry.register_node(kind, Plain.flatten, lambda aux, children: kind(children, aux))
        assert lw.tree_leaves([node], registry=registry) == ([1] if index % 2 else [node])

    together(work)


@pytest.mark.parametrize("is_leaf", [None, lambda node: False])
def test_one_iterator_shared_by_all(lw: ModuleType, is_leaf: Any) -> None:
    """Nothing is given twice or lost; a step that finds another one running is told so."""
    if lw is not leafwise and not has_gil():
        pytest.skip(
            "the reference's is a generator, and one shared by threads crashes CPython 3.13t"
        )
    size = 100
    iterators = [
        lw.tree_iter([[number, {"a": number}] for number in range(size)], is_leaf)
        for _ in range(ROUNDS)
    ]
    found: list[list[list[int]]] = [[[] for _ in range(THREADS)] for _ in range(ROUNDS)]
    rounds = [iter(range(ROUNDS)) for _ in range(THREADS)]

    def work(index: int) -> None:
        which = next(rounds[index])
        mine = found[which][index]
        while True:
            try:
                mine.append(next(iterators[which]))
            except StopIteration:
                return
            except ValueError as error:
                assert "already executing" in str(error)

    together(work)
    for parts in found:
        assert all(part == sorted(part) for part in parts)
        assert sorted(number for part in parts for number in part) == sorted([*range(size)] * 2)
