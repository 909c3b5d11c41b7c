"""Classes that are nodes because a base class was registered with `subclasses=True`."""

from __future__ import annotations

import abc
import dataclasses
import gc
import pickle
import re
import weakref
from collections import namedtuple
from types import ModuleType
from typing import Any

import pytest

import leafwise
from interpreter import collects_classes
from remembering import TIMES, leaves_again


class Base:
    """Has what each way to register a class wants."""

    def __init__(self, *children: Any) -> None:
        self.children = children

    def tree_flatten(self) -> Any:
        return self.children, "aux"

    def tree_flatten_with_keys(self) -> Any:
        return [(f"child {i}", child) for i, child in enumerate(self.children)], "aux"

    @classmethod
    def tree_unflatten(cls, aux: Any, children: Any) -> Base:
        return cls(*children)


class Sub(Base):
    pass


class SubSub(Sub):
    pass


@dataclasses.dataclass
class Shape:
    center: Any
    name: Any = dataclasses.field(default="shape", metadata={"static": True})


@dataclasses.dataclass
class Circle(Shape):
    radius: Any = 0
    unit: Any = dataclasses.field(default="m", metadata={"static": True})


class PlainShape(Shape):
    """No dataclass of its own: it has the fields of its base."""


def flatten(thing: Any) -> Any:
    return thing.children, type(thing).__name__


def unflatten(name: str, children: Any) -> Any:
    return name, children


@pytest.fixture
def registry(lw: ModuleType) -> Any:
    return lw.PyTreeRegistry()


@pytest.fixture
def child(lw: ModuleType, registry: Any) -> Any:
    return lw.PyTreeRegistry(parent=registry)


def test_they_are_leaves_by_default(lw: ModuleType, registry: Any) -> None:
    sub = Sub(1)
    lw.register_pytree_node_class(Base, registry=registry)
    assert leaves_again(lw, [sub, Base(2)], registry) == [sub, 2]
    assert lw.is_tree_node(Sub, registry=registry) is False


def test_register_pytree_node(lw: ModuleType, registry: Any, child: Any) -> None:
    tree = [Sub(1), SubSub(2, 3), Base(4)]
    assert leaves_again(lw, tree, child) == tree
    lw.register_pytree_node(Base, flatten, unflatten, registry=registry, subclasses=True)
    for each in (registry, child):
        assert leaves_again(lw, tree, each) == [1, 2, 3, 4]
        assert lw.is_tree_node(SubSub, registry=each) is True
    one, other = (lw.tree_structure(tree, registry=each) for each in (registry, child))
    assert one == other
    assert hash(one) == hash(other)
    assert one.unflatten("abcd") == [("Sub", ("a",)), ("SubSub", ("b", "c")), ("Base", ("d",))]
    assert one.children()[0].node_data() == (Sub, "Sub")
    assert leaves_again(lw, tree, lw.default_registry) == tree


def test_register_pytree_node_class(lw: ModuleType, registry: Any, child: Any) -> None:
    result = lw.register_pytree_node_class(Base, registry=registry, subclasses=True)
    assert result is Base
    tree = [Sub(1), SubSub(2)]
    assert leaves_again(lw, tree, registry) == [1, 2]
    treedefs = [lw.tree_structure(tree, registry=each) for each in (registry, child)]
    assert treedefs[0] == treedefs[1]
    assert hash(treedefs[0]) == hash(treedefs[1])
    Sub.unrelated = 1  # type: ignore[attr-defined]
    assert lw.tree_structure(tree, registry=registry) == treedefs[0]
    assert list(map(type, treedefs[0].unflatten([3, 4]))) == [Sub, SubSub]


