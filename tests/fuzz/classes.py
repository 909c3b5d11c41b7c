"""Classes that only one input knows, and the ways to register them."""

from __future__ import annotations

import dataclasses
from collections import namedtuple
from collections.abc import Callable
from typing import Any

from fuzz.reader import Reader

# All have these three attributes, and take them in this order; a registration may call any of them
# children or metadata.
NAMES = ["x", "y", "tag"]


def _plain() -> type:
    class Own:
        def __init__(self, x: Any, y: Any, tag: Any = None) -> None:
            self.x = x
            self.y = y
            self.tag = tag

    return Own


def _slots() -> type:
    class Slots:
        __slots__ = ("tag", "x", "y")

        def __init__(self, x: Any, y: Any, tag: Any = None) -> None:
            self.x = x
            self.y = y
            self.tag = tag

    return Slots


def _list() -> type:
    class OwnList(list):
        def __init__(self, x: Any, y: Any, tag: Any = None) -> None:
            super().__init__([x])
            self.x = x
            self.y = y
            self.tag = tag

    return OwnList


def _methods() -> type:
    class Unregistered(_plain()):  # type: ignore[misc]
        def __tree_flatten__(self) -> Any:
            return (self.x, self.y), self.tag

        @classmethod
        def __tree_unflatten__(cls, tag: Any, children: Any) -> Any:
            return cls(*children, tag)

    return Unregistered


def _dataclass(**options: Any) -> type:
    tag = dataclasses.field(default=None, metadata={"static": True})
    fields = [("x", Any), ("y", Any), ("tag", Any, tag)]
    return dataclasses.make_dataclass("Data", fields, eq=False, **options)


MAKERS: list[Callable[[], type]] = [
    _plain,
    _dataclass,
    lambda: _dataclass(frozen=True),
    lambda: _dataclass(slots=True),
    _slots,
    lambda: namedtuple("Triple", NAMES),
    _list,
    _methods,
]


def new_class(reader: Reader, known: list[type]) -> type:
    """A class that nobody has seen; one that derives from another, if there is one."""
    maker = reader.randrange(len(MAKERS) + 1)
    if maker < len(MAKERS):
        return MAKERS[maker]()
    return type("Derived", (reader.choice(known),), {}) if known else _plain()


def registration(reader: Reader, cls: type) -> Callable[[Any, Any], Any]:
    """A way to register a class, as a function of implementation and registry."""
    count = reader.randrange(4)
    names = NAMES[count:] + NAMES[:count]
    data, meta = names[: reader.randrange(4)], names[reader.randrange(4) :]
    subclasses = reader.yes()
    construct = reader.choice(["init", "new"])

    def flatten(node: Any) -> Any:
        return [node.x, node.y], node.tag

    def flatten_with_keys(node: Any) -> Any:
        return [("x", node.x), (count, node.y)], node.tag

    def unflatten(tag: Any, children: Any) -> Any:
        return cls(*children, tag)

    options = {"subclasses": subclasses}
    ways: list[Callable[[Any, Any], Any]] = [
        lambda lw, registry: lw.register_pytree_node(
            cls, flatten, unflatten, registry=registry, **options
        ),
        lambda lw, registry: lw.register_pytree_with_keys(
            cls, flatten_with_keys, unflatten, registry=registry, **options
        ),
        lambda lw, registry: lw.register_fields(
            cls, data, meta, construct=construct, registry=registry, **options
        ),
        lambda lw, registry: lw.register_fields(
            cls, ["x", "y"], ["tag"], construct=construct, registry=registry, **options
        ),
        lambda lw, registry: lw.register_dataclass(
            cls, construct=construct, registry=registry, **options
        ),
        lambda lw, registry: lw.register_static(cls, registry=registry, **options),
    ]
    return reader.choice(ways)


def taking_back(cls: type) -> Callable[[Any, Any], Any]:
    return lambda lw, registry: lw.unregister_pytree_node(cls, registry=registry)


def _read_seven(self: Any) -> int:
    return 7


def change_class(reader: Reader, cls: Any) -> str:
    """Change what finding or rebuilding the fields of an object depends on."""

    def init(self: Any, x: Any = None, y: Any = None, tag: Any = "changed") -> None:
        object.__setattr__(self, "x", y)

    def setattr_(self: Any, name: str, value: Any) -> None:
        object.__setattr__(self, name, [value])

    name, value = reader.choice(
        [
            ("y", 7),
            ("x", property(_read_seven)),
            ("__init__", init),
            ("__setattr__", setattr_),
            ("__getattr__", lambda self, name: name),
            ("__getattribute__", lambda self, name: name),
            ("__new__", lambda cls, *args, **keywords: object.__new__(cls)),
            ("_fields", ("a", "b", "c")),
            ("__tree_flatten__", lambda self: ([7], None)),
        ]
    )
    if reader.yes():
        delattr(cls, name)
        return f"del {cls.__name__}.{name}"
    setattr(cls, name, value)
    return f"{cls.__name__}.{name} = {value}"
