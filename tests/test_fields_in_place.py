"""Fields are read where objects keep them, and set there, whatever was done to object and class."""

from __future__ import annotations

import dataclasses
import gc
import random
import sys
import types
import weakref
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

import leafwise
from interpreter import has_gil
from leafwise import reference
from remembering import TIMES


class Plain:
    z = "default of the class"

    def __init__(self, x: Any, y: Any, z: Any) -> None:
        self.x = x
        self.y = y
        self.z = z


class Slotted:
    __slots__ = ("x", "y", "z")

    def __init__(self, x: Any, y: Any, z: Any) -> None:
        self.x = x
        self.y = y
        self.z = z


class SlottedBase:
    __slots__ = ("y",)


class SlotAndDict(SlottedBase):
    def __init__(self, x: Any, y: Any, z: Any) -> None:
        self.z = z
        self.y = y
        self.x = x


class ListWithFields(list[Any]):
    """Of a type that is not laid out as other objects are."""

    def __init__(self, x: Any, y: Any, z: Any) -> None:
        super().__init__([1, 2])
        self.x = x
        self.y = y
        self.z = z


CLASSES: list[Any] = [Plain, Slotted, SlotAndDict, ListWithFields]


def registries_with(cls: type, **options: Any) -> dict[ModuleType, Any]:
    found = {}
    for lw in (leafwise, reference):
        registry = found[lw] = lw.PyTreeRegistry()
        registry.register_dataclass_node(cls, ["x", "y"], ["z"], **options)
    return found


def values_of(rebuilt: Any) -> list[Any]:
    return [(type(each), each.x, each.y, each.z) for each in rebuilt]


def answer(lw: ModuleType, registry: Any, trees: list[Any]) -> Any:
    """All that can be seen of some objects, or the type of error and its text."""
    try:
        leaves, treedef = lw.tree_flatten(trees, registry=registry)
        paths = [
            (lw.keystr(path), leaf)
            for path, leaf in lw.tree_leaves_with_path(trees, registry=registry)
        ]
        subtrees = treedef.flatten_up_to(trees)
        return leaves, str(treedef), paths, subtrees, values_of(treedef.unflatten(leaves))
    except AttributeError as error:
        return str(error)


def compare(registries: Any, trees: list[Any]) -> None:
    expected = answer(reference, registries[reference], trees)
    for _ in range(TIMES):
        assert answer(leafwise, registries[leafwise], trees) == expected


def look_at_dict(each: Any) -> None:
    vars(each)


def replace_dict(each: Any) -> None:
    each.__dict__ = {"z": "z", "more": 1, "y": 2, "x": [3]}


def replace_dict_by_one_of_other_strings(each: Any) -> None:
    each.__dict__ = {"".join(["", name]): name * 2 for name in ["x", "y", "z"]}


def delete_and_set_again(each: Any) -> None:
    del each.x
    each.x = 5


def delete(each: Any) -> None:
    del each.y


def delete_metadata(each: Any) -> None:
    del each.z  # which Plain has by itself


def many_more(each: Any) -> None:
    for number in range(100):
        setattr(each, f"attribute_{number}", number)


def other_order(each: Any) -> None:
    for name in ("x", "y", "z"):
        delattr(each, name)
    for name in ("z", "y", "x"):
        setattr(each, name, [name])


def clear_dict(each: Any) -> None:
    each.__dict__.clear()


def no_change(each: Any) -> None:
    pass


CHANGES: list[Callable[[Any], None]] = [
    *(no_change, look_at_dict, replace_dict, replace_dict_by_one_of_other_strings),
    *(delete_and_set_again, delete, delete_metadata, many_more, other_order, clear_dict),
]


@pytest.mark.filterwarnings("ignore:The field .* is metadata:UserWarning")
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("cls", CLASSES)
def test_whatever_was_done_to_an_object(cls: Any, change: Any) -> None:
    def objects() -> list[Any]:
        return [cls(1, [2], "a"), cls((), {"k": 3}, "a"), cls(4, 5, "b")]

    registries = registries_with(cls)
    compare(registries, objects())
    for changed in ([0], [1], [2], [0, 1, 2]):
        trees = objects()
        for index in changed:
            try:
                change(trees[index])
            except (AttributeError, TypeError):
                assert cls is Slotted or cls is SlotAndDict
        compare(registries, trees)
        compare(registries, objects())


def test_objects_from_before_the_class_had_all_names() -> None:
    class Late:
        x: Any
        y: Any
        z: Any

    early = Late()
    registries = registries_with(Late, construct="new")
    for name in ("y", "z", "x"):
        compare(registries, [early])
        setattr(early, name, name)
    compare(registries, [early])


def names_of_class(count: int) -> list[str]:
    return [f"field_{number}" for number in range(count)]