@pytest.mark.parametrize("with_flatten", [True, False])
def test_register_pytree_with_keys_class(
    lw: ModuleType, registry: Any, with_flatten: bool, monkeypatch: Any
) -> None:
    if not with_flatten:
        monkeypatch.delattr(Base, "tree_flatten")
    lw.register_pytree_with_keys_class(Base, registry=registry, subclasses=True)
    ((path, leaf),) = lw.tree_leaves_with_path(Sub(5), registry=registry)
    assert (path, leaf) == (("child 0",), 5)
    assert leaves_again(lw, [Sub(5)], registry) == [5]
    assert type(lw.tree_map(str, Sub(5), registry=registry)) is Sub


def test_register_pytree_with_keys(lw: ModuleType, registry: Any) -> None:
    lw.register_pytree_with_keys(
        Base, Base.tree_flatten_with_keys, unflatten, registry=registry, subclasses=True
    )
    assert leaves_again(lw, Sub(5), registry) == [5]
    ((path, _),) = lw.tree_leaves_with_path(Sub(5), registry=registry)
    assert path == ("child 0",)


def test_register_static(lw: ModuleType, registry: Any) -> None:
    class Name(str):
        pass

    class SubName(Name):
        pass

    lw.register_static(Name, registry=registry, subclasses=True)
    leaves, treedef = lw.tree_flatten([SubName("x"), "y"], registry=registry)
    assert leaves == ["y"]
    assert type(treedef.unflatten([1])[0]) is SubName


def test_register_dataclass(lw: ModuleType, registry: Any) -> None:
    lw.register_dataclass(Shape, registry=registry, subclasses=True)
    tree = [Circle([1], "big", 2, "km"), PlainShape(3), Shape(4)]
    assert leaves_again(lw, tree, registry) == [1, 2, 3, 4]
    treedef = lw.tree_structure(tree, registry=registry)
    assert treedef.children()[0].node_data() == (Circle, ("big", "km"))
    rebuilt = treedef.unflatten([5, 6, 7, 8])
    assert rebuilt == [Circle([5], "big", 6, "km"), PlainShape(7), Shape(8)]
    assert list(map(type, rebuilt)) == [Circle, PlainShape, Shape]
    (_, (path, _), *_) = lw.tree_leaves_with_path(tree, registry=registry)
    assert path == (lw.SequenceKey(0), lw.GetAttrKey("radius"))


def test_register_dataclass_by_lists(lw: ModuleType, registry: Any) -> None:
    lw.register_dataclass(Shape, ["center"], ["name"], registry=registry, subclasses=True)
    tree = [Circle(1, "big", 2, "km")]
    assert leaves_again(lw, tree, registry) == [1]
    assert lw.tree_map(str, tree, registry=registry) == [Circle("1", "big")]


def test_register_dataclass_without_some_fields(lw: ModuleType, registry: Any) -> None:
    dropped = (name for name in ["name", "unit"])
    lw.register_dataclass(Shape, drop_fields=dropped, registry=registry, subclasses=True)
    rebuilt = lw.tree_map(str, Circle(1, "big", 2, "km"), registry=registry)
    assert rebuilt == Circle("1", "shape", "2", "m")


def test_fields_that_do_not_fit(lw: ModuleType, registry: Any) -> None:
    @dataclasses.dataclass
    class Odd(Shape):
        area: Any = dataclasses.field(default=0, init=False)

    lw.register_dataclass(Shape, registry=registry, subclasses=True)
    for _ in range(TIMES):
        with pytest.raises(ValueError, match=r"Unexpected fields: {'area'}"):
            lw.tree_leaves([Odd(1)], registry=registry)


