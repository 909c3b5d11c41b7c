"""tree_unflatten and PyTreeDef.unflatten: leaves and structure back to a tree."""

from __future__ import annotations

import re
from collections import OrderedDict, defaultdict, namedtuple
from collections.abc import Iterator
from enum import Enum
from types import ModuleType
from typing import Any

import pytest

from nodes import Constant, Fields, Keyed, Methods, Pair, Plain, Record, SubPair, Typed, describe

TREES = [
    3,
    None,
    [],
    [1, (2, None), []],
    {"a": 1, "b": {"c": 2}},
    OrderedDict([("b", 1), ("a", 2)]),
    Pair(1, [2]),
    SubPair(1, 2),
    Typed(1),
    Plain([1, 2], "name"),
    Keyed([1], "name"),
    Methods([1, (2, 3)], "name"),
    Record(1, [2], tag=3),
    Fields(1, 2, "label"),
]


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: type(tree).__name__)
def test_a_tree_comes_back(lw: ModuleType, tree: Any) -> None:
    leaves, treedef = lw.tree_flatten(tree)
    assert describe(lw.tree_unflatten(treedef, leaves)) == describe(tree)
    assert describe(treedef.unflatten(leaves)) == describe(tree)
    assert describe(lw.tree_unflatten(treedef=treedef, leaves=leaves)) == describe(tree)


def test_containers_are_new(lw: ModuleType) -> None:
    tree = [[1], {"a": 2}]
    leaves, treedef = lw.tree_flatten(tree)
    first, second = treedef.unflatten(leaves), treedef.unflatten(leaves)
    assert first is not tree
    assert first[0] is not tree[0]
    assert first[0] is not second[0]
    assert first[1] is not second[1]


def test_a_dict_comes_back_in_sorted_order(lw: ModuleType) -> None:
    leaves, treedef = lw.tree_flatten({"c": 1, "a": 2, "b": 3})
    rebuilt = treedef.unflatten(leaves)
    assert type(rebuilt) is dict
    assert list(rebuilt.items()) == [("a", 2), ("b", 3), ("c", 1)]


def test_an_ordered_dict_keeps_its_order(lw: ModuleType) -> None:
    leaves, treedef = lw.tree_flatten(OrderedDict(c=1, a=2, b=3))
    rebuilt = treedef.unflatten(leaves)
    assert type(rebuilt) is OrderedDict
    assert list(rebuilt.items()) == [("c", 1), ("a", 2), ("b", 3)]


def test_a_defaultdict_keeps_its_factory(lw: ModuleType) -> None:
    leaves, treedef = lw.tree_flatten(defaultdict(list, c=1, a=2))
    rebuilt = treedef.unflatten(leaves)
    assert type(rebuilt) is defaultdict
    assert rebuilt.default_factory is list
    assert list(rebuilt.items()) == [("a", 2), ("c", 1)]


def test_keys_are_the_objects_of_the_flattened_dict(lw: ModuleType) -> None:
    key = (1, "a key")
    treedef = lw.tree_structure({key: 1})
    assert next(iter(treedef.unflatten([2]))) is key


def test_a_static_object_comes_back_itself(lw: ModuleType) -> None:
    constant = Constant(1)
    assert lw.tree_structure(constant).unflatten([]) is constant


def test_a_dataclass_is_rebuilt_through_its_constructor(lw: ModuleType) -> None:
    import dataclasses

    @dataclasses.dataclass
    class Counting:
        x: Any
        made: int = dataclasses.field(default=0, init=False)

        def __post_init__(self) -> None:
            self.made = 1

    registry = lw.PyTreeRegistry()
    lw.register_dataclass(Counting, ["x"], [], registry=registry)
    node = Counting(1)
    node.made = 5
    rebuilt = lw.tree_structure(node, registry=registry).unflatten([2])
    assert (rebuilt.x, rebuilt.made) == (2, 1)


@pytest.mark.parametrize(
    "leaves",
    [(7, 8), [7, 8], {7: 1, 8: 2}, range(7, 9), {7: 1, 8: 2}.keys()],
    ids=lambda leaves: type(leaves).__name__,
)
def test_any_iterable_will_do(lw: ModuleType, leaves: Any) -> None:
    assert lw.tree_structure([1, (2,)]).unflatten(leaves) == [7, (8,)]


def test_an_iterator_will_do(lw: ModuleType) -> None:
    assert lw.tree_structure([1, (2,)]).unflatten(iter([7, 8])) == [7, (8,)]
    assert lw.tree_structure([1, (2,)]).unflatten(x for x in [7, 8]) == [7, (8,)]


def test_leaves_are_not_inspected(lw: ModuleType) -> None:
    leaves = [None, [1, 2]]
    rebuilt = lw.tree_structure((1, 2)).unflatten(leaves)
    assert rebuilt == (None, [1, 2])
    assert rebuilt[1] is leaves[1]


def short(expected: int, got: int) -> str:
    return f"Too few leaves for PyTreeDef; expected {expected}, got {got}"


def long(expected: int, got: int) -> str:
    return f"Too many leaves for PyTreeDef; expected {expected}. Got {got}."