@pytest.mark.parametrize("count", [1, 2, 5, 29, 30, 31, 40, 300])
@pytest.mark.parametrize("slots", [False, True])
def test_any_number_of_fields(count: int, slots: bool) -> None:
    names = names_of_class(count)
    cls = dataclasses.make_dataclass("Wide", names, slots=slots)
    registry = leafwise.PyTreeRegistry()
    registry.register_dataclass_node(cls, names[1:], names[:1], order=names)
    objects = [cls(*range(start, start + count)) for start in (0, 0, 7)]
    for _ in range(TIMES):
        leaves, treedef = leafwise.tree_flatten(objects, registry=registry)
        assert leaves == [leaf for start in (0, 0, 7) for leaf in range(start + 1, start + count)]
        assert treedef.unflatten(leaves) == objects


@pytest.mark.parametrize("known", [range(39, 9, -1), range(1, 40, 2), range(5), ()], ids=repr)
def test_some_names_have_no_place(known: Any) -> None:
    """Objects keep so many attributes in an array, and the rest in a dict, which replaces it."""
    names = names_of_class(40)
    cls: Any = dataclasses.make_dataclass("Half", names)
    early = cls.__new__(cls)
    for number in known:
        setattr(early, names[number], number)
    registry = leafwise.PyTreeRegistry()
    registry.register_dataclass_node(cls, names, [])
    leaves = [object() for _ in names]
    counts = [sys.getrefcount(leaf) for leaf in leaves]
    treedef = leafwise.tree_structure(cls(*leaves), registry=registry)
    for _ in range(TIMES):
        rebuilt = treedef.unflatten(leaves)
        assert list(vars(rebuilt).items()) == list(zip(names, leaves, strict=True))
        assert leafwise.tree_leaves(rebuilt, registry=registry) == leaves
    del rebuilt
    assert [sys.getrefcount(leaf) for leaf in leaves] == counts


def test_an_object_that_changes_its_class() -> None:
    class Reversed(Plain):
        def __init__(self, x: Any, y: Any, z: Any) -> None:
            self.z, self.y, self.x = z, y, x

    registries = registries_with(Plain)
    for registry in registries.values():
        registry.register_dataclass_node(Reversed, ["y", "x"], ["z"])

    def trees(changed: int) -> list[Any]:
        made = [Plain(1, 2, "a"), Reversed(3, 4, "a"), Plain(5, 6, "a"), Reversed(7, 8, "a")]
        for index in range(changed):
            made[index].__class__ = Plain if isinstance(made[index], Reversed) else Reversed
        return made

    for changed in (0, 1, 2, 3, 4, 0):
        compare(registries, trees(changed))


@pytest.mark.parametrize("seed", range(30))
def test_rebuilt_objects_are_like_any(seed: int) -> None:
    rng = random.Random(seed)
    names = names_of_class(rng.randint(1, 33))
    frozen = rng.random() < 0.3
    cls: Any = dataclasses.make_dataclass("Some", names, frozen=frozen)
    for _ in range(rng.randint(0, 3)):  # the class gets to know names in another order
        early = cls.__new__(cls)
        for name in rng.sample(names, rng.randint(0, len(names))):
            object.__setattr__(early, name, 1)
    registry = leafwise.PyTreeRegistry()
    meta = rng.sample(names, rng.randint(0, len(names)))
    data = [name for name in names if name not in meta]
    rng.shuffle(data)
    registry.register_dataclass_node(cls, data, meta, order=names)
    original = cls(*[f"value of {name}" for name in names])
    for _ in range(TIMES):
        leaves, treedef = leafwise.tree_flatten(original, registry=registry)
        rebuilt = treedef.unflatten(leaves)
        assert rebuilt == original
        assert list(vars(rebuilt).items()) == list(vars(original).items())
        rebuilt = treedef.unflatten(leaves)
        for name in rng.sample(names, len(names)):
            if rng.random() < 0.5:
                object.__delattr__(rebuilt, name)
            if rng.random() < 0.7:
                object.__setattr__(rebuilt, name, name)
            object.__setattr__(rebuilt, f"more_{name}", name)
        kept = {name: vars(rebuilt).get(name) for name in (*names, *(f"more_{n}" for n in names))}
        gc.collect()
        assert {name: getattr(rebuilt, name, None) for name in kept} == kept


