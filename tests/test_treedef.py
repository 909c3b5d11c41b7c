"""PyTreeDef: what it says of itself, its parts, and how it is put together and walked."""

from __future__ import annotations

import copyreg
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

import leafwise
from nodes import Constant, Fields, Keyed, Pair, Plain, Record

COUNTS = [
    (1, 1, 1),
    (None, 0, 1),
    ([], 0, 1),
    ([1, 2], 2, 3),
    ([1, {"a": 2, "b": (3, None)}, ()], 3, 8),
    (Plain([1, [2]]), 2, 4),
    (Constant(1), 0, 1),
    (Record(1, (2, 3)), 3, 5),
]


@pytest.mark.parametrize("tree, leaves, nodes", COUNTS, ids=lambda value: type(value).__name__)
def test_counts(lw: ModuleType, tree: Any, leaves: int, nodes: int) -> None:
    treedef = lw.tree_structure(tree)
    assert (treedef.num_leaves, treedef.num_nodes) == (leaves, nodes)
    assert type(treedef.num_leaves) is int
    assert type(treedef.num_nodes) is int


NODE_DATA = [
    (1, None),
    (None, (type(None), None)),
    ([1], (list, None)),
    ((1,), (tuple, None)),
    ({"b": 1, "a": 2}, (dict, ["a", "b"])),
    (Pair(1, 2), (Pair, None)),
    (OrderedDict(b=1, a=2), (OrderedDict, ("b", "a"))),
    (defaultdict(int, b=1, a=2), (defaultdict, (int, ("a", "b")))),
    (Plain([1], "aux"), (Plain, "aux")),
    (Keyed([1], "aux"), (Keyed, "aux")),
    (Record(1, 2, 3), (Record, (3,))),
    (Constant(1), (Constant, Constant(1))),
]


@pytest.mark.parametrize("tree, data", NODE_DATA, ids=lambda value: type(value).__name__)
def test_node_data(lw: ModuleType, tree: Any, data: Any) -> None:
    found = lw.tree_structure(tree).node_data()
    assert found == data
    if data is not None:
        assert type(found) is tuple
        assert type(found[1]) is type(data[1])


def test_node_data_is_a_copy(lw: ModuleType) -> None:
    treedef = lw.tree_structure({"a": 1})
    treedef.node_data()[1].append("b")
    assert treedef.node_data() == (dict, ["a"])


def test_children(lw: ModuleType) -> None:
    parts: list[Any] = [1, [2, 3], None, Plain([4, ()])]
    children = lw.tree_structure({str(i): part for i, part in enumerate(parts)}).children()
    assert type(children) is list
    assert children == [lw.tree_structure(part) for part in parts]
    assert [child.num_leaves for child in children] == [1, 2, 0, 1]
    assert children[1].unflatten("xy") == ["x", "y"]
    assert lw.treedef_children(lw.tree_structure([1, [2]])) == [
        lw.tree_structure(1),
        lw.tree_structure([2]),
    ]
    assert lw.tree_structure(1).children() == []
    assert lw.tree_structure(None).children() == []


def test_treedef_is_leaf(lw: ModuleType) -> None:
    def is_leaf(tree: Any) -> bool:
        return lw.treedef_is_leaf(lw.tree_structure(tree))  # type: ignore[no-any-return]

    assert [is_leaf(1), is_leaf("a"), is_leaf(None), is_leaf([]), is_leaf(Constant(1))] == [
        True
    ] * 5
    assert [is_leaf([1]), is_leaf({"a": []}), is_leaf(Plain([1]))] == [False] * 3


def test_treedef_tuple(lw: ModuleType) -> None:
    parts = [lw.tree_structure(1), lw.tree_structure([2, None])]
    assert lw.treedef_tuple(parts) == lw.tree_structure((1, [2, None]))
    assert lw.treedef_tuple(iter(parts)) == lw.tree_structure((1, [2, None]))
    assert lw.treedef_tuple([]) == lw.tree_structure(())
    assert lw.treedef_tuple(parts).children() == parts
    with pytest.raises(TypeError):
        lw.treedef_tuple([3])
    with pytest.raises(TypeError):
        lw.treedef_tuple(3)


