"""Classes that are nodes by their methods `__tree_flatten__` and `__tree_unflatten__`."""

from __future__ import annotations

import copy
import functools
import gc
import pickle
import weakref
from collections import namedtuple
from types import ModuleType
from typing import Any
from unittest import mock

import pytest

import leafwise
from interpreter import collects_classes
from remembering import TIMES, leaves_again


class Box:
    """Both methods, and `name` as auxiliary data."""

    def __init__(self, *children: Any, name: Any = "box") -> None:
        self.children = children
        self.name = name

    def __tree_flatten__(self) -> Any:
        return self.children, self.name

    @classmethod
    def __tree_unflatten__(cls, name: Any, children: Any) -> Box:
        return cls(*children, name=name)


class SubBox(Box):
    """A node as well, and rebuilt as itself."""


class Named(Box):
    """All three methods."""

    def __tree_flatten_with_keys__(self) -> Any:
        return [(f"child {i}", child) for i, child in enumerate(self.children)], self.name


class BoxDict(dict[str, Any]):
    """A dict by inheritance, a node by its methods."""

    def __tree_flatten__(self) -> Any:
        return list(self.values()), tuple(self)

    @classmethod
    def __tree_unflatten__(cls, names: Any, children: Any) -> BoxDict:
        return cls(zip(names, children, strict=True))


class BoxTuple(namedtuple("BoxTuple", "first second")):
    """A named tuple that has only its first item as a child."""

    def __tree_flatten__(self) -> Any:
        return self[:1], self[1]

    @classmethod
    def __tree_unflatten__(cls, second: Any, children: Any) -> BoxTuple:
        return cls(*children, second)


def two_methods(**more: Any) -> dict[str, Any]:
    return {
        "__init__": lambda self, *children: setattr(self, "children", children),
        "__tree_flatten__": lambda self: (self.children, None),
        "__tree_unflatten__": classmethod(lambda cls, _, children: cls(*children)),
        **more,
    }


def test_flatten_and_unflatten(lw: ModuleType) -> None:
    leaves, treedef = lw.tree_flatten([Box(1, (2,)), {"a": SubBox(3, name="sub")}])
    assert leaves == [1, 2, 3]
    assert repr(treedef) == (
        "PyTreeDef([CustomNode(Box[box], [*, (*,)]), {'a': CustomNode(SubBox[sub], [*])}])"
    )
    box, rest = treedef.unflatten("xyz")
    assert (type(box), box.children) == (Box, ("x", ("y",)))
    assert (type(rest["a"]), rest["a"].children, rest["a"].name) == (SubBox, ("z",), "sub")
    assert lw.is_tree_node(Box) is lw.is_tree_node(SubBox) is lw.is_tree_node(BoxDict) is True


def test_every_registry_knows_them(lw: ModuleType) -> None:
    parent = lw.PyTreeRegistry()
    for registry in (parent, lw.PyTreeRegistry(parent=parent), lw.none_leaf_registry):
        assert leaves_again(lw, [Box(1)], registry=registry) == [1]
        assert lw.is_tree_node(Box, registry=registry) is True
        one, other = lw.tree_structure([Box(1)], registry=registry), lw.tree_structure([Box(1)])
        assert one == other
        assert hash(one) == hash(other)
    assert lw.tree_structure(Box(1)) != lw.tree_structure(SubBox(1))


def test_treedefs_stay_equal_when_the_class_is_looked_at_again(lw: ModuleType) -> None:
    class Odd:
        def __get__(self, _: Any, cls: Any) -> Any:
            return functools.partial(cls.make)

    cls: Any = type("Late", (), two_methods())
    odd: Any = type(
        "OddLate",
        (),
        two_methods(__tree_unflatten__=Odd(), make=classmethod(lambda cls, _, xs: cls(*xs))),
    )
    before = lw.tree_structure([cls(1), odd(2)])
    cls.unrelated = odd.unrelated = 1
    if lw is leafwise:
        leafwise.clear_cache()
    after = lw.tree_structure([cls(1), odd(2)])
    assert before == after
    assert hash(before) == hash(after)
    assert type(before.unflatten([1, 2])[1]) is odd


def test_registered_like_its_methods_it_is_equal(lw: ModuleType) -> None:
    registry = lw.PyTreeRegistry()
    registry.register_node(Box, Box.__tree_flatten__, Box.__tree_unflatten__)
    mine = lw.tree_structure(Box(1), registry=registry)
    assert mine.unflatten([5]).children == (5,)
    assert mine == lw.tree_structure(Box(1), registry=lw.PyTreeRegistry(parent=registry))