def count_calls(function: Callable[[], object], name: str) -> int:
    """How often a Python function of this name is called meanwhile."""
    calls = 0

    def profile(frame: types.FrameType, event: str, _: Any) -> None:
        nonlocal calls
        calls += event == "call" and frame.f_code.co_name == name

    sys.setprofile(profile)
    try:
        function()
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize(
    "options", [{}, {"frozen": True}, {"slots": True}, {"frozen": True, "slots": True}], ids=str
)
def test_generated_constructors_are_not_called(options: Any) -> None:
    @dataclasses.dataclass(**options)
    class Generated:
        x: Any
        y: Any = 0
        z: Any = dataclasses.field(default_factory=str, kw_only=True)

    registries = registries_with(Generated, order=["x", "y", "z"])
    objects = [Generated(1, [2], z="a"), Generated(3, 4, z="b")]
    compare(registries, objects)
    leaves, treedef = leafwise.tree_flatten(objects, registry=registries[leafwise])
    for _ in range(TIMES):
        treedef.unflatten(leaves)
    # Without a GIL, attributes that are in no slots are left to the interpreter, and to the class.
    calls = 0 if has_gil() or "slots" in options else len(objects)
    assert count_calls(lambda: treedef.unflatten(leaves), "__init__") == calls
    assert treedef.unflatten(leaves) == objects


def with_post_init(cls: Any) -> Any:
    cls.__post_init__ = lambda self: None
    return dataclasses.dataclass(cls)


def with_own_init(cls: Any) -> Any:
    def __init__(self: Any, x: Any, y: Any, z: Any) -> None:  # noqa: N807
        self.x, self.y, self.z = x, y, z

    cls.__init__ = __init__
    return dataclasses.dataclass(cls)


def with_setattr(cls: Any) -> Any:
    cls.__setattr__ = lambda self, name, value: object.__setattr__(self, name, value)
    return dataclasses.dataclass(cls)


def with_new(cls: Any) -> Any:
    cls.__new__ = lambda cls, x, y, z: object.__new__(cls)
    return dataclasses.dataclass(cls)


def with_hidden_field(cls: Any) -> Any:
    cls.__annotations__["w"] = Any
    cls.w = dataclasses.field(default=None, init=False)
    return dataclasses.dataclass(cls)


@pytest.mark.parametrize(
    "make", [with_post_init, with_own_init, with_setattr, with_new, with_hidden_field]
)
def test_other_constructors_are_called(make: Any) -> None:
    class Own:
        x: Any
        y: Any
        z: Any

    cls = make(Own)
    registry = registries_with(cls, order=["x", "y", "z"])[leafwise]
    leaves, treedef = leafwise.tree_flatten([cls(1, 2, "a")], registry=registry)
    for _ in range(TIMES):
        calls = count_calls(lambda: treedef.unflatten(leaves), "__init__")
        assert calls == 1
        assert treedef.unflatten(leaves) == [cls(1, 2, "a")]


def test_a_constructor_that_is_replaced_later_is_called() -> None:
    cls = dataclasses.make_dataclass("Changing", ["x", "y", "z"])
    registry = registries_with(cls, order=["x", "y", "z"])[leafwise]
    leaves, treedef = leafwise.tree_flatten(cls(1, 2, "a"), registry=registry)
    for _ in range(TIMES):
        treedef.unflatten(leaves)
    generated = cls.__init__

    def __init__(self: Any, x: Any, y: Any, z: Any) -> None:  # noqa: N807
        generated(self, x * 10, y * 10, z)

    for _ in range(20):
        cls.__init__ = __init__
        assert treedef.unflatten(leaves) == cls(1, 2, "a")
        cls.__init__ = generated
        assert treedef.unflatten(leaves) == cls(1, 2, "a")
    code = generated.__code__
    try:
        generated.__code__ = (lambda self, x, y, z: setattr(self, "x", "code")).__code__
        assert treedef.unflatten(leaves).x == "code"
    finally:
        generated.__code__ = code
    assert treedef.unflatten(leaves).x == 1


@pytest.mark.parametrize("kind", ["property", "getattribute", "slot deleted"])
def test_a_class_that_changes(kind: str) -> None:
    class Changing(Slotted if kind == "slot deleted" else Plain):  # type: ignore[misc]
        pass

    registries = registries_with(Changing)
    trees = [Changing(1, [2], "a"), Changing(3, [4], "a")]
    for _ in range(2):
        compare(registries, trees)
        if kind == "property":
            Changing.x = property(lambda _: "from the property")
        elif kind == "getattribute":
            Changing.__getattribute__ = lambda self, name: (
                [name] if name == "x" else object.__getattribute__(self, name)
            )
        else:
            Changing.x = None
    for lw in (leafwise, reference):  # what is rebuilt cannot have a property set
        registry = registries[lw]
        for _ in range(TIMES):
            leaves = lw.tree_leaves(trees, registry=registry)
            assert leaves == reference.tree_leaves(trees, registry=registries[reference])


def test_a_class_that_changes_all_the_time() -> None:
    class Counted:
        count = 0

        def __init__(self, x: Any, y: Any, z: Any) -> None:
            Counted.count += 1
            self.x, self.y, self.z = x, y, z

    registries = registries_with(Counted)
    for number in range(50):
        trees = [Counted(number, [1], "a"), Counted(number, [2], "a")]
        compare(registries, trees)