def test_treedef_tuple_of_several_registries(lw: ModuleType) -> None:
    parts = [lw.tree_structure(1), lw.tree_structure(1, registry=lw.PyTreeRegistry())]
    with pytest.raises(ValueError) as caught:
        lw.treedef_tuple(parts)
    assert str(caught.value) == "PyTree registries of PyTreeDefs passed to Tuple() must match."


def test_compose_puts_the_inner_structure_in_place_of_each_leaf(lw: ModuleType) -> None:
    outer = lw.tree_structure([1, {"a": 2, "b": None}])
    inner = lw.tree_structure((1, [2]))
    composed = outer.compose(inner)
    assert repr(composed) == "PyTreeDef([(*, [*]), {'a': (*, [*]), 'b': None}])"
    assert composed == lw.tree_structure([(1, [2]), {"a": (3, [4]), "b": None}])
    assert (composed.num_leaves, composed.num_nodes) == (4, 11)
    assert composed.unflatten(range(4)) == [(0, [1]), {"a": (2, [3]), "b": None}]
    leaf = lw.tree_structure(1)
    assert outer.compose(leaf) == outer
    assert leaf.compose(inner) == inner
    assert lw.tree_structure([]).compose(inner) == lw.tree_structure([])


def test_compose_of_several_registries(lw: ModuleType) -> None:
    inner = lw.tree_structure(1, registry=lw.PyTreeRegistry())
    with pytest.raises(ValueError) as caught:
        lw.tree_structure([1]).compose(inner)
    text = "PyTree registries of PyTreeDefs passed to Compose() must match."
    assert str(caught.value) == text
    with pytest.raises(TypeError):
        lw.tree_structure([1]).compose([1])


def test_walk_calls_each_node_after_its_children(lw: ModuleType) -> None:
    tree = [1, {"b": 2, "a": (3, None)}, Pair(4, 5), Plain([6], "aux")]
    treedef = lw.tree_structure(tree)
    calls: list[Any] = []

    def f_node(children: Any, data: Any) -> str:
        calls.append((children, data))
        return f"n{len(calls)}"

    result = treedef.walk(f_node, lambda leaf: leaf * 10, lw.tree_leaves(tree))
    assert result == "n6"
    assert calls == [
        ((), None),
        ((30, "n1"), None),
        (("n2", 20), ["a", "b"]),
        ((40, 50), Pair),
        ((60,), "aux"),
        ((10, "n3", "n4", "n5"), None),
    ]
    assert {type(children) for children, _ in calls} == {tuple}


def test_walk_gives_ordered_mappings_their_metadata(lw: ModuleType) -> None:
    def data(tree: Any) -> Any:
        return lw.tree_structure(tree).walk(lambda children, data: data, None, [1, 2])

    assert data(OrderedDict(b=1, a=2)) == ("b", "a")
    assert data(defaultdict(int, b=1, a=2)) == (int, ("a", "b"))
    assert data(Record(1, 2, 3)) == (3,)


def test_walk_without_a_leaf_function_takes_the_leaves_as_they_are(lw: ModuleType) -> None:
    treedef = lw.tree_structure([1, (2,)])
    assert treedef.walk(lambda children, data: children, None, iter([5, 6])) == (5, (6,))
    assert lw.tree_structure(1).walk(None, None, ["leaf"]) == "leaf"


@pytest.mark.parametrize(
    "leaves, text",
    [([1], "Too few leaves for PyTreeDef"), ([1, 2, 3], "Too many leaves for PyTreeDef")],
)
def test_walk_needs_the_right_number_of_leaves(
    lw: ModuleType, leaves: list[int], text: str
) -> None:
    treedef = lw.tree_structure([1, (2,)])
    with pytest.raises(ValueError) as caught:
        treedef.walk(lambda children, data: children, None, leaves)
    assert str(caught.value) == text