def test_what_is_registered_itself(lw: ModuleType, registry: Any, child: Any) -> None:
    registry.register_node(Sub, lambda _: (("before",), None), unflatten)
    lw.register_pytree_node_class(Base, registry=registry, subclasses=True)
    assert leaves_again(lw, [Sub(1)], child) == ["before"]
    registry.unregister_node(Sub)
    assert leaves_again(lw, [Sub(1), SubSub(2)], child) == [1, 2]
    old = lw.tree_structure([Sub(1)], registry=child)
    lw.register_pytree_node(Sub, lambda _: (("after",), None), unflatten, registry=child)
    assert leaves_again(lw, [Sub(1)], child) == ["after"]
    assert leaves_again(lw, [Sub(1)], registry) == [1]
    assert type(old.unflatten([1])[0]) is Sub
    with pytest.raises(ValueError, match=r"Cannot unregister .*Sub'>: it is not registered"):
        registry.unregister_node(Sub)


def test_the_nearest_registered_base_decides(lw: ModuleType, registry: Any, child: Any) -> None:
    thing = SubSub(1)
    registry.register_node(Base, lambda _: (("base",), None), unflatten, subclasses=True)
    assert leaves_again(lw, [thing], child) == ["base"]
    child.register_node(Sub, lambda _: (("sub",), None), unflatten, subclasses=True)
    assert leaves_again(lw, [thing], child) == ["sub"]
    assert leaves_again(lw, [thing], registry) == ["base"]
    child.unregister_node(Sub)
    assert leaves_again(lw, [thing], child) == ["base"]
    registry.register_node(Sub, lambda _: (("sub",), None), unflatten)
    assert leaves_again(lw, [thing, Sub()], child) == [thing, "sub"]
    registry.unregister_node(Sub)
    assert leaves_again(lw, [thing], child) == ["base"]


def test_the_base_is_unregistered(lw: ModuleType, registry: Any, child: Any) -> None:
    lw.register_dataclass(Shape, registry=registry, subclasses=True)
    tree = [Circle(1), {"a": PlainShape(2)}]
    for each in (registry, child):
        assert leaves_again(lw, tree, each) == [1, 0, 2]
    treedef = lw.tree_structure(tree, registry=child)
    lw.unregister_pytree_node(Shape, registry=registry)
    for each in (registry, child):
        assert leaves_again(lw, tree, each) == [tree[0], tree[1]["a"]]  # type: ignore[index]
        assert lw.is_tree_node(Circle, registry=each) is False
    assert treedef.unflatten([3, 4, 5]) == [Circle(3, radius=4), {"a": PlainShape(5)}]
    lw.register_dataclass(Shape, registry=registry, subclasses=True)
    assert leaves_again(lw, tree, child) == [1, 0, 2]


def test_multiple_inheritance(lw: ModuleType, registry: Any) -> None:
    class Other:
        children = ()

    class First(Base, Other):
        pass

    class Second(Other, Base):
        pass

    registry.register_node(Base, lambda _: (("base",), None), unflatten, subclasses=True)
    assert leaves_again(lw, [First(), Second()], registry) == ["base", "base"]
    registry.register_node(Other, lambda _: (("other",), None), unflatten, subclasses=True)
    assert leaves_again(lw, [First(), Second()], registry) == ["base", "other"]


def test_subclasses_of_built_in_types(lw: ModuleType, registry: Any) -> None:
    class Mapping(dict):  # type: ignore[type-arg]
        pass

    class SubMapping(Mapping):
        pass

    point: Any = namedtuple("point", "x y")
    sub: Any = type("SubPoint", (point,), {})
    registry.register_node(Mapping, lambda x: (list(x), None), unflatten, subclasses=True)
    registry.register_node(point, lambda x: (x[:1], None), unflatten, subclasses=True)
    tree = [SubMapping(a=1), point(1, 2), sub(3, 4), {"b": 5}]
    assert leaves_again(lw, tree, registry) == ["a", 1, 3, 5]


def test_bool_is_a_subclass_of_int(lw: ModuleType, registry: Any) -> None:
    tree = [True, 3, 0.5]
    assert leaves_again(lw, tree, registry) == tree
    lw.register_static(int, registry=registry, subclasses=True)
    assert leaves_again(lw, tree, registry) == [0.5]
    for _ in range(TIMES):
        assert list(lw.tree_iter([False], registry=registry)) == []
        assert lw.tree_all([False, 0, 0.5], registry=registry) is True


