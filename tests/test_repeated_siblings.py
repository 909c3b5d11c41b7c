"""Equal siblings in a row stand once in a treedef: nobody can tell, but by the memory it takes."""

from __future__ import annotations

import copy
import pickle
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

import leafwise
from leafwise import reference
from nodes import Pair, Plain, Record, describe
from outcomes import outcome, show_flat, show_paths, show_treedef


def record(number: int) -> Any:
    return {"id": number, "x": (number, None), "y": [number, {"z": number}]}


def other_record(number: int) -> Any:
    return {"id": number, "x": (number, None), "y": [number, {"w": number}]}


TREES: dict[str, Any] = {
    "records": [record(i) for i in range(5)],
    "records of lists": [[record(i), record(i)] for i in range(3)],
    "runs": [*map(record, range(3)), 7, *map(record, range(2)), *map(other_record, range(2))],
    "the last differs": [*map(record, range(4)), other_record(4)],
    "the first differs": (other_record(4), *map(record, range(4))),
    "in turns": [(record, other_record)[i % 2](i) for i in range(6)],
    "Nones": [None] * 4,
    "Nones and leaves": [None, None, 1, None, 2, 3, None, None],
    "empty": [[], [], (), (), {}, {}],
    "nested runs": [[[1, 2], [3, 4]], [[5, 6], [7, 8]], [[9, 10], [11, 12], [13, 14]]],
    "runs at the end": {"a": [[(1,), (2,)], [(3,), (4,)]], "b": [(5,), (6,)]},
    "named tuples": [Pair([1], 2), Pair([3], 4), Pair(5, [6])],
    "registered": [Plain([1, 2]), Plain([3, 4]), Plain([5], "other")],
    "dataclasses": [Record(1, [2]), Record(3, [4]), Record(5, [6], tag="other")],
    "equal, not alike": [{1: 0}, {True: 0}, {1.0: 0}, {1: 0}, {0.0: 1}, {-0.0: 1}],
    "other orders": [{"a": 1, "b": 2}, {"b": 1, "a": 2}, {"b": 1, "a": 2}],
    "ordered": [OrderedDict(a=1, b=[2]), OrderedDict(a=3, b=[4]), OrderedDict(b=[5], a=6)],
    "factories": [defaultdict(int, a=1), defaultdict(int, a=2), defaultdict(list, a=3)],
    "values of a dict": {"a": [1], "b": [2], "c": [3]},
}


def results(lw: ModuleType, tree: Any) -> list[Any]:
    """All that can be asked of a treedef."""
    leaves, treedef = lw.tree_flatten(tree)
    inner = lw.tree_structure([0, [0], [0]])
    calls: list[tuple[Callable[[], Any], Callable[[Any], Any]]] = [
        (lambda: (leaves, treedef), show_flat),
        (lambda: treedef.unflatten(leaves), describe),
        (lambda: treedef.unflatten(iter(leaves)), describe),
        (lambda: treedef.flatten_up_to(tree), repr),
        (lambda: lw.tree_leaves_with_path(tree), show_paths),
        (lambda: [show_treedef(child) for child in treedef.children()], repr),
        (lambda: treedef.compose(inner), show_treedef),
        (lambda: inner.compose(treedef), show_treedef),
        (lambda: lw.treedef_tuple([treedef, treedef, inner]), show_treedef),
        (lambda: treedef.walk(lambda c, data: (len(c), str(data)), None, leaves), repr),
        (lambda: pickle.loads(pickle.dumps(treedef)), show_treedef),
        (lambda: copy.deepcopy(treedef), show_treedef),
        (lambda: lw.tree_map(lambda x, y: (x, y), tree, tree), describe),
    ]
    return [(answer[0], show(answer[1])) for call, show in calls for answer in [outcome(call)]]


@pytest.mark.parametrize("name", TREES)
def test_answers_are_those_of_the_reference(name: str) -> None:
    tree = TREES[name]
    expected = results(reference, tree)
    leafwise.clear_cache()
    for _ in range(4):  # built anew, and remembered
        assert results(leafwise, tree) == expected


@pytest.mark.parametrize("name", TREES)
def test_the_place_of_a_mismatch(name: str) -> None:
    """Each leaf and container in turn becomes something else."""
    tree = TREES[name]
    paths = [path for path, _ in reference.tree_leaves_with_path(tree)]
    for number in range(len(paths)):
        leaves, treedef = reference.tree_flatten(tree)
        wider = reference.tree_unflatten(treedef, [*leaves[:number], [1], *leaves[number + 1 :]])
        for lw in (leafwise, reference):
            with pytest.raises(ValueError) as caught:
                lw.tree_structure(wider).flatten_up_to(tree)
            path = getattr(caught.value, "path", None)
            assert lw.keystr(path) == reference.keystr(paths[number]), lw.__name__


def test_equality_and_hash_do_not_depend_on_it() -> None:
    one, other = ([{1: 0}, {1: 0}], [{1: 0}, {True: 0}])
    assert leafwise.tree_structure(one) == leafwise.tree_structure(other)
    assert hash(leafwise.tree_structure(one)) == hash(leafwise.tree_structure(other))
    structure = leafwise.tree_structure
    assert structure([[1], [1], [1]]) != structure([[1], [1], 1])
    assert structure([[1], [1]]) != structure([[1], [1], [1]])
    assert structure([[[1], [1]], [[1]]]) != structure([[[1]], [[1], [1]]])
    pieces = [leafwise.tree_structure(record(0))] * 3
    assert leafwise.treedef_tuple(pieces) == structure(tuple(record(i) for i in range(3)))
    assert leafwise.tree_structure([0, 0]).compose(structure([0, [0]])) == structure(
        [[1, [2]], [3, [4]]]
    )


def test_a_treedef_of_many_records_is_small() -> None:
    leafwise.clear_cache()
    records = [record(i) for i in range(10_000)]
    treedef = leafwise.tree_structure(records)
    for _ in range(3):
        assert leafwise.tree_structure(records) == treedef
    assert treedef.num_nodes == 80_001 + 10_000
    assert leafwise.cache_info().nodes < 20
    assert len(leafwise.tree_leaves(records)) == 40_000


def test_keys_of_merged_siblings_are_let_go() -> None:
    keys = ["".join(["k", "e", "y"]) for _ in range(100)]
    treedef = leafwise.tree_structure([{key: 1} for key in keys])
    assert {id(key) for tree in treedef.unflatten(range(100)) for key in tree} == {id(keys[0])}


def test_classes_registered_while_siblings_are_flattened() -> None:
    class Late:
        pass

    class Box:
        pass

    registry = leafwise.PyTreeRegistry()

    def flatten(box: Any) -> Any:
        if not registry.is_node(Late):
            leafwise.register_pytree_node(
                Late, lambda late: ((), None), lambda aux, children: Late(), registry=registry
            )
        return (), None

    leafwise.register_pytree_node(Box, flatten, lambda aux, children: Box(), registry=registry)
    tree = [[Late()], [Late()], Box(), [Late()], [Late()]]
    leaves, treedef = leafwise.tree_flatten(tree, registry=registry)
    assert leaves == [tree[0][0], tree[1][0]]
    assert treedef.num_nodes == 1 + 2 * 2 + 1 + 2 * 2
    assert leafwise.tree_leaves(tree, registry=registry) == []


def test_a_composition_that_is_too_large_is_a_memory_error() -> None:
    treedef = leafwise.tree_structure([[0]] * 1000)
    with pytest.raises(MemoryError):
        for _ in range(10):
            treedef = treedef.compose(treedef)
