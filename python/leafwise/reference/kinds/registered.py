"""Registered classes, whose nodes have metadata."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any, ClassVar

from leafwise.reference.errors import (
    ANOTHER_CLASS,
    UnmatchedError,
    UnplacedError,
    describe,
    short_repr,
    warn,
)
from leafwise.reference.keys import FlattenedIndexKey, GetAttrKey, KeyPath
from leafwise.reference.kinds.kind import Children, Kind, Node, Template, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping


class MetadataKind(Kind):
    """What is shown as a `CustomNode`, and has data that are compared as one object."""

    noun: ClassVar[str] = "custom node"
    # Whether subclasses are nodes likewise; or what gives their functions or fields.
    subclasses: bool | Callable[[type], tuple[Any, ...]] = False

    def match(self, node: Node, value: Any) -> Children:
        if type(value) is not self.nodetype:
            name, got = self.nodetype.__name__, describe(value)
            raise UnmatchedError(
                f"{self.noun.capitalize()} type mismatch: expected type: {self.nodetype!r}, "
                f"value: {short_repr(value)}.",
                name,
                ANOTHER_CLASS if got == name else got,
            )
        children, data = self.open(value)
        name = self.nodetype.__name__
        if not self.matches(node.data, data):
            expected, got = short_repr(node.data), short_repr(data)
            raise UnmatchedError(
                f"Mismatch {self.noun} data: {expected} != {got}; value: {short_repr(value)}.",
                f"{name} with metadata {expected}",
                f"{name} with metadata {got}",
            )
        if len(children) != node.arity:
            raise UnmatchedError(
                f"Custom type arity mismatch: {len(children)} != {node.arity}; "
                f"value: {short_repr(value)}.",
                f"{name} with {node.arity} children",
                f"{name} with {len(children)} children",
            )
        return children

    def template(self, node: Node) -> Template:
        opening = f"CustomNode({self.nodetype.__name__}[{node.data!s}], ["
        return listed(opening, [""] * node.arity, "])")

    def matches(self, mine: Any, theirs: Any) -> bool:
        return mine is theirs or not (mine != theirs)

    def same_data(self, mine: Any, theirs: Any) -> bool:
        try:
            return mine is theirs or not (mine != theirs)
        except MemoryError:
            raise
        except Exception as error:
            raise ValueError(self.incomparable()) from error

    def incomparable(self) -> str:
        return (
            "Exception raised while checking equality of metadata fields of pytree node of "
            f"type {self.nodetype!r}. Make sure that metadata fields are hashable and have "
            "simple equality semantics. (Note: arrays cannot be passed as metadata fields!)"
        )

    def describe(self, node: Node) -> str:
        return self.nodetype.__name__


class CustomKind(MetadataKind):
    """A class that was registered with functions to flatten and unflatten it."""

    name = "custom"

    def __init__(
        self,
        nodetype: type,
        flatten: Callable[..., Any],
        unflatten: Callable[..., Any],
        flatten_with_keys: Callable[..., Any] | None,
        rebuilt_by: Any = None,
    ) -> None:
        self.nodetype = nodetype
        self.flatten = flatten
        self.unflatten = unflatten
        self.flatten_with_keys = flatten_with_keys
        # What is the same in equal nodes. Python binds a class method anew each time it is read.
        self.rebuilt_by = unflatten if rebuilt_by is None else rebuilt_by
        if isinstance(unflatten, types.MethodType) and unflatten.__self__ is nodetype:
            self.rebuilt_by = unflatten.__func__

    def open(self, value: Any) -> tuple[Children, Any]:
        children, data = _checked_output(self.flatten(value), "to_iterable", "children")
        return (*children,), data

    def open_with_keys(self, value: Any) -> tuple[Children, Any, KeyPath]:
        if self.flatten_with_keys is None:
            return super().open_with_keys(value)
        function, wanted = "to_iterable_with_keys", "key_leaf_pairs"
        iterator, data = _checked_output(self.flatten_with_keys(value), function, wanted)
        pairs = list(iterator)
        for pair in pairs:
            if not isinstance(pair, tuple) or len(pair) != 2:
                # JAX's text has no end of the quotation, and no more words.
                advice = f"{_output_advice(function, wanted)} where 'child"
                problem = f"{advice}' is a (key, child) tuple, got {short_repr(pair)}"
                raise UnplacedError(ValueError(problem))
        return tuple([child for _, child in pairs]), data, tuple([key for key, _ in pairs])

    def build(self, data: Any, children: Children) -> Any:
        return self.unflatten(data, children)

    def keys(self, data: Any, arity: int) -> KeyPath:
        return tuple(map(FlattenedIndexKey, range(arity)))

    def one_level(self, value: Any) -> tuple[Iterable[Any], Any]:
        output = self.flatten(value)
        _checked_output(output, "to_iterable", "children")
        return output[0], output[1]

    def identity(self, data: Any) -> Hashable:
        return self.name, id(self.nodetype), id(self.rebuilt_by)


def _checked_output(output: Any, function: str, wanted: str) -> tuple[Iterator[Any], Any]:
    """Check what a registered function returned; give an iterator over children, and the data."""
    advice = _output_advice(function, wanted)
    if not isinstance(output, tuple) or len(output) != 2:
        raise UnplacedError(ValueError(f"{advice}, got {short_repr(output)}"))
    try:
        return iter(output[0]), output[1]
    except TypeError:
        problem = f"{advice} where '{wanted}' is iterable, got {short_repr(output)}"
        raise UnplacedError(ValueError(problem)) from None


def _output_advice(function: str, wanted: str) -> str:
    what = f"({wanted}, aux_data) tuple"
    return f"The {function} function for a custom PyTree node should return a {what}"


class DataclassKind(MetadataKind):
    """A class that was registered by its fields. The values of the meta fields are the data."""

    name = "dataclass"
    noun = "custom dataclass node"

    def __init__(
        self,
        nodetype: type,
        data: Iterable[str],
        meta: Iterable[str],
        construct: str = "init",
        order: Iterable[str] | None = None,
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        self.nodetype = nodetype
        # Not by `tuple`, which could be seen half made by the code that gives the names.
        self.data_fields = (*data,)
        self.meta_fields = (*meta,)
        names = self.data_fields + self.meta_fields
        self.order = names if order is None else (*order,)
        self.aliases = {} if aliases is None else dict(aliases)
        self.has_warned = False
        for name in (*names, *self.order, *self.aliases, *self.aliases.values()):
            if not isinstance(name, str):
                raise TypeError(f"field names must be str, got {name!r}")
        if construct not in ("init", "new"):
            raise ValueError(f"construct must be 'init' or 'new', got {construct!r}")
        self.construct = construct
        if sorted(self.order) != sorted(names):
            raise ValueError(
                f"order must have all fields, each once: {names!r}, got {self.order!r}"
            )
        if not self.aliases.keys() <= set(names):
            raise ValueError(f"aliases must be of fields: {names!r}, got {self.aliases!r}")
        self.is_struct_sequence = _is_struct_sequence(nodetype)
        if self.is_struct_sequence:
            _check_fields_of_struct_sequence(nodetype, self.meta_fields + self.data_fields)

    def open(self, value: Any) -> tuple[Children, Any]:
        data = [getattr(value, name) for name in self.meta_fields]
        return tuple([getattr(value, name) for name in self.data_fields]), tuple(data)

    def warn_of_unfit_metadata(self, data: Any) -> None:
        """Say once which meta field holds what other libraries, or a comparison, will refuse."""
        for name, value in zip(self.meta_fields, data, strict=True):
            reason = _unfit_as_metadata(type(value))
            if reason is not None and not self.has_warned:
                self.has_warned = True
                warn(
                    f"The field {name!r} of {self.nodetype!r} is metadata, a part of the treedef "
                    f"that is compared, but its value, of type {type(value).__name__}, {reason}. "
                    "Make it a data field, or keep what has a hash in it, such as a tuple.",
                    UserWarning,
                )

    def build(self, data: Any, children: Children) -> Any:
        names = self.meta_fields + self.data_fields
        values = dict(zip(names, data + children, strict=True))
        if self.is_struct_sequence:
            nodetype: Any = self.nodetype
            visible = _struct_sequence_fields(nodetype)[: nodetype.n_sequence_fields]
            return nodetype(tuple([values.pop(name) for name in visible]), values)
        if self.construct == "init":
            keywords = {self.aliases.get(name, name): value for name, value in values.items()}
            return self.nodetype(**keywords)
        make: Callable[..., Any] = self.nodetype.__new__
        built = make(self.nodetype)
        for name in self.order:
            object.__setattr__(built, name, values[name])
        return built

    def same_data(self, mine: Any, theirs: Any) -> bool:
        if len(mine) != len(theirs):
            return False
        for name, value, other in zip(self.meta_fields, mine, theirs, strict=True):
            try:
                if value is other or value == other:
                    continue
            except MemoryError:
                raise
            except Exception as error:
                field = f"The field is {name!r}, of type {type(value).__name__}."
                raise ValueError(f"{self.incomparable()} {field}") from error
            return False
        return True

    def matches(self, mine: Any, theirs: Any) -> bool:
        return self.same_data(mine, theirs)

    def keys(self, data: Any, arity: int) -> KeyPath:
        return tuple(map(GetAttrKey, self.data_fields))

    def identity(self, data: Any) -> Hashable:
        return self.name, id(self.nodetype), self.data_fields, self.meta_fields


def _unfit_as_metadata(of_type: type) -> str | None:
    # An array is known by these two: its == gives an array, whether it has a hash or not.
    if hasattr(of_type, "__array__") and hasattr(of_type, "__setitem__"):
        return "is an array"
    return "cannot be hashed" if of_type.__hash__ is None else None


def _is_struct_sequence(nodetype: Any) -> bool:
    """Whether it is a class like `time.struct_time`: a tuple with fields, made in C, and final."""
    can_be_derived_from = nodetype.__flags__ & 1 << 10
    return (
        nodetype.__base__ is tuple
        and not can_be_derived_from
        and "__new__" in vars(nodetype)
        and type(getattr(nodetype, "n_fields", None)) is int
    )


def _struct_sequence_fields(nodetype: type) -> tuple[str, ...]:
    members = vars(nodetype).items()
    return tuple([name for name, m in members if isinstance(m, types.MemberDescriptorType)])


def _check_fields_of_struct_sequence(nodetype: Any, names: tuple[str, ...]) -> None:
    fields = _struct_sequence_fields(nodetype)
    text = "a structseq is rebuilt from all of its fields"
    if len(fields) != nodetype.n_fields:
        raise ValueError(f"{text}, and some of {nodetype!r} have no names")
    if sorted(fields) != sorted(names):
        raise ValueError(f"{text}, which for {nodetype!r} are {fields!r}, got {names!r}")