def test_construct_new(lw: ModuleType) -> None:
    calls = []

    class Validated:
        def __init__(self, x: int, y: int, z: str) -> None:
            calls.append("init")
            self.x, self.y, self.z = x + 0, y + 0, z

        def __setattr__(self, name: str, value: Any) -> None:
            calls.append(name)
            super().__setattr__(name, value)

    registry = lw.PyTreeRegistry()
    registry.register_dataclass_node(
        Validated, ["x", "y"], ["z"], construct="new", order=["y", "z", "x"]
    )
    leaves, treedef = lw.tree_flatten(Validated(1, 2, "a"), registry=registry)
    calls.clear()
    placeholder = object()
    for _ in range(TIMES):
        rebuilt = treedef.unflatten([placeholder, 5])
        assert (type(rebuilt), list(vars(rebuilt).items())) == (
            Validated,
            [("y", 5), ("z", "a"), ("x", placeholder)],
        )
    assert (leaves, calls) == ([1, 2], [])


def test_construct_new_calls_an_own_new(lw: ModuleType) -> None:
    class Made:
        def __new__(cls, *args: Any) -> Any:
            made = object.__new__(cls)
            made.made = args
            return made

        def __init__(self, x: Any) -> None:
            self.x = x

    registry = lw.PyTreeRegistry()
    registry.register_dataclass_node(Made, ["x"], [], construct="new")
    leaves, treedef = lw.tree_flatten(Made(1), registry=registry)
    for _ in range(TIMES):
        assert vars(treedef.unflatten(leaves)) == {"made": (), "x": 1}


def test_construct_new_sets_properties(lw: ModuleType) -> None:
    class Shadowed:
        def __init__(self, x: Any) -> None:
            self._x = x

        @property
        def x(self) -> Any:
            return self._x

        @x.setter
        def x(self, value: Any) -> None:
            self._x = [value]

    registry = lw.PyTreeRegistry()
    registry.register_dataclass_node(Shadowed, ["x"], [], construct="new")
    leaves, treedef = lw.tree_flatten(Shadowed(1), registry=registry)
    for _ in range(TIMES):
        assert treedef.unflatten(leaves).x == [1]


def test_aliases(lw: ModuleType) -> None:
    class Private:
        def __init__(self, x: Any, name: Any = None) -> None:
            self._x, self._name = x, name

    registry = lw.PyTreeRegistry()
    registry.register_dataclass_node(
        Private, ["_x"], ["_name"], aliases={"_x": "x", "_name": "name"}
    )
    leaves, treedef = lw.tree_flatten(Private([1], "n"), registry=registry)
    for _ in range(TIMES):
        assert vars(treedef.unflatten(leaves)) == {"_x": [1], "_name": "n"}


@pytest.mark.parametrize(
    "options, error, text",
    [
        ({"construct": "call"}, ValueError, "construct must be 'init' or 'new', got 'call'"),
        ({"construct": 1}, ValueError, "construct must be 'init' or 'new', got 1"),
        ({"order": ["x"]}, ValueError, "order must have all fields, each once"),
        ({"order": ["x", "x"]}, ValueError, "order must have all fields, each once"),
        ({"order": ["x", "y", "y"]}, ValueError, "order must have all fields, each once"),
        ({"order": ["x", 1]}, TypeError, "field names must be str, got 1"),
        ({"aliases": {"w": "v"}}, ValueError, "aliases must be of fields"),
        ({"aliases": {"x": 1}}, TypeError, "field names must be str, got 1"),
    ],
)
def test_descriptions_that_do_not_fit(lw: ModuleType, options: Any, error: Any, text: str) -> None:
    registry = lw.PyTreeRegistry()
    with pytest.raises(error, match=text):
        registry.register_dataclass_node(Plain, ["x"], ["y"], **options)
    assert not registry.is_node(Plain)


def test_leaves_are_let_go() -> None:
    class Leaf:
        pass

    cls = dataclasses.make_dataclass("Holder", ["x", "y", "z"])
    registry = registries_with(cls, order=["x", "y", "z"])[leafwise]
    leaf = Leaf()
    alive = weakref.ref(leaf)
    tree = [cls(leaf, leaf, 0), cls(leaf, leaf, 0)]
    for _ in range(TIMES):
        leaves, treedef = leafwise.tree_flatten(tree, registry=registry)
        rebuilt = treedef.unflatten(leaves)
        rebuilt[0].x = rebuilt  # a cycle, which only the garbage collector finds
        with pytest.raises(ValueError, match="Too few leaves"):
            treedef.unflatten(leaves[:-1])
    del tree, leaf, leaves, rebuilt
    gc.collect()
    assert alive() is None