def test_object_has_too_many_subclasses(lw: ModuleType, registry: Any) -> None:
    with pytest.raises(ValueError, match="subclasses=True is not for <class 'object'>"):
        lw.register_static(object, registry=registry, subclasses=True)
    assert lw.tree_leaves([object], registry=registry) == [object]


def test_abstract_bases_and_metaclasses(lw: ModuleType, registry: Any) -> None:
    class Meta(abc.ABCMeta):
        def __getattribute__(cls, name: str) -> Any:
            if name == "__mro__":
                raise RuntimeError
            return super().__getattribute__(name)

        def __eq__(cls, other: object) -> bool:
            raise RuntimeError

        def __hash__(cls) -> int:
            return 1

    class Abstract(Base, metaclass=Meta):
        @abc.abstractmethod
        def method(self) -> None: ...

    class Concrete(Abstract):
        def method(self) -> None: ...

    class Virtual:
        pass

    Abstract.register(Virtual)
    virtual = Virtual()
    lw.register_pytree_node_class(Abstract, registry=registry, subclasses=True)
    leaves = leaves_again(lw, [Concrete(1), virtual], registry)
    assert leaves == [1, virtual]
    assert type(lw.tree_map(str, Concrete(1), registry=registry)) is Concrete


def test_methods_of_the_subclass(lw: ModuleType, registry: Any) -> None:
    """What stands nearer in the MRO wins; in one class, the registration."""

    class Methods(Base):
        def __tree_flatten__(self) -> Any:
            return ("methods",), None

        @classmethod
        def __tree_unflatten__(cls, aux: Any, children: Any) -> Any:
            return cls()

    class OfMethods(Methods):
        pass

    class Opaque(Base):
        __tree_flatten__ = None

    class Mixed(Sub, Methods):
        pass

    opaque = Opaque()
    tree = [Methods(), OfMethods(), opaque, Sub(1), Mixed()]
    assert leaves_again(lw, tree[:2], registry) == ["methods"] * 2
    registry.register_node(Base, lambda _: (("base",), None), unflatten, subclasses=True)
    assert leaves_again(lw, tree, registry) == ["methods"] * 2 + [opaque, "base", "methods"]
    registry.register_node(Methods, lambda _: (("both",), None), unflatten, subclasses=True)
    assert leaves_again(lw, tree[:2], registry) == ["both"] * 2
    registry.register_node(Sub, lambda _: (("sub",), None), unflatten, subclasses=True)
    assert leaves_again(lw, tree[4:], registry) == ["sub"]


def test_methods_that_come_later(lw: ModuleType, registry: Any) -> None:
    """With the structure in the cache: dataclasses are remembered."""
    cls: Any = type("Late", (Shape,), {})
    tree = [cls(1), cls(2)]
    lw.register_dataclass(Shape, registry=registry, subclasses=True)
    assert leaves_again(lw, tree, registry) == [1, 2]
    cls.__tree_unflatten__ = classmethod(lambda cls, *_: cls(0))
    cls.__tree_flatten__ = lambda self: (("methods",), None)
    assert leaves_again(lw, tree, registry) == ["methods"] * 2
    cls.__tree_flatten__ = None
    assert leaves_again(lw, tree, registry) == tree
    del cls.__tree_flatten__
    assert leaves_again(lw, tree, registry) == [1, 2]


def test_bases_that_change(lw: ModuleType, registry: Any) -> None:
    class Before:
        center, name = 1, "before"

    cls: Any = type("Cls", (Before,), {})
    tree = [cls()]
    lw.register_dataclass(Shape, registry=registry, subclasses=True)
    assert leaves_again(lw, tree, registry) == tree
    cls.__bases__ = (PlainShape,)
    tree[0].center = 5
    assert leaves_again(lw, tree, registry) == [5]
    cls.__bases__ = (Before,)
    assert leaves_again(lw, tree, registry) == tree