def test_a_registration_wins(lw: ModuleType) -> None:
    parent = lw.PyTreeRegistry()
    child = lw.PyTreeRegistry(parent=parent)
    box = [Box(1, 2)]
    assert leaves_again(lw, box, registry=child) == [1, 2]
    parent.register_node(Box, lambda _: (["registered"], None), lambda _, xs: Box(*xs))
    assert leaves_again(lw, box, registry=child) == ["registered"]
    assert leaves_again(lw, [SubBox(3)], registry=child) == [3]
    assert leaves_again(lw, box) == [1, 2]
    parent.unregister_node(Box)
    assert leaves_again(lw, box, registry=child) == [1, 2]


def test_the_methods_win_over_what_it_is_otherwise(lw: ModuleType) -> None:
    tree = BoxTuple(1, "second"), BoxDict(b=2, a=3)
    leaves, treedef = lw.tree_flatten(tree)
    assert leaves == [1, 2, 3]
    rebuilt = treedef.unflatten([4, 5, 6])
    assert rebuilt == (BoxTuple(4, "second"), {"b": 5, "a": 6})
    assert list(map(type, rebuilt)) == [BoxTuple, BoxDict]


def test_paths(lw: ModuleType) -> None:
    pairs = lw.tree_leaves_with_path([Box(1), Named(2, 3)])
    assert pairs == [
        ((lw.SequenceKey(0), lw.FlattenedIndexKey(0)), 1),
        ((lw.SequenceKey(1), "child 0"), 2),
        ((lw.SequenceKey(1), "child 1"), 3),
    ]
    paths = lw.tree_map_with_path(lambda path, leaf: (path[-1], leaf), Named(1))
    assert paths.children == (("child 0", 1),)


def test_one_level(lw: ModuleType) -> None:
    assert lw.flatten_one_level(Box(1, [2])) == ((1, [2]), "box")
    pairs, aux = lw.flatten_one_level_with_keys(Named(1))
    assert (list(pairs), aux) == ([("child 0", 1)], "box")


def test_other_walks(lw: ModuleType) -> None:
    tree = [Box(1, Box(0)), 2]
    assert list(lw.tree_iter(tree)) == [1, 0, 2]
    assert lw.tree_all(tree) is False
    assert lw.tree_any(tree) is True
    assert lw.all_leaves([1, Box()]) is False
    assert lw.tree_reduce(lambda a, b: a + b, tree) == 3
    added = lw.tree_map(lambda a, b: a + b, tree, tree)
    assert lw.tree_leaves(added) == [2, 0, 4]
    assert lw.tree_leaves(lw.tree_broadcast(7, tree)) == [7, 7, 7]
    assert lw.tree_structure(Box(1, 2)).flatten_up_to(Box([1], 2)) == [[1], 2]
    assert lw.tree_leaves(tree, is_leaf=lambda x: type(x) is Box) == [tree[0], 2]


def test_mismatches(lw: ModuleType) -> None:
    with pytest.raises(lw.PyTreeMismatchError, match="Custom type arity mismatch: 1 != 2"):
        lw.tree_structure(Box(1, 2)).flatten_up_to(Box(1))
    with pytest.raises(lw.PyTreeMismatchError, match="Mismatch custom node data: 'box' != 'x'"):
        lw.tree_structure(Box(1)).flatten_up_to(Box(1, name="x"))
    (error,) = lw.prefix_errors([Box(1, 2)], [Box(1)])
    assert "Box" in str(error("tree"))
    (difference,) = lw.tree_diff([Box(1, 2)], [Box(1)])
    assert difference is not None


def test_pickle_and_copy(lw: ModuleType) -> None:
    treedef = lw.tree_structure([Box(1), BoxTuple(2, 3), {"a": Named(4)}])
    for made in (pickle.loads(pickle.dumps(treedef)), copy.deepcopy(treedef)):
        assert made == treedef
        assert lw.tree_leaves(made.unflatten([5, 6, 7])) == [5, 6, 7]
    if lw is leafwise:
        root = leafwise.tree_structure(Box(1, 2))
        again = leafwise.PyTreeDef.from_node_data_and_children(
            None, root.node_data(), root.children()
        )
        assert again == root


def test_a_pickle_of_what_is_none_any_more(lw: ModuleType, monkeypatch: Any) -> None:
    data = pickle.dumps(lw.tree_structure(SubBox(1)))
    monkeypatch.setattr(SubBox, "__tree_flatten__", None, raising=False)
    with pytest.raises(ValueError, match="Unknown custom type in pickled PyTreeDef"):
        pickle.loads(data)


