"""Tuples and lists, exactly these types, and named tuples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from leafwise.reference.errors import UnmatchedError, describe_length, short_repr
from leafwise.reference.keys import GetAttrKey, KeyPath
from leafwise.reference.kinds.kind import Children, Kind, Node, Template, listed

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable


class _SequenceKind(Kind):
    noun: ClassVar[str]
    one_level_type: ClassVar[type] = tuple

    def open(self, value: Any) -> tuple[Children, Any]:
        return tuple(value), None

    def build(self, data: Any, children: Children) -> Any:
        return self.nodetype(children)

    def is_like(self, node: Node, value: Any) -> bool:
        return type(value) is self.nodetype

    def match(self, node: Node, value: Any) -> Children:
        if not self.is_like(node, value):
            raise UnmatchedError(f"Expected {self.noun}, got {short_repr(value)}.")
        if len(value) != node.arity:
            raise UnmatchedError(
                f"{self.noun.capitalize()} arity mismatch: {len(value)} != {node.arity}; "
                f"{self.nodetype.__name__}: {short_repr(value)}."
            )
        return tuple(value)

    def one_level(self, value: Any) -> tuple[Iterable[Any], Any]:
        return value, None  # its own children


class _TupleKind(_SequenceKind):
    name = noun = "tuple"
    nodetype = tuple

    def template(self, node: Node) -> Template:
        return listed("(", [""] * node.arity, ",)" if node.arity == 1 else ")")


class _ListKind(_SequenceKind):
    name = noun = "list"
    nodetype = list

    def template(self, node: Node) -> Template:
        return listed("[", [""] * node.arity, "]")


class _NamedTupleKind(_SequenceKind):
    """All subclasses of tuple with an attribute `_fields`; the class is the data."""

    name = "namedtuple"
    noun = "named tuple"
    nodetype = tuple
    one_level_type = list

    def open(self, value: Any) -> tuple[Children, Any]:
        return tuple(value), type(value)

    def build(self, data: Any, children: Children) -> Any:
        return data(*children)

    def is_mine(self, value: Any) -> bool:
        return issubclass(type(value), tuple) and hasattr(value, "_fields")

    def is_like(self, node: Node, value: Any) -> bool:
        # A class whose `_fields` were deleted is as good as one that was unregistered: treedefs
        # made before can be used as before.
        return type(value) is node.data or self.is_mine(value)

    def match(self, node: Node, value: Any) -> Children:
        children = super().match(node, value)
        if type(value) is not node.data:
            raise UnmatchedError(
                f"Named tuple type mismatch: expected type: {node.data!r}, "
                f"tuple: {short_repr(value)}."
            )
        return children

    def template(self, node: Node) -> Template:
        opening = f"CustomNode(namedtuple[{node.data.__name__}], ["
        return listed(opening, [""] * node.arity, "])")

    def keys(self, data: Any, arity: int) -> KeyPath:
        fields = getattr(data, "_fields", None)
        if not isinstance(fields, tuple) or len(fields) != arity:
            raise ValueError(
                "A namedtuple's _fields attribute should have the same size as the tuple."
            )
        return tuple([GetAttrKey(str(field)) for field in fields])

    def one_level(self, value: Any) -> tuple[Iterable[Any], Any]:
        return list(value), type(value)

    def node_data(self, data: Any) -> tuple[Any, Any]:
        return data, None

    def identity(self, data: Any) -> Hashable:
        return self.name, id(data)

    def describe(self, node: Node) -> str:
        return describe_length(node.data, node.arity)


TUPLE, LIST, NAMEDTUPLE = _TupleKind(), _ListKind(), _NamedTupleKind()
