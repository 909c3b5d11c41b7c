"""Making classes nodes that are described by their fields, and taken apart by the core itself.

Of such a class it is enough to know the names of its fields: no function has to be called to take
its objects apart. Data fields are children, meta fields are auxiliary data.
"""

from __future__ import annotations

from leafwise._core import default_registry, short_repr
from leafwise.registering import check_class, checked_bool, checked_registry, tell_listeners

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, Literal, TypeVar

    from leafwise._core import PyTreeRegistry

    _Class = TypeVar("_Class", bound=type[Any])
    Construct = Literal["init", "new"]
    # Data fields, meta fields, construct, order and aliases, as the registry wants them.
    _Description = tuple[list[str], list[str], Construct, list[str] | None, dict[str, str] | None]

__all__ = ["register_attrs", "register_dataclass", "register_fields"]


class _Field:
    """What counts of a field of a dataclass or an attrs class."""

    __slots__ = ("alias", "init", "is_static", "name")

    def __init__(self, field: Any) -> None:
        self.name: str = field.name
        self.init: bool = field.init
        self.is_static = bool(field.metadata.get("static", False))
        # What the constructor calls it. Dataclasses have no other names.
        self.alias: str = getattr(field, "alias", field.name)


def register_dataclass(
    nodetype: _Class,
    data_fields: Sequence[str] | None = None,
    meta_fields: Sequence[str] | None = None,
    drop_fields: Sequence[str] | None = (),
    *,
    construct: Construct = "init",
    subclasses: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> _Class:
    """Make the objects of a dataclass nodes whose children are their fields.

    Args:
        nodetype: A dataclass; a class made by `attrs`; or any class that can be called with its
            fields as keyword arguments.
        data_fields: The names of the fields that are children; of a str, as in jax, each letter is
            a name. Without it and `meta_fields`, all fields of a dataclass, except those with
            `metadata={"static": True}`, which are `meta_fields`.
        meta_fields: The names of the fields that are auxiliary data.
        drop_fields: The names of fields that are neither, and get their defaults. None for those
            with `init=False`.
        construct: How an object is rebuilt. `"init"` calls the class with its fields as keyword
            arguments. `"new"` makes the object by `__new__` and sets its fields, those with
            `init=False` as well, so that a constructor that checks its arguments does not see what
            happens to be in a tree.
        subclasses: Whether objects of derived classes are nodes as well, with all fields that these
            have, unless the fields were named.
        registry: Where to register the class.

    Returns:
        The class, so that this can be its decorator.

    Warns:
        UserWarning: When a tree is flattened, once for each class: a meta field holds an array, or
            what has no hash. Treedefs with it cannot be compared, or not by other libraries.

    Raises:
        TypeError: Only one of `data_fields` and `meta_fields` was given, or none for a class that
            is not a dataclass.
        ValueError: The class is registered already; or a field is missing, unexpected, or both data
            and meta; or `construct` is something else.

    Example:
        >>> import dataclasses, leafwise
        >>> @leafwise.register_dataclass
        ... @dataclasses.dataclass
        ... class Layer:
        ...     weights: list
        ...     name: str = dataclasses.field(metadata={"static": True})
        >>> leafwise.tree_map(lambda x: 10 * x, Layer([1, 2], "first"))
        Layer(weights=[10, 20], name='first')
        >>> leafwise.unregister_pytree_node(Layer)
    """
    drop_fields = None if drop_fields is None else list(drop_fields)
    description = _describe(nodetype, data_fields, meta_fields, drop_fields, construct)

    def describe(subclass: type[Any]) -> tuple[Any, ...]:
        return _describe(subclass, None, None, drop_fields, construct)

    # Derived classes may have more fields.
    heirs: Any = checked_bool("subclasses", subclasses)
    if subclasses and data_fields is None:
        heirs = describe
    return _register(nodetype, description, heirs, registry)


def _describe(
    nodetype: Any,
    data_fields: Sequence[str] | None,
    meta_fields: Sequence[str] | None,
    drop_fields: Sequence[str] | None,
    construct: Construct,
) -> _Description:
    """Check what was given, and find what was not; `drop_fields` is None for what `init` leaves."""
    check_class("nodetype", nodetype)
    fields = _fields_of(nodetype)
    if drop_fields is None:
        drop_fields = [f.name for f in fields or () if not f.init and construct != "new"]
    if data_fields is None or meta_fields is None:
        if data_fields is not None or meta_fields is not None:
            raise TypeError(
                "register_dataclass: data_fields and meta_fields must both be specified when "
                f"either is specified. Got {data_fields=} {meta_fields=}."
            )
        if fields is None:
            raise TypeError(
                "register_dataclass: data_fields and meta_fields are required when nodetype is not "
                f"a dataclass. Got {nodetype=}."
            )
        dropped = set(drop_fields)
        kept = [field for field in fields if field.name not in dropped]
        data_fields = [field.name for field in kept if not field.is_static]
        meta_fields = [field.name for field in kept if field.is_static]

    data_fields, meta_fields = list(data_fields), list(meta_fields)
    data, meta = set(data_fields), set(meta_fields)
    if fields is not None:
        wanted = {field.name for field in fields if field.init or construct == "new"}
        wanted.difference_update(drop_fields)
        if wanted != data | meta:
            raise ValueError(
                "data_fields and meta_fields must include all dataclass fields with ``init=True`` "
                "and only them."
                + _wrong_fields(missing=wanted - data - meta, extra=(data | meta) - wanted)
            )
    if data & meta:
        raise ValueError(
            "data_fields and meta_fields must not overlap. "
            f"Overlapping fields: {_set_repr(data & meta)}."
        )
    order = aliases = None
    if fields is not None and len(data) + len(meta) == len(data_fields) + len(meta_fields):
        known = [field for field in fields if field.name in data | meta]
        order = [field.name for field in known]
        aliases = {field.name: field.alias for field in known if field.alias != field.name}
    return data_fields, meta_fields, construct, order, aliases


def register_attrs(
    nodetype: _Class,
    *,
    construct: Construct = "init",
    subclasses: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> _Class:
    """Make the objects of a class made by `attrs` nodes whose children are their fields.

    Args:
        nodetype: The class. Its fields with `metadata={"static": True}` are auxiliary data; those
            with `init=False` are left to the class, unless `construct` is `"new"`.
        construct: As in `register_dataclass`. What `attrs` generates calls converters and
            validators, so `"new"` is for classes whose fields may hold anything in a tree.
        subclasses: Whether objects of derived classes are nodes as well, with all fields that these
            have.
        registry: Where to register the class.

    Returns:
        The class, so that this can be its decorator.

    Raises:
        TypeError: The class was not made by `attrs`.
        ValueError: The class is registered already, or `construct` is something else.

    Example:
        >>> import leafwise
        >>> def example():
        ...     import attrs
        ...
        ...     @leafwise.register_attrs
        ...     @attrs.define
        ...     class Layer:
        ...         weights: list
        ...         name: str = attrs.field(metadata={"static": True})
        ...
        ...     return leafwise.tree_map(lambda x: 10 * x, Layer([1, 2], "first"))
    """
    if not _is_attrs_class(nodetype):
        raise TypeError(
            f"register_attrs: expected a class made by attrs, got {short_repr(nodetype)}."
        )
    return register_dataclass(
        nodetype, drop_fields=None, construct=construct, subclasses=subclasses, registry=registry
    )


def register_fields(
    cls: _Class,
    data: Iterable[str],
    meta: Iterable[str] = (),
    *,
    construct: Construct = "init",
    subclasses: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> _Class:
    """Make the objects of any class nodes, by the names of their attributes.

    Args:
        cls: The class, with or without `__slots__`. Or a class like `time.struct_time`, whose
            objects are leaves otherwise; it needs all of its fields, and is rebuilt from them
            however `construct` is.
        data: The attributes that are children.
        meta: The attributes that are auxiliary data. Those that are neither are not kept: a rebuilt
            object has what its constructor gives them, or is without them.
        construct: How an object is rebuilt. `"init"` calls the class with all these attributes as
            keyword arguments; `"new"` makes it by `__new__` and sets them.
        subclasses: Whether objects of derived classes are nodes as well, by the same attributes.
        registry: Where to register the class.

    Returns:
        The class.

    Raises:
        TypeError: The names are not given as a list or the like, or a name is not a str.
        ValueError: A name is there twice, the class is registered already, `construct` is something
            else, or a class like `time.struct_time` lacks fields.

    Example:
        >>> import leafwise
        >>> class Span:
        ...     __slots__ = ("start", "end", "label")
        ...
        ...     def __init__(self, start, end, label="span"):
        ...         self.start, self.end, self.label = start, end, label
        >>> _ = leafwise.register_fields(Span, ["start", "end"], ["label"])
        >>> leafwise.tree_leaves([Span(1, 2), Span(3, 4)])
        [1, 2, 3, 4]
        >>> leafwise.unregister_pytree_node(Span)
    """
    data, meta = _checked_names("data", data), _checked_names("meta", meta)
    names = data + meta
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        raise ValueError(f"register_fields: fields that are there twice: {_set_repr(repeated)}.")
    checked_bool("subclasses", subclasses)
    return _register(cls, (data, meta, construct, None, None), subclasses, registry)


def _register(
    nodetype: _Class, description: _Description, subclasses: Any, registry: PyTreeRegistry
) -> _Class:
    data_fields, meta_fields, construct, order, aliases = description
    registry = checked_registry(registry)
    registry.register_dataclass_node(
        nodetype,
        data_fields,
        meta_fields,
        construct=construct,
        order=order,
        aliases=aliases,
        subclasses=subclasses,
    )
    tell_listeners(registry, nodetype)
    return nodetype


def _fields_of(nodetype: Any) -> list[_Field] | None:
    """List the fields of a dataclass or a class made by attrs, in the order of their definition."""
    import dataclasses

    if _is_attrs_class(nodetype):
        return [_Field(attribute) for attribute in nodetype.__attrs_attrs__]
    if dataclasses.is_dataclass(nodetype):
        return [_Field(field) for field in dataclasses.fields(nodetype)]
    return None


def _is_attrs_class(nodetype: Any) -> bool:
    """Find out whether it was attrs that described a class, the last that did."""
    for base in getattr(nodetype, "__mro__", ()):
        if "__dataclass_fields__" in vars(base):
            return False
        if "__attrs_attrs__" in vars(base):
            return True
    return False


def _checked_names(argument: str, names: Iterable[str]) -> list[str]:
    if isinstance(names, (str, bytes)) or not hasattr(names, "__iter__"):
        raise TypeError(
            f"register_fields: {argument} must be a list of names, got {short_repr(names)}"
        )
    return list(names)


def _wrong_fields(missing: set[str], extra: set[str]) -> str:
    text = ""
    if missing:
        text += (
            f" Missing fields: {_set_repr(missing)}. "
            "Add them to drop_fields to suppress this error."
        )
    if extra:
        text += f" Unexpected fields: {_set_repr(extra)}."
    return text


def _set_repr(names: set[str]) -> str:
    return f"{{{', '.join(sorted(map(repr, names)))}}}"
