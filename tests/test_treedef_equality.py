"""PyTreeDef compared, hashed, pickled and copied."""

from __future__ import annotations

import copy
import dataclasses
import functools
import itertools
import pickle
from collections import OrderedDict, defaultdict, namedtuple
from types import ModuleType
from typing import Any

import pytest

import leafwise
from nodes import Constant, Fields, Keyed, Methods, Pair, Plain, Record, SubPair, Typed

OtherPair = namedtuple("Pair", "first second")
Bare = dataclasses.make_dataclass("Bare", ["x"])


class Local(Plain):
    """Registered by some tests, and there in registries of their own."""


DIFFERENT = [
    1,
    None,
    [],
    (),
    {},
    [1],
    (1,),
    [1, 2],
    [[1], 2],
    [1, [2]],
    [None],
    {"a": 1},
    {"b": 1},
    {"a": 1, "b": 2},
    {"a": {"b": 1}},
    OrderedDict(),
    OrderedDict(a=1),
    OrderedDict(a=1, b=2),
    OrderedDict(b=1, a=2),
    defaultdict(int, a=1),
    defaultdict(float, a=1),
    defaultdict(None, a=1),
    Pair(1, 2),
    SubPair(1, 2),
    OtherPair(1, 2),
    Typed(1, 2),
    Plain([1], "x"),
    Plain([1], "y"),
    Plain([1, 2], "x"),
    Keyed([1], "x"),
    Methods([1], "x"),
    Record(1, 2, tag="x"),
    Record(1, 2, tag="y"),
    Fields(1, 2, "x"),
    Constant(1),
    Constant(2),
]


def test_structures_that_differ(lw: ModuleType) -> None:
    treedefs = [lw.tree_structure(tree) for tree in DIFFERENT]
    for (i, left), (j, right) in itertools.product(enumerate(treedefs), repeat=2):
        assert (left == right) is (i == j), (left, right)
        assert (left != right) is (i != j), (left, right)


def test_the_same_children_in_another_order(lw: ModuleType) -> None:
    """Leaves without siblings that are nodes are not stored, others are; the sums are the same."""
    children = ["[1, 1]", "None", "None", "[None, None]", "[[1], None]"]
    orders = sorted(set(itertools.permutations(children)))
    treedefs = [lw.tree_structure(tuple(map(eval, order))) for order in orders]
    for (i, left), (j, right) in itertools.product(enumerate(treedefs), repeat=2):
        assert (left == right) is (i == j), (left, right)
    assert len({*treedefs}) == len(orders)


def trees_of(num_nodes: int) -> list[Any]:
    """All trees of so many nodes that are made of leaves, None, and lists that are not empty."""
    return [1, None] if num_nodes == 1 else list(lists_of(num_nodes - 1))


@functools.cache
def lists_of(num_nodes: int) -> list[list[Any]]:
    """All lists of trees that have so many nodes together."""
    if num_nodes == 0:
        return [[]]
    return [
        [first, *others]
        for size in range(1, num_nodes + 1)
        for first in trees_of(size)
        for others in lists_of(num_nodes - size)
    ]


def test_all_small_trees_have_structures_of_their_own(lw: ModuleType) -> None:
    treedefs = [lw.tree_structure(tree) for size in range(1, 6) for tree in trees_of(size)]
    assert len(treedefs) == 2 + 2 + 6 + 22 + 90
    for (i, left), (j, right) in itertools.product(enumerate(treedefs), repeat=2):
        assert (left == right) is (i == j), (left, right)


def test_no_two_of_many_small_trees_have_one_structure() -> None:
    """As many nodes as it takes for what is not stored of one tree to make up for the other's."""
    trees = [tree for size in range(1, 10) for tree in trees_of(size)]
    assert len(trees) == 2 + 2 + 6 + 22 + 90 + 394 + 1806 + 8558 + 41586  # Schroeder's numbers
    assert len({leafwise.tree_structure(tree) for tree in trees}) == len(trees)


SAME = [
    ([1, "a"], [object(), None.__class__]),
    ({"a": 1, "b": 2}, {"b": 5, "a": 6}),
    ({1: 1}, {True: 2}),
    ({1.0: 1}, {1: 2}),
    (defaultdict(int, a=1, b=2), defaultdict(int, b=1, a=2)),
    (Plain([1], [1, {}]), Plain([2], [1, {}])),
    (Record(1, 2, tag=[3]), Record(4, 5, tag=[3])),
    (Constant(3), Constant(3)),
]


@pytest.mark.parametrize("left, right", SAME, ids=lambda value: type(value).__name__)
def test_structures_that_are_equal_hash_alike(lw: ModuleType, left: Any, right: Any) -> None:
    for nest in (lambda tree: tree, lambda tree: [tree, (tree, 1)]):
        first, second = lw.tree_structure(nest(left)), lw.tree_structure(nest(right))
        assert first == second
        assert not first != second
        assert hash(first) == hash(second)
        assert {first: "found"}[second] == "found"