def test_other_walks(lw: ModuleType, registry: Any) -> None:
    lw.register_pytree_node_class(Base, registry=registry, subclasses=True)
    tree = [Sub(1, Sub(0)), 2]
    options = {"registry": registry}
    assert list(lw.tree_iter(tree, **options)) == [1, 0, 2]
    assert lw.tree_all(tree, **options) is False
    assert lw.all_leaves([Sub()], **options) is False
    assert lw.flatten_one_level(Sub(1), **options) == ((1,), "aux")
    assert lw.tree_structure(Sub(1), **options).flatten_up_to(Sub([2])) == [[2]]
    with pytest.raises(lw.PyTreeMismatchError, match="Custom node type mismatch"):
        lw.tree_structure(Sub(1), **options).flatten_up_to(SubSub(2))
    assert len(lw.prefix_errors(Sub(1), Base(1), **options)) == 1


def test_pickle(lw: ModuleType) -> None:
    lw.register_pytree_node_class(Base, subclasses=True)
    lw.register_dataclass(Shape, subclasses=True)
    try:
        treedef = lw.tree_structure([Sub(1), Circle(2)])
        data = pickle.dumps(treedef)
        assert pickle.loads(data) == treedef
        assert type(pickle.loads(data).unflatten([1, 2, 3])[1]) is Circle
    finally:
        lw.unregister_pytree_node(Base)
        lw.unregister_pytree_node(Shape)
    with pytest.raises(ValueError, match="Unknown custom type in pickled PyTreeDef"):
        pickle.loads(data)


def test_the_argument(lw: ModuleType, registry: Any) -> None:
    for wrong in (1, "yes", None, lambda _: None):
        text = f"subclasses must be a bool, got {wrong!r}"
        with pytest.raises(TypeError, match=re.escape(text)):
            lw.register_pytree_node(Base, flatten, unflatten, registry=registry, subclasses=wrong)
        for register in (
            lw.register_pytree_node_class,
            lw.register_pytree_with_keys_class,
            lw.register_static,
        ):
            with pytest.raises(TypeError, match=re.escape(text)):
                register(Base, registry=registry, subclasses=wrong)
        with pytest.raises(TypeError, match=re.escape(text)):
            lw.register_dataclass(Shape, registry=registry, subclasses=wrong)
    with pytest.raises(TypeError, match="subclasses must be a bool or a callable, got 1"):
        registry.register_node(Base, flatten, unflatten, subclasses=1)
    with pytest.raises(TypeError, match="subclasses must be a bool or a callable, got 1"):
        registry.register_dataclass_node(Base, [], [], subclasses=1)
    assert lw.is_tree_node(Base, registry=registry) is False


def test_a_function_derives(lw: ModuleType, registry: Any) -> None:
    registry.register_node(
        Base,
        flatten,
        unflatten,
        subclasses=lambda cls: (lambda _: ((cls,), None), lambda _, children: cls(), None),
    )
    assert leaves_again(lw, [Base(1), SubSub(2)], registry) == [1, SubSub]
    registry.register_dataclass_node(
        Shape, ["center"], ["name"], subclasses=lambda cls: (["name"], [])
    )
    assert leaves_again(lw, [Shape(1, "a"), Circle(2, "b")], registry) == [1, "b"]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (None, "subclasses must return a tuple (flatten_func, unflatten_func, flatten_with_keys_"),
        ((flatten, unflatten), "for <class 'test_subclasses.Sub'>, got (<function flatten"),
        ((1, unflatten, None), "flatten_func of <class 'test_subclasses.Sub'> must be callable"),
        ((flatten, 1, None), "unflatten_func of <class 'test_subclasses.Sub'> must be callable"),
        ((flatten, unflatten, 1), "flatten_with_keys_func of <class 'test_subclasses.Sub'> must"),
    ],
)
def test_a_function_derives_nonsense(lw: ModuleType, registry: Any, given: Any, text: str) -> None:
    registry.register_node(Base, flatten, unflatten, subclasses=lambda _: given)
    text = text.replace("test_subclasses.", f"{__name__}.")
    with pytest.raises(TypeError, match=re.escape(text)):
        lw.tree_leaves(Sub(1), registry=registry)