def test_an_object_has_no_say(lw: ModuleType) -> None:
    class Lazy:
        def __getattr__(self, name: str) -> Any:
            return lambda *_: ((), None)

    class Proxy:
        def __getattribute__(self, name: str) -> Any:
            return lambda *_: ((), None)

    lazy, box = Lazy(), Box(1)
    lazy.__dict__.update(two_methods())
    box.__tree_flatten__ = box.__tree_unflatten__ = None  # type: ignore[method-assign]
    assert leaves_again(lw, [lazy, Proxy()])[0] is lazy
    assert leaves_again(lw, [box]) == [1]


def test_mocks_are_leaves(lw: ModuleType) -> None:
    mocks = [
        mock.Mock(),
        mock.MagicMock(),
        mock.Mock(spec=Box),
        mock.create_autospec(Box, instance=True),
        mock.MagicMock(name="node"),
    ]
    assert leaves_again(lw, mocks) == mocks


def test_a_class_itself_is_a_leaf(lw: ModuleType) -> None:
    assert leaves_again(lw, [Box, SubBox]) == [Box, SubBox]


def test_none_takes_inherited_methods_away(lw: ModuleType) -> None:
    class Opaque(Box):
        __tree_flatten__ = None  # type: ignore[assignment]

    class Numbered(Named):
        __tree_flatten_with_keys__ = None  # type: ignore[assignment]

    opaque = Opaque(1)
    assert leaves_again(lw, [opaque]) == [opaque]
    assert lw.is_tree_node(Opaque) is False
    ((path, _),) = lw.tree_leaves_with_path(Numbered(1))
    assert path == (lw.FlattenedIndexKey(0),)


def test_unflatten_alone_means_nothing(lw: ModuleType) -> None:
    cls: Any = type("Cls", (), {"__tree_unflatten__": lambda *_: None})
    thing = cls()
    assert leaves_again(lw, [thing]) == [thing]


@pytest.mark.parametrize("nothing", [{}, {"__tree_unflatten__": None}])
def test_flatten_alone_is_an_error(lw: ModuleType, nothing: Any) -> None:
    cls: Any = type("HalfNode", (), {"__tree_flatten__": lambda self: ((), None), **nothing})
    text = "HalfNode'> has __tree_flatten__, but no __tree_unflatten__: a node needs both"
    for call in (lw.tree_leaves, lw.tree_structure, lw.flatten_one_level, lw.tree_all):
        for _ in range(TIMES):
            with pytest.raises(TypeError, match=text):
                call(cls())
    with pytest.raises(TypeError, match=text):
        lw.is_tree_node(cls)
    assert lw.tree_leaves([1, cls()], is_leaf=lambda x: type(x) is cls)[0] == 1
    registry = lw.PyTreeRegistry()
    registry.register_node(cls, lambda _: ((1,), None), lambda *_: None)
    assert lw.tree_leaves(cls(), registry=registry) == [1]


def test_methods_that_cannot_be_called(lw: ModuleType) -> None:
    cls: Any = type("Cls", (), two_methods(__tree_unflatten__=3))
    with pytest.raises(TypeError, match=r"__tree_unflatten__ of .*Cls'> must be callable, got 3"):
        lw.tree_leaves(cls())
    cls = type("Cls", (), two_methods(__tree_flatten__=3))
    with pytest.raises(TypeError, match="'int' object is not callable"):
        lw.tree_leaves(cls())


def test_wrong_output(lw: ModuleType) -> None:
    cls: Any = type("Cls", (), two_methods(__tree_flatten__=lambda self: 3))
    with pytest.raises(ValueError, match="should return a \\(children, aux_data\\) tuple, got 3"):
        lw.tree_leaves(cls())
    cls = type("Cls", (), two_methods(__tree_flatten__=lambda self: 1 / 0))
    with pytest.raises(ZeroDivisionError):
        lw.tree_leaves(cls())


def test_other_methods_than_functions(lw: ModuleType) -> None:
    static: Any = type(
        "Static",
        (),
        {
            "__tree_flatten__": staticmethod(lambda: ((1,), "aux")),
            "__tree_unflatten__": staticmethod(lambda aux, children: (aux, children)),
        },
    )
    assert lw.tree_flatten(static())[1].unflatten([2]) == ("aux", (2,))
    of_class: Any = type(
        "OfClass", (), two_methods(__tree_flatten__=classmethod(lambda cls: ((cls,), None)))
    )
    assert lw.tree_leaves(of_class()) == [of_class]
    plain: Any = type("Plain", (), two_methods(__tree_unflatten__=lambda aux, xs: (aux, xs)))
    assert lw.tree_flatten(plain(1))[1].unflatten([2]) == (None, (2,))
    partial: Any = type("Partial", (), {"f": lambda self, x: ((x,), None)})
    partial.__tree_flatten__ = functools.partialmethod(partial.f, 5)
    partial.__tree_unflatten__ = classmethod(lambda *_: None)
    assert lw.tree_leaves(partial()) == [5]