@pytest.mark.parametrize(
    "tree, leaves, text",
    [
        (1, [], short(1, 0)),
        ([1], [], short(1, 0)),
        ([1, [2, 3]], [1, 2], short(3, 2)),
        ([1], [1, 2], long(1, 2)),
        (1, [1, 2, 3], long(1, 3)),
        (None, [None], long(0, 1)),
        ([], [1], long(0, 1)),
        (Plain([1]), [], short(1, 0)),
    ],
    ids=repr,
)
def test_the_number_of_leaves_must_fit(
    lw: ModuleType, tree: Any, leaves: list[Any], text: str
) -> None:
    treedef = lw.tree_structure(tree)
    for values in (leaves, tuple(leaves)):
        with pytest.raises(ValueError) as caught:
            treedef.unflatten(values)
        assert str(caught.value) == text
    # Of an iterator no more are taken than show that there are too many.
    at_least = treedef.num_leaves + 1
    for values in (iter(leaves), dict.fromkeys(range(len(leaves)))):
        with pytest.raises(ValueError) as caught:
            treedef.unflatten(values)
        assert str(caught.value) == re.sub(r"Got \d+", f"Got at least {at_least}", text)
    with pytest.raises(ValueError) as caught:
        lw.tree_unflatten(treedef, leaves)
    assert str(caught.value) == text


class Colour(Enum):
    RED = 1


class Secretive(type):
    __dict__ = property(lambda cls: {})  # type: ignore[assignment]


class Seven(metaclass=Secretive):
    def __iter__(self) -> Iterator[int]:
        return iter([7])


def test_what_is_iterable_is_not_asked_of_the_metaclass(lw: ModuleType) -> None:
    assert lw.tree_unflatten(lw.tree_structure([0]), Seven()) == [7]


@pytest.mark.parametrize("leaves", [3, None, object(), Colour.RED], ids=repr)
def test_leaves_must_be_iterable(lw: ModuleType, leaves: Any) -> None:
    treedef = lw.tree_structure([1])
    for call in (
        lambda: treedef.unflatten(leaves),
        lambda: lw.tree_unflatten(treedef, leaves),
        lambda: treedef.walk(lambda children, data: 0, None, leaves),
    ):
        with pytest.raises(TypeError) as caught:
            call()
        assert str(caught.value) == f"leaves must be iterable, got {leaves!r}"


def test_what_only_has_items_is_iterable(lw: ModuleType) -> None:
    class Items:
        def __getitem__(self, index: int) -> int:
            return [7, 8][index]

    assert lw.tree_structure([1, 2]).unflatten(Items()) == [7, 8]
    assert lw.all_leaves(Items()) is True


@pytest.mark.parametrize("treedef", [None, [1], "PyTreeDef(*)"], ids=repr)
def test_the_treedef_must_be_a_treedef(lw: ModuleType, treedef: Any) -> None:
    with pytest.raises((TypeError, AttributeError)):
        lw.tree_unflatten(treedef, [1])


def test_exceptions_of_the_iterable_propagate(lw: ModuleType) -> None:
    def leaves() -> Any:
        yield 1
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        lw.tree_structure([1, 2]).unflatten(leaves())


class Logged:
    """A node that notes when it is rebuilt."""

    log: list[str] = []

    def __init__(self, child: Any) -> None:
        self.child = child


def logging_registry(lw: ModuleType) -> Any:
    def unflatten(aux: Any, children: Any) -> Logged:
        assert type(children) is tuple
        Logged.log.append("build")
        return Logged(*children)

    registry = lw.PyTreeRegistry()
    lw.register_pytree_node(Logged, lambda n: ([n.child], None), unflatten, registry=registry)
    Logged.log.clear()
    return registry


def test_the_iterable_is_drained_before_anything_is_built(lw: ModuleType) -> None:
    treedef = lw.tree_structure([Logged(1), Logged(2)], registry=logging_registry(lw))

    def leaves() -> Any:
        for index in range(2):
            Logged.log.append("leaf")
            yield index

    treedef.unflatten(leaves())
    assert Logged.log == ["leaf", "leaf", "build", "build"]


def test_nothing_is_built_from_the_wrong_number_of_leaves(lw: ModuleType) -> None:
    treedef = lw.tree_structure([Logged(1), Logged(2)], registry=logging_registry(lw))
    for leaves in ([1], [1, 2, 3]):
        with pytest.raises(ValueError):
            treedef.unflatten(leaves)
    assert Logged.log == []


def test_an_endless_iterator_is_stopped(lw: ModuleType) -> None:
    import itertools

    with pytest.raises(ValueError) as caught:
        lw.tree_structure([1]).unflatten(itertools.repeat(1))
    assert str(caught.value) == long(1, 2).replace("Got", "Got at least")


def test_a_namedtuple_is_called_with_its_children(lw: ModuleType) -> None:
    class Checked(namedtuple("Checked", "a b")):
        def __new__(cls, a: Any, b: Any = 3) -> Any:
            if a == "bad":
                raise LookupError(a)
            return super().__new__(cls, a, b)

    treedef = lw.tree_structure(Checked(1, 2))
    rebuilt = treedef.unflatten([5, 6])
    assert type(rebuilt) is Checked
    assert rebuilt == (5, 6)
    with pytest.raises(LookupError):
        treedef.unflatten(["bad", 1])


def test_a_namedtuple_whose_constructor_takes_something_else(lw: ModuleType) -> None:
    class Point(namedtuple("Point", "a b")):
        def __new__(cls, both: Any) -> Any:
            return super().__new__(cls, both, both)

    treedef = lw.tree_structure(Point(1))
    assert treedef.num_leaves == 2
    with pytest.raises(TypeError, match="takes 2 positional arguments but 3 were given"):
        treedef.unflatten([1, 2])
