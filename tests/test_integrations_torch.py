"""`leafwise.integrations.torch`: each scenario in a process of its own."""

from __future__ import annotations

import collections
import dataclasses
from typing import Any

import pytest

import leafwise as lw
from scenarios import names_of, run_scenario


class Box:
    """To be registered."""

    def __init__(self, *children: Any) -> None:
        self.children = children


def flatten(box: Any) -> Any:
    return box.children, "aux"


def unflatten(aux: Any, children: Any) -> Any:
    assert aux == "aux"
    return Box(*children)


def torch_flatten(box: Any) -> Any:
    return list(box.children), "aux"


def torch_unflatten(children: Any, aux: Any) -> Any:
    return unflatten(aux, children)


@dataclasses.dataclass
class Point:
    x: Any
    y: Any


def installed() -> Any:
    """torch.utils._pytree, after install()."""
    from torch.utils import _pytree

    from leafwise.integrations import torch as integration

    integration.install()
    return _pytree


def scenario_registered_with_torch() -> None:
    from torch.utils import _pytree

    _pytree.register_pytree_node(Box, torch_flatten, torch_unflatten)
    box = Box(1, (2, 3))
    assert lw.tree_leaves(box) == [box]
    installed()
    installed()
    assert lw.tree_leaves(box) == [1, 2, 3]
    mapped = lw.tree_map(lambda x: x * 10, box)
    assert (type(mapped), mapped.children) == (Box, (10, (20, 30)))
    assert lw.tree_leaves_with_path(box)[0] == ((lw.FlattenedIndexKey(0),), 1)
    _pytree.register_dataclass(Point)
    assert lw.tree_map(lambda x: -x, Point(1, [2])) == Point(-1, [-2])
    paths = [lw.keystr(path) for path, _ in lw.tree_leaves_with_path(Point(1, [2]))]
    assert paths == [".x", ".y[0]"]


def scenario_keys_of_torch_are_leafwise_keys_here() -> None:
    pytree = installed()

    def flatten_with_keys(box: Any) -> Any:
        names = pytree.GetAttrKey("a"), pytree.MappingKey("b"), pytree.SequenceKey(2), "own"
        return list(zip(names, box.children)), "aux"

    pytree.register_pytree_node(
        Box, torch_flatten, torch_unflatten, flatten_with_keys_fn=flatten_with_keys
    )
    paths = [path for path, _ in lw.tree_leaves_with_path(Box(1, 2, 3, 4))]
    assert paths == [
        (lw.GetAttrKey("a"),),
        (lw.DictKey("b"),),
        (lw.SequenceKey(2),),
        ("own",),
    ]


def scenario_keys_of_leafwise_are_torch_keys_there() -> None:
    pytree = installed()

    def flatten_with_keys(box: Any) -> Any:
        names = lw.GetAttrKey("a"), lw.DictKey("b"), lw.SequenceKey(2), lw.FlattenedIndexKey(3)
        return list(zip((*names, "own"), box.children)), "aux"

    lw.register_pytree_with_keys(Box, flatten_with_keys, unflatten)
    pairs, _ = pytree.tree_flatten_with_path(Box(1, 2, 3, 4, 5))
    assert pairs == [
        ((pytree.GetAttrKey("a"),), 1),
        ((pytree.MappingKey("b"),), 2),
        ((pytree.SequenceKey(2),), 3),
        ((pytree.SequenceKey(3),), 4),
        (("own",), 5),
    ]


def scenario_registered_here() -> None:
    lw.register_pytree_node(Box, flatten, unflatten)
    pytree = installed()
    lw.register_dataclass(Point)

    @lw.register_static
    class Word(str):
        pass

    tree = [Box(1, 2), Point(3, [4]), Word("w"), lw.Partial(pow, 5, mod=6)]
    assert pytree.tree_leaves(tree) == lw.tree_leaves(tree) == [1, 2, 3, 4, 5, 6]
    mapped = pytree.tree_map(lambda x: -x, tree)
    assert lw.tree_leaves(mapped) == [-1, -2, -3, -4, -5, -6]
    assert mapped[1] == Point(-3, [-4])
    pairs, _ = pytree.tree_flatten_with_path(tree)
    assert [pytree.keystr(path) for path, _ in pairs[:4]] == [
        "[0][0]",
        "[0][1]",
        "[1].x",
        "[1].y[0]",
    ]


def scenario_unregistered_classes_do_not_come_back() -> None:
    pytree = installed()
    pytree.register_pytree_node(Box, torch_flatten, torch_unflatten)
    lw.unregister_pytree_node(Box)
    lw.register_dataclass(Point)
    lw.unregister_pytree_node(Point)
    tree = [Box(1), Point(2, 3)]
    pytree.register_pytree_node(type("Other", (), {}), torch_flatten, torch_unflatten)
    assert lw.tree_leaves(tree) == tree
    assert pytree.tree_leaves(tree) == [1, 2, 3]


def scenario_dropped_by_torch() -> None:
    pytree = installed()
    pytree.register_pytree_node(
        Box, torch_flatten, torch_unflatten, serialized_type_name="tests.Box"
    )
    box = Box(1, 2)
    assert lw.tree_leaves(box) == [1, 2]
    pytree._deregister_pytree_node(Box)
    assert lw.tree_leaves(box) == [box]


def scenario_containers_mean_what_they_meant() -> None:
    before = lw.default_registry._registrations()
    installed()
    Pair = collections.namedtuple("Pair", "first second")
    assert lw.tree_leaves([{"b": 1, "a": Pair(2, None)}]) == [2, 1]
    after = lw.default_registry._registrations()
    assert {cls: after[cls] for cls in before} == before
    deque = collections.deque([1, (2,)], maxlen=5)
    mapped = lw.tree_map(lambda x: x + 1, deque)
    assert (mapped, mapped.maxlen) == (collections.deque([2, (3,)]), 5)
    assert lw.keystr(lw.tree_leaves_with_path(deque)[1][0]) == "[1][0]"


def scenario_the_docstring() -> None:
    import doctest

    from leafwise.integrations import torch as integration

    result = doctest.testmod(integration)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("scenario", names_of(globals()))
def test_torch(scenario: str) -> None:
    pytest.importorskip("torch")
    run_scenario(__file__, scenario)