def test_other_objects_are_never_equal(lw: ModuleType) -> None:
    treedef = lw.tree_structure([1])
    for other in (3, None, "PyTreeDef([*])", [1], lw.SequenceKey(0)):
        assert (treedef == other) is False
        assert (treedef != other) is True
        assert (other == treedef) is False
    assert treedef.__eq__(3) is NotImplemented

    class Anything:
        def __eq__(self, other: object) -> bool:
            return True

    assert treedef == Anything()


def test_treedefs_have_no_order(lw: ModuleType) -> None:
    treedef = lw.tree_structure([1])
    with pytest.raises(TypeError):
        treedef < treedef  # noqa: B015


def test_the_registry_is_not_compared(lw: ModuleType) -> None:
    unflatten = Local.unflatten
    registries = [lw.PyTreeRegistry(), lw.PyTreeRegistry()]
    for registry in registries:
        lw.register_pytree_node(Local, Plain.flatten, unflatten, registry=registry)
        lw.register_dataclass(Bare, registry=registry)
    for tree in ([1, {"a": 2}], Local([1, 2], "aux"), Bare(1)):
        here, there = (lw.tree_structure(tree, registry=registry) for registry in registries)
        assert here == there
        assert hash(here) == hash(there)


def test_the_unflatten_function_is_compared(lw: ModuleType) -> None:
    registry = lw.PyTreeRegistry()
    lw.register_pytree_node(Plain, Plain.flatten, lambda a, c: Plain(c, a), registry=registry)
    assert lw.tree_structure(Plain([1])) != lw.tree_structure(Plain([1]), registry=registry)


def test_unrelated_dataclasses_differ(lw: ModuleType) -> None:
    def make() -> Any:
        return dataclasses.make_dataclass("Same", ["x"])

    registry = lw.PyTreeRegistry()
    first = lw.register_dataclass(make(), registry=registry)
    second = lw.register_dataclass(make(), registry=registry)
    one, other = (lw.tree_structure(cls(1), registry=registry) for cls in (first, second))
    assert one != other
    assert one == lw.tree_structure(first(2), registry=registry)


class Array:
    """Compares like a numpy array: the answer of `==` and `!=` has no truth value."""

    def __eq__(self, other: object) -> Any:
        return self

    def __ne__(self, other: object) -> Any:
        return self

    def __bool__(self) -> bool:
        raise ValueError("ambiguous")

    __hash__ = None  # type: ignore[assignment]


def test_metadata_is_compared_by_identity_first(lw: ModuleType) -> None:
    array = Array()
    assert lw.tree_structure(Plain([1], array)) == lw.tree_structure(Plain([2], array))
    assert hash(lw.tree_structure(Plain([1], array))) == hash(lw.tree_structure(Plain([2], array)))


def metadata_text(kind: type) -> str:
    return (
        "Exception raised while checking equality of metadata fields of pytree node of type "
        f"{kind!r}. Make sure that metadata fields are hashable and have simple equality "
        "semantics. (Note: arrays cannot be passed as metadata fields!)"
    )


@pytest.mark.filterwarnings("ignore:The field .* is metadata:UserWarning")
def test_a_field_that_cannot_be_compared_is_named(lw: ModuleType) -> None:
    kind = dataclasses.make_dataclass("Kind", ["x", "name", "scale"])
    registry = lw.PyTreeRegistry()
    lw.register_dataclass(kind, ["x"], ["name", "scale"], registry=registry)
    one, same = (lw.tree_structure(kind(1, "n", Array()), registry=registry) for _ in range(2))
    text = f"{metadata_text(kind)} The field is 'scale', of type Array."
    for compare in (
        lambda: one == same,
        lambda: one.flatten_up_to(kind(1, "n", Array())),
    ):
        with pytest.raises(ValueError) as caught:
            compare()
        assert str(caught.value).startswith(text)
        assert str(caught.value.__cause__) == "ambiguous"
    assert one != lw.tree_structure(kind(1, "other", Array()), registry=registry)