def test_methods_that_come_and_go(lw: ModuleType) -> None:
    cls: Any = type("Late", (), {"children": (1, 2)})
    sub: Any = type("Sub", (cls,), {})
    trees = [[cls(), cls()], [sub()], {"a": cls(), "b": sub(), "c": 1}, cls()]
    for _ in range(2):
        for tree in trees:
            assert {type(leaf) for leaf in leaves_again(lw, tree)} <= {cls, sub, int}
        cls.__tree_unflatten__ = classmethod(lambda cls, *_: cls())
        cls.__tree_flatten__ = lambda self: (self.children, None)
        counts = [len(leaves_again(lw, tree)) for tree in trees]
        assert counts == [4, 2, 5, 2]
        cls.__tree_flatten__ = lambda self: (self.children[:1], None)
        assert [len(leaves_again(lw, tree)) for tree in trees] == [2, 1, 3, 1]
        del cls.__tree_flatten__
        assert lw.is_tree_node(cls) is lw.is_tree_node(sub) is False
        del cls.__tree_unflatten__


def test_a_named_tuple_gets_methods_later(lw: ModuleType) -> None:
    cls: Any = namedtuple("Later", "x y")
    tree = [cls(1, 2)]
    assert leaves_again(lw, tree) == [1, 2]
    treedef = lw.tree_structure(tree)
    cls.__tree_flatten__ = lambda self: (self[:1], self[1])
    cls.__tree_unflatten__ = classmethod(lambda cls, y, xs: cls(*xs, y))
    assert leaves_again(lw, tree) == [1]
    assert treedef.unflatten([3, 4]) == [cls(3, 4)]
    del cls.__tree_flatten__
    assert leaves_again(lw, tree) == [1, 2]


def test_bases_that_change(lw: ModuleType) -> None:
    class Before:
        children = (1,)

    cls: Any = type("Cls", (Before,), {})
    thing = cls()
    assert leaves_again(lw, [thing]) == [thing]
    cls.__bases__ = (Box,)
    thing.children, thing.name = (1,), None
    assert leaves_again(lw, [thing]) == [1]
    cls.__bases__ = (Before,)
    assert leaves_again(lw, [thing]) == [thing]


def test_an_iterator_meets_a_class_that_changes(lw: ModuleType) -> None:
    cls: Any = type("Late", (), {})
    things = [cls() for _ in range(4)]
    leaves = lw.tree_iter(things)
    assert [next(leaves), next(leaves)] == things[:2]
    cls.__tree_flatten__ = lambda self: ((1,), None)
    cls.__tree_unflatten__ = classmethod(lambda *_: None)
    assert list(leaves) == [1, 1]


def test_a_metaclass_is_not_asked(lw: ModuleType) -> None:
    class Odd(type):
        def __getattribute__(cls, name: str) -> Any:
            if name in ("__tree_flatten__", "__tree_unflatten__", "__mro__"):
                raise RuntimeError(name)
            return super().__getattribute__(name)

        def __getattr__(cls, name: str) -> Any:
            return lambda *_: ((), None)

        def __eq__(cls, other: object) -> bool:
            raise RuntimeError

        def __hash__(cls) -> int:
            raise RuntimeError

    leaf: Any = Odd("OddLeaf", (), {})
    node: Any = Odd("OddNode", (), two_methods())
    thing = leaf()
    (found,) = leaves_again(lw, [thing])
    assert found is thing
    assert leaves_again(lw, [node(1, 2)]) == [1, 2]
    assert type(lw.tree_map(str, node(1))) is node


class HostileKey:
    """Looks like a name in the dict of a class, until it is compared."""

    def __init__(self, name: str, hook: Any) -> None:
        self.name, self.hook, self.calls = name, hook, 0

    def __hash__(self) -> int:
        return hash(self.name)

    def __eq__(self, other: object) -> bool:
        self.calls += 1
        if self.calls < 100:
            self.hook()
        return False