def test_exceptions_in_walk_propagate(lw: ModuleType) -> None:
    treedef = lw.tree_structure([1, (2,)])
    with pytest.raises(ZeroDivisionError):
        treedef.walk(lambda children, data: 1 // 0, None, [1, 2])
    with pytest.raises(ZeroDivisionError):
        treedef.walk(lambda children, data: children, lambda leaf: 1 // 0, [1, 2])


def test_str_is_repr(lw: ModuleType) -> None:
    treedef = lw.tree_structure([1, Pair(None, {"k": (2,)})])
    text = "PyTreeDef([*, CustomNode(namedtuple[Pair], [None, {'k': (*,)}])])"
    assert repr(treedef) == str(treedef) == text
    shim = Plain([1], lw.tree_structure([1]))
    assert repr(lw.tree_structure(shim)) == "PyTreeDef(CustomNode(Plain[PyTreeDef([*])], [*]))"
    partial = lw.tree_structure(lw.Partial(max, 1))
    text = "PyTreeDef(CustomNode(Partial[<built-in function max>], [(*,), {}]))"
    assert repr(partial) == text


def test_exceptions_in_repr_propagate(lw: ModuleType) -> None:
    class Unprintable:
        def __repr__(self) -> str:
            raise LookupError("no repr")

    for tree in ({Unprintable(): 1}, Plain([1], Unprintable()), [Fields(1, 2, Unprintable())]):
        with pytest.raises(LookupError, match="no repr"):
            repr(lw.tree_structure(tree))


def test_repr_of_a_treedef_that_holds_itself_ends(lw: ModuleType) -> None:
    class Aux:
        treedef: Any = None

        def __repr__(self) -> str:
            return f"Aux({self.treedef!r})"

    aux = Aux()
    aux.treedef = lw.tree_structure(Plain([1], aux))
    assert repr(aux.treedef).startswith("PyTreeDef(CustomNode(Plain[Aux(")
    assert "..." in repr(aux.treedef)


def test_a_treedef_cannot_be_made_or_changed(lw: ModuleType) -> None:
    with pytest.raises(TypeError):
        lw.PyTreeDef()
    treedef = lw.tree_structure([1])
    for name in ("num_leaves", "num_nodes", "children", "anything"):
        with pytest.raises(AttributeError):
            setattr(treedef, name, 3)
    with pytest.raises(AttributeError):
        del treedef.num_leaves
    assert type(treedef) is lw.PyTreeDef


def test_a_treedef_without_a_structure_cannot_be_made() -> None:
    """Of the C++ core only, which could not bear one: the reference makes its own like that."""

    class Mine(leafwise.PyTreeDef):  # type: ignore[misc]
        pass

    class Made(leafwise.PyTreeDef):  # type: ignore[misc]
        def __new__(cls) -> Any:
            return object.__new__(cls)

    new: Any = leafwise.PyTreeDef.__new__
    calls: list[Callable[[], Any]] = [
        leafwise.PyTreeDef,
        lambda: new(leafwise.PyTreeDef),
        lambda: object.__new__(leafwise.PyTreeDef),
        lambda: copyreg.__newobj__(leafwise.PyTreeDef),  # type: ignore[attr-defined]
        Mine,
        lambda: new(Mine),
        lambda: object.__new__(Mine),
        Made,
    ]
    for call in calls:
        with pytest.raises(TypeError, match=r"no constructor defined|is not safe, use"):
            call()


def test_a_structure_too_large_for_any_memory() -> None:
    """Of the C++ core only: numbers of nodes are multiplied with care."""
    wide = leafwise.tree_structure([0] * 2_000_000)
    with pytest.raises(MemoryError):
        wide.compose(wide)


def test_the_treedef_owns_no_leaf(lw: ModuleType) -> None:
    import gc
    import weakref

    class Leaf:
        pass

    leaf = Leaf()
    dead = weakref.ref(leaf)
    treedef = lw.tree_structure([leaf, {"a": leaf}, Plain([leaf])])
    del leaf
    gc.collect()
    assert dead() is None
    assert treedef.num_leaves == 3