class Hateful:
    """Hashable and orderable, but comparing it for equality raises `error`."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __eq__(self, other: object) -> bool:
        raise self.error

    def __hash__(self) -> int:
        return 1

    def __lt__(self, other: object) -> bool:
        return False


@pytest.mark.parametrize(
    "make, kind",
    [
        (lambda aux: Plain([1], aux), Plain),
        (lambda aux: Record(1, 2, tag=aux), Record),
        (lambda aux: OrderedDict([(aux, 1)]), OrderedDict),
        (lambda aux: defaultdict(int, [(aux, 1)]), defaultdict),
    ],
    ids=["Plain", "Record", "OrderedDict", "defaultdict"],
)
def test_metadata_that_cannot_be_compared(lw: ModuleType, make: Any, kind: type) -> None:
    error = RuntimeError("boom")
    left, right = (lw.tree_structure([make(Hateful(error))]) for _ in range(2))
    for compare in (lambda: left == right, lambda: left != right):
        with pytest.raises(ValueError) as caught:
            compare()
        field = " The field is 'tag', of type Hateful." if kind is Record else ""
        assert str(caught.value) == metadata_text(kind) + field
        assert caught.value.__cause__ is error
    left, right = (lw.tree_structure([make(Hateful(KeyboardInterrupt()))]) for _ in range(2))
    with pytest.raises(KeyboardInterrupt):
        left == right  # noqa: B015


def test_arrays_as_metadata(lw: ModuleType) -> None:
    left, right = (lw.tree_structure(Plain([1], Array())) for _ in range(2))
    with pytest.raises(ValueError) as caught:
        left == right  # noqa: B015
    assert str(caught.value) == metadata_text(Plain)
    assert str(caught.value.__cause__) == "ambiguous"


def test_dict_keys_that_cannot_be_compared_raise_as_they_are(lw: ModuleType) -> None:
    error = LookupError("boom")
    left, right = (lw.tree_structure({Hateful(error): 1}) for _ in range(2))
    with pytest.raises(LookupError) as caught:
        left == right  # noqa: B015
    assert caught.value is error
    assert left == left


def test_metadata_need_not_be_hashable(lw: ModuleType) -> None:
    treedef = lw.tree_structure([Plain([1], [{}]), Record(1, 2, tag={1: []})])
    assert hash(treedef) == hash(lw.tree_structure([Plain([2], [{}]), Record(3, 4, tag={1: []})]))


def registered(lw: ModuleType) -> list[Any]:
    return [
        1,
        None,
        [1, (2, [None])],
        {"b": 1, "a": [2]},
        OrderedDict([("b", 1), ("a", 2)]),
        defaultdict(list, {"b": 1, "a": 2}),
        [Pair(1, SubPair(2, 3)), Typed(1)],
        Plain([1, Keyed([2], "k")], "aux"),
        [Methods([1], ("aux", 2)), Record(1, (2,), tag="t"), Fields(1, 2, "l"), Constant(4)],
        lw.Partial(max, 1, key=2),
    ]


def copies(treedef: Any) -> list[Any]:
    protocols = range(pickle.HIGHEST_PROTOCOL + 1)
    pickled = [pickle.loads(pickle.dumps(treedef, protocol)) for protocol in protocols]
    return [*pickled, copy.copy(treedef), copy.deepcopy(treedef)]


def test_pickle_and_copy(lw: ModuleType) -> None:
    for tree in registered(lw):
        leaves, treedef = lw.tree_flatten(tree)
        for twin in copies(treedef):
            assert type(twin) is lw.PyTreeDef
            assert twin == treedef
            assert hash(twin) == hash(treedef)
            assert repr(twin) == repr(treedef)
            assert (twin.num_leaves, twin.num_nodes) == (treedef.num_leaves, treedef.num_nodes)
            assert lw.tree_structure(twin.unflatten(leaves)) == treedef
            assert twin.flatten_up_to(tree) == leaves
            assert lw.treedef_tuple([twin, treedef]).num_leaves == 2 * len(leaves)


def test_a_copied_dict_structure_owns_its_keys(lw: ModuleType) -> None:
    twin = pickle.loads(pickle.dumps(lw.tree_structure({"b": 1, "a": 2})))
    assert twin.node_data() == (dict, ["a", "b"])
    assert list(twin.unflatten([1, 2]).items()) == [("a", 1), ("b", 2)]


def test_the_class_must_be_registered_when_loading(lw: ModuleType) -> None:
    lw.register_pytree_node(Local, Plain.flatten, Local.unflatten)
    try:
        data = pickle.dumps(lw.tree_structure(Local([1])))
        assert pickle.loads(data) == lw.tree_structure(Local([1]))
    finally:
        lw.unregister_pytree_node(Local)
    with pytest.raises((ValueError, RuntimeError, TypeError), match="Local"):
        pickle.loads(data)


def test_a_registry_without_a_name_cannot_be_pickled(lw: ModuleType) -> None:
    registry = lw.PyTreeRegistry()
    treedef = lw.tree_structure([1], registry=registry)
    with pytest.raises(TypeError) as caught:
        pickle.dumps(treedef)
    assert str(caught.value) == "Cannot pickle a PyTreeRegistry without a __name__"


def test_subclassing(lw: ModuleType) -> None:
    assert issubclass(type("Mine", (lw.PyTreeDef,), {}), lw.PyTreeDef)


class Wavering:
    """Metadata that are equal when it pleases them."""

    equal = True

    def __eq__(self, other: object) -> bool:
        return self.equal

    __hash__ = None  # type: ignore[assignment]


def test_treedefs_found_equal_stay_so_unless_metadata_waver(
    lw: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    steady = [lw.tree_structure([Plain([1], "".join(["x", "y"])), (2, {"a": 3})]) for _ in range(2)]
    others = [lw.tree_structure([Plain([1], "xy"), Plain([2], Wavering())]) for _ in range(2)]
    for equal in (True, True, False, False, True):
        monkeypatch.setattr(Wavering, "equal", equal)
        assert steady[0] == steady[1]
        assert steady[1] == steady[0]
        assert (others[0] == others[1]) is equal
        assert (others[1] == others[0]) is equal
