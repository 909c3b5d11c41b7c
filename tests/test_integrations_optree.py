"""`leafwise.integrations.optree`: each scenario in a process of its own."""

from __future__ import annotations

import collections
import dataclasses
import os
import time
import warnings
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


@dataclasses.dataclass
class Point:
    x: Any
    y: Any


def installed(**options: Any) -> Any:
    """optree, after install()."""
    import optree

    from leafwise.integrations import optree as integration

    integration.install(**options)
    return optree


def register_globally(cls: Any, flatten_func: Any = flatten, **options: Any) -> None:
    """Registers a class in optree's global namespace, as libraries of its makers do."""
    import optree

    namespace: Any = vars(optree.registry)["__GLOBAL_NAMESPACE"]
    optree.register_pytree_node(cls, flatten_func, unflatten, namespace=namespace, **options)


def unregister_globally(cls: Any) -> None:
    import optree

    optree.unregister_pytree_node(cls, namespace=vars(optree.registry)["__GLOBAL_NAMESPACE"])


def scenario_registered_with_optree() -> None:
    register_globally(Box)
    box = Box(1, (2, 3))
    assert lw.tree_leaves(box) == [box]
    installed()
    installed()
    assert lw.tree_leaves(box) == [1, 2, 3]
    mapped = lw.tree_map(lambda x: x * 10, box)
    assert (type(mapped), mapped.children) == (Box, (10, (20, 30)))
    assert lw.tree_leaves_with_path(box)[0] == ((lw.FlattenedIndexKey(0),), 1)
    cls = type("Later", (), {})
    assert not lw.is_tree_node(cls)
    register_globally(cls)
    assert lw.is_tree_node(cls)


def scenario_entries_are_keys_here() -> None:
    optree = installed()

    class OwnEntry(optree.PyTreeEntry):
        pass

    def path(entry_type: Any, name: Any) -> Any:
        cls = type("Local", (Box,), {})
        register_globally(
            cls, lambda box: (box.children, "aux", [name]), path_entry_type=entry_type
        )
        (((key,), leaf),) = lw.tree_leaves_with_path(cls(1))
        assert leaf == 1
        return key

    assert path(optree.SequenceEntry, 3) == lw.SequenceKey(3)
    assert path(optree.MappingEntry, "k") == lw.DictKey("k")
    assert path(optree.GetItemEntry, "k") == lw.DictKey("k")
    assert path(optree.GetAttrEntry, "a") == lw.GetAttrKey("a")
    assert path(optree.FlattenedEntry, 3) == lw.FlattenedIndexKey(3)
    assert path(optree.FlattenedEntry, "name") == "name"
    assert path(optree.AutoEntry, 3) == lw.FlattenedIndexKey(3)
    assert path(OwnEntry, ("own", 1)) == ("own", 1)

    class Pair(collections.namedtuple("Pair", "first second")):
        pass

    register_globally(
        Pair,
        lambda pair: ([pair.second], pair.first, [1]),
        path_entry_type=optree.NamedTupleEntry,
    )
    assert lw.tree_leaves_with_path(Pair(1, 2)) == [((lw.GetAttrKey("second"),), 2)]


def scenario_dataclasses_of_optree() -> None:
    installed()
    from optree.dataclasses import dataclass

    @dataclass(namespace="models")
    class Layer:
        weights: Any
        biases: Any

    installed(namespace="models")
    paths = [lw.keystr(path) for path, _ in lw.tree_leaves_with_path(Layer([1], 2))]
    assert paths == [".weights[0]", ".biases"]
    assert lw.tree_map(lambda x: x, Layer(1, 2)) == Layer(1, 2)


def scenario_registered_by_names_alone_before_install() -> None:
    lw.default_registry.register_dataclass_node(Point, ["x", "y"], [])
    optree = installed()
    assert optree.tree_leaves(Point(1, [2])) == [1, 2]
    assert optree.tree_paths(Point(1, [2])) == [("x",), ("y", 0)]
    assert optree.tree_map(lambda x: -x, Point(1, 2)) == Point(-1, -2)


def scenario_registered_here() -> None:
    lw.register_pytree_node(Box, flatten, unflatten)
    optree = installed()
    lw.register_dataclass(Point)

    @lw.register_static
    class Word(str):
        pass

    tree = [Box(1, 2), Point(3, [4]), Word("w"), lw.Partial(pow, 5, mod=6)]
    assert optree.tree_leaves(tree) == lw.tree_leaves(tree) == [1, 2, 3, 4, 5, 6]
    mapped = optree.tree_map(lambda x: -x, tree)
    assert lw.tree_leaves(mapped) == [-1, -2, -3, -4, -5, -6]
    assert mapped[1] == Point(-3, [-4])
    assert [accessor.codify("point") for accessor in optree.tree_accessors(Point(3, [4]))] == [
        "point.x",
        "point.y[0]",
    ]


def scenario_keys_are_entries_there() -> None:
    optree = installed()

    def flatten_with_keys(box: Any) -> Any:
        names = lw.GetAttrKey("a"), lw.DictKey("b"), lw.SequenceKey(2), lw.FlattenedIndexKey(3)
        return list(zip((*names, "own"), box.children)), "aux"

    lw.register_pytree_with_keys(Box, flatten_with_keys, unflatten)
    assert optree.tree_paths(Box(1, 2, 3, 4, 5)) == [("a",), ("b",), (2,), (3,), ("own",)]