def test_a_function_derives_wrong_fields(lw: ModuleType, registry: Any) -> None:
    given: list[Any] = [(["center"],), ([1], [])]
    registry.register_dataclass_node(Shape, ["center"], [], subclasses=lambda _: given.pop())
    with pytest.raises(TypeError, match="field names must be str, got 1"):
        lw.tree_leaves(Circle(1), registry=registry)
    with pytest.raises(TypeError, match=r"must return a tuple \(data_fields, meta_fields\) for"):
        lw.tree_leaves(Circle(1), registry=registry)


def test_a_function_that_fails_or_changes_what_is_registered(lw: ModuleType, registry: Any) -> None:
    def fail(_: Any) -> Any:
        raise KeyError("derive")

    def unregister(cls: Any) -> Any:
        registry.unregister_node(Base)
        cls.attribute = 1
        if lw is leafwise:
            leafwise.clear_cache()
        gc.collect()
        return flatten, unflatten, None

    def register(cls: Any) -> Any:
        registry.register_node(cls, lambda _: (("registered",), None), unflatten)
        return flatten, unflatten, None

    registry.register_node(Base, flatten, unflatten, subclasses=fail)
    for _ in range(TIMES):
        with pytest.raises(KeyError, match="derive"):
            lw.tree_leaves([Sub(1)], registry=registry)
    registry.unregister_node(Base)

    things = [Sub(1), Sub(2)]
    for _ in range(TIMES):
        registry.register_node(Base, flatten, unflatten, subclasses=unregister)
        assert lw.tree_leaves(things, registry=registry) == [1, things[1]]
        assert lw.tree_leaves(things, registry=registry) == things

    registry.register_node(Base, flatten, unflatten, subclasses=register)
    assert lw.tree_leaves(things, registry=registry) == [1, "registered"]


def test_a_flatten_function_unregisters_the_base(lw: ModuleType, registry: Any) -> None:
    def flatten_once(thing: Any) -> Any:
        registry.unregister_node(Base)
        gc.collect()
        return thing.children, None

    things = [Sub(1), SubSub(2)]
    for _ in range(TIMES):
        registry.register_node(Base, flatten_once, unflatten, subclasses=True)
        leaves, treedef = lw.tree_flatten(things, registry=registry)
        assert leaves == [1, things[1]]
        assert treedef.unflatten([3, 4]) == [(None, (3,)), 4]


@collects_classes
def test_registries_and_subclasses_can_be_collected() -> None:
    """The reference remembers nothing."""
    registry: Any = leafwise.PyTreeRegistry()
    sub: Any = type("Sub", (Base,), {"registry": registry})
    registry.register_node(Base, flatten, unflatten, subclasses=True)
    assert leaves_again(leafwise, [sub(1)], registry) == [1]
    seen = [weakref.ref(sub), weakref.ref(registry)]
    del sub, registry
    gc.collect()
    assert [ref() for ref in seen] == [None, None]


@collects_classes
def test_an_unregistered_base_lets_go_of_subclasses() -> None:
    registry: Any = leafwise.PyTreeRegistry()
    sub: Any = type("Sub", (Base,), {})
    registry.register_node(Base, flatten, unflatten, subclasses=True)
    assert leaves_again(leafwise, [sub(1)], registry) == [1]
    registry.unregister_node(Base)
    seen = weakref.ref(sub)
    del sub
    gc.collect()
    assert seen() is None