@pytest.mark.filterwarnings("ignore:non-string key:RuntimeWarning")
@pytest.mark.parametrize("name", ["__tree_flatten__", "__tree_unflatten__"])
def test_hostile_keys_in_the_dict_of_a_class(lw: ModuleType, name: str) -> None:
    """Code that runs while a class is looked at, and changes it, the tree and what is known."""
    box: list[Any] = []

    def hook() -> None:
        box[0].attribute = object()
        tree.append(1)
        if lw is leafwise:
            leafwise.clear_cache()
        gc.collect()

    for methods in ({}, two_methods()):
        tree: list[Any] = []
        cls: Any = type("Hostile", (), {HostileKey(name, hook): 1, **methods})
        box[:] = [cls]
        tree[:] = [cls(), cls()]
        for _ in range(TIMES):
            lw.tree_leaves(tree)
            list(lw.tree_iter(tree))
            lw.tree_all(tree)
            lw.tree_structure([tree, {"a": cls()}])
            lw.is_tree_node(cls)


def test_flatten_that_changes_its_class(lw: ModuleType) -> None:
    cls: Any = type("Cls", (), two_methods())

    def flatten(self: Any) -> Any:
        if "__tree_flatten__" in vars(cls):
            del cls.__tree_flatten__
        if lw is leafwise:
            leafwise.clear_cache()
        gc.collect()
        return (1,), None

    for _ in range(TIMES):
        cls.__tree_flatten__ = flatten
        things = [cls(), cls()]
        leaves, treedef = lw.tree_flatten(things)
        assert leaves == [1, things[1]]
        assert type(treedef.unflatten([1, 2])[0]) is cls
        assert lw.tree_leaves(things) == things


def test_flatten_that_registers_its_class(lw: ModuleType) -> None:
    registry = lw.PyTreeRegistry()
    cls: Any = type("Cls", (), two_methods())

    def flatten(self: Any) -> Any:
        registry.register_node(cls, lambda _: (("registered",), None), lambda *_: cls())
        return (1,), None

    cls.__tree_flatten__ = flatten
    assert lw.tree_leaves([cls(), cls()], registry=registry) == [1, "registered"]


def test_unflatten_is_bound_by_code_that_fails(lw: ModuleType) -> None:
    class Failing:
        def __get__(self, _: Any, cls: Any) -> Any:
            raise KeyError(cls.__name__)

    cls: Any = type("Cls", (), two_methods(__tree_unflatten__=Failing()))
    for _ in range(TIMES):
        with pytest.raises(KeyError, match="Cls"):
            lw.tree_leaves([cls()])


def test_an_object_changes_its_class_under_way(lw: ModuleType) -> None:
    class Other:
        pass

    class Switching:
        def __get__(self, thing: Any, cls: Any) -> Any:
            if thing is not None:
                thing.__class__ = Other
            return lambda *_: ((1,), None)

    cls: Any = type(
        "Cls", (), two_methods(__tree_flatten__=Switching(), __tree_unflatten__=Switching())
    )
    assert lw.tree_leaves([cls(), cls()]) == [1, 1]


def test_many_classes(lw: ModuleType) -> None:
    classes: list[Any] = [type(f"Cls{i}", (), two_methods()) for i in range(1500)]
    tree = [cls(i) for i, cls in enumerate(classes)]
    for _ in range(2):
        leaves, treedef = lw.tree_flatten(tree)
        assert leaves == list(range(1500))
    assert list(map(type, treedef.unflatten(leaves))) == classes
    leaf_classes: list[Any] = [type(f"Leaf{i}", (), {}) for i in range(1500)]
    things = [cls() for cls in leaf_classes]
    assert leaves_again(lw, things) == things


@collects_classes
def test_classes_can_be_collected() -> None:
    """The reference remembers nothing."""
    cls: Any = type("Cls", (), two_methods())
    leaf: Any = type("Leaf", (), {})
    leaves_again(leafwise, [cls(1), {"a": cls(leaf())}])
    seen = [weakref.ref(cls), weakref.ref(leaf)]
    del cls, leaf
    leafwise.clear_cache()
    gc.collect()
    assert [ref() for ref in seen] == [None, None]


def test_dropping_what_was_seen_runs_code() -> None:
    """A finalizer of a class meets new ones while the table of seen classes is emptied."""
    registry = leafwise.PyTreeRegistry()

    def meet_another() -> None:
        cls: Any = type("Other", (), two_methods())
        assert leafwise.tree_leaves([cls(1)], registry=registry) == [1]

    for _ in range(10):
        cls: Any = type("Cls", (), two_methods())
        leafwise.tree_leaves([cls(1)], registry=registry)
        weakref.finalize(cls, meet_another)
        del cls
    leafwise.clear_cache()
    gc.collect()