def scenario_namespaces() -> None:
    optree = installed(namespace="models")
    optree.register_pytree_node(Box, flatten, unflatten, namespace="models")
    other = type("Other", (Box,), {})
    optree.register_pytree_node(other, flatten, unflatten, namespace="others")
    lw.register_dataclass(Point)
    tree = [Box(1), Point(2, 3), other(4)]
    assert lw.tree_leaves(tree) == [1, 2, 3, tree[2]]
    assert optree.tree_leaves(tree, namespace="models") == [1, 2, 3, tree[2]]
    assert optree.tree_leaves(tree) == tree
    installed(namespace="others")
    assert lw.tree_leaves(tree) == [1, 2, 3, 4]
    assert optree.tree_leaves(tree, namespace="others") == [tree[0], 2, 3, 4]
    installed()
    assert optree.tree_leaves(tree) == [tree[0], 2, 3, tree[2]]
    with pytest.raises(TypeError, match="namespace must be a str, got None"):
        installed(namespace=None)


def scenario_a_namespace_goes_before_the_global_one() -> None:
    register_globally(Box)
    installed(namespace="models").register_pytree_node(
        Box, lambda box: (box.children[:1], "aux"), unflatten, namespace="models"
    )
    assert lw.tree_leaves(Box(1, 2)) == [1]


def scenario_taken_back_in_optree() -> None:
    installed()
    register_globally(Box)
    box = Box(1, 2)
    treedef = lw.tree_structure(box)
    unregister_globally(Box)
    assert lw.tree_leaves(box) == [box]
    assert treedef.unflatten([3, 4]).children == (3, 4)
    register_globally(Box, lambda box: (box.children[:1], "aux"))
    assert lw.tree_leaves(box) == [1]
    # Another registration in its place, seen when the next class is registered.
    unregister_globally(Box)
    register_globally(Box)
    assert lw.tree_leaves(box) == [1]
    register_globally(type("Other", (), {}))
    assert lw.tree_leaves(box) == [1, 2]


def scenario_taken_back_here() -> None:
    optree = installed()
    register_globally(Box)
    lw.register_dataclass(Point)
    tree = [Box(1), Point(2, 3)]
    assert optree.tree_leaves(tree) == lw.tree_leaves(tree) == [1, 2, 3]
    lw.unregister_pytree_node(Box)
    lw.unregister_pytree_node(Point)
    register_globally(type("Other", (), {}))
    assert lw.tree_leaves(tree) == tree
    assert optree.tree_leaves(tree) == [1, tree[1]]
    lw.register_dataclass(Point, ["x"], ["y"])
    assert optree.tree_leaves(tree) == [1, 2]


def scenario_taken_back_there_after_an_export() -> None:
    installed()
    lw.register_dataclass(Point)
    unregister_globally(Point)
    assert lw.tree_leaves(Point(1, 2)) == [1, 2]
    lw.unregister_pytree_node(Point)
    assert lw.tree_leaves(Point(1, 2)) == [Point(1, 2)]


def scenario_containers_mean_what_they_meant() -> None:
    before = lw.default_registry._registrations()
    installed()
    Pair = collections.namedtuple("Pair", "first second")
    assert lw.tree_leaves([{"b": 1, "a": Pair(2, None)}]) == [2, 1]
    now = time.gmtime(0)
    assert lw.tree_leaves([now]) == [now]
    after = lw.default_registry._registrations()
    assert {cls: after[cls] for cls in before} == before
    deque = collections.deque([1, (2,)], maxlen=5)
    mapped = lw.tree_map(lambda x: x + 1, deque)
    assert (mapped, mapped.maxlen) == (collections.deque([2, (3,)]), 5)
    assert lw.keystr(lw.tree_leaves_with_path(deque)[1][0]) == "[1][0]"


def scenario_two_integrations() -> None:
    """What came from one library is not passed on to another, in whatever order they come."""
    import jax

    from leafwise.integrations import jax as integration

    register_globally(Box)
    optree = installed()
    box, partial, point = Box(1), jax.tree_util.Partial(pow, 2), Point(3, 4)
    assert lw.tree_leaves(box) == [1]
    integration.install()
    assert lw.tree_leaves([box, partial]) == [1, 2]
    lw.register_dataclass(Point)
    tree = [box, partial, point]
    assert lw.tree_leaves(tree) == [1, 2, 3, 4]
    assert jax.tree.leaves(tree) == [box, 2, 3, 4]
    assert optree.tree_leaves(tree) == [1, partial, 3, 4]


def scenario_a_class_of_two_peers() -> None:
    """Whichever is looked at first: deques are nodes by two namespaces, Box by each for itself."""
    optree = installed(namespace="one")
    installed(namespace="two")
    for namespace, count in (("one", 1), ("two", 2)):
        optree.register_pytree_node(
            Box,
            lambda box, count=count: (box.children[:count], "aux"),
            unflatten,
            namespace=namespace,
        )
    assert lw.tree_leaves(collections.deque([1])) == [1]
    assert lw.tree_leaves(Box(1, 2)) in ([1], [1, 2])


def scenario_struct_sequences_and_named_tuples() -> None:
    """optree warns of these; such a warning as an error would leave the two of unlike minds."""
    optree = installed()
    pair = collections.namedtuple("pair", "x y")
    size = os.terminal_size((80, 25))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lw.register_fields(os.terminal_size, data=["columns"], meta=["lines"])
        lw.register_pytree_node(pair, lambda node: ((node.x,), node.y), lambda y, x: pair(*x, y))
    assert lw.tree_leaves([size, pair(1, 2)]) == [80, 1]
    assert optree.tree_leaves([size, pair(1, 2)]) == [80, 1]


def scenario_the_docstring() -> None:
    import doctest

    from leafwise.integrations import optree as integration

    result = doctest.testmod(integration)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("scenario", names_of(globals()))
def test_optree(scenario: str) -> None:
    pytest.importorskip("optree")
    if scenario == "scenario_two_integrations":
        pytest.importorskip("jax")
    run_scenario(__file__, scenario)
