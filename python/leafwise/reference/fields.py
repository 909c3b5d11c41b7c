"""Registration of classes that are described by their fields."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from leafwise.reference.errors import short_repr
from leafwise.reference.registry import (
    PyTreeRegistry,
    check_class,
    checked_bool,
    default_registry,
    registry_argument,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_Class = TypeVar("_Class", bound=type[Any])
_Construct = Literal["init", "new"]


def register_dataclass(
    nodetype: _Class,
    data_fields: Sequence[str] | None = None,
    meta_fields: Sequence[str] | None = None,
    drop_fields: Sequence[str] | None = (),
    *,
    construct: _Construct = "init",
    subclasses: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> _Class:
    """Register a class by its fields: data fields are children, meta fields are metadata.

    Rebuilding calls the class (`construct="init"`), or makes an object by `__new__` and sets the
    fields in the order of their definition ("new"), those with `init=False` as well.
    """
    drop_fields = None if drop_fields is None else list(drop_fields)
    description = _describe(nodetype, data_fields, meta_fields, drop_fields, construct)

    def describe(subclass: type) -> tuple[Any, ...]:
        return _describe(subclass, None, None, drop_fields, construct)

    # Derived classes may have more fields.
    heirs: Any = checked_bool("subclasses", subclasses)
    if subclasses and data_fields is None:
        heirs = describe
    return _register(nodetype, description, heirs, registry)


def _register(
    nodetype: _Class, description: tuple[Any, ...], subclasses: Any, registry: PyTreeRegistry
) -> _Class:
    data_fields, meta_fields, construct, order, aliases = description
    registry_argument(registry).register_dataclass_node(
        nodetype,
        data_fields,
        meta_fields,
        construct=construct,
        order=order,
        aliases=aliases,
        subclasses=subclasses,
    )
    return nodetype


def _describe(
    nodetype: Any,
    data_fields: Sequence[str] | None,
    meta_fields: Sequence[str] | None,
    drop_fields: Sequence[str] | None,
    construct: _Construct,
) -> tuple[Any, ...]:
    """Data and meta fields, checked, how to construct, and the order and aliases of the fields."""
    check_class("nodetype", nodetype)
    fields = _fields_of(nodetype)
    if drop_fields is None:  # those that the constructor does not take
        drop_fields = [f.name for f in fields or () if not f.init and construct != "new"]
    if data_fields is None and meta_fields is None:
        if fields is None:
            raise TypeError(
                "register_dataclass: data_fields and meta_fields are required when nodetype is not "
                f"a dataclass. Got {nodetype=}."
            )
        data_fields, meta_fields = _inferred_fields(fields, drop_fields)
    if data_fields is None or meta_fields is None:
        raise TypeError(
            "register_dataclass: data_fields and meta_fields must both be specified when either is "
            f"specified. Got {data_fields=} {meta_fields=}."
        )
    # Not by `tuple`, which could be seen half made by the code that gives the names.
    data_fields, meta_fields = (*data_fields,), (*meta_fields,)
    named = {*data_fields, *meta_fields}
    if fields is not None:
        _check_fields(fields, named, drop_fields, construct)
    overlapping = set(data_fields) & set(meta_fields)
    if overlapping:
        raise ValueError(
            "data_fields and meta_fields must not overlap. "
            f"Overlapping fields: {_name_set(overlapping)}."
        )
    order = aliases = None
    if fields is not None and len(named) == len(data_fields + meta_fields):
        known = [field for field in fields if field.name in named]
        order = [field.name for field in known]
        aliases = {field.name: getattr(field, "alias", field.name) for field in known}
    return data_fields, meta_fields, construct, order, aliases


def _fields_of(nodetype: Any) -> Sequence[Any] | None:
    """The fields of a dataclass, or of a class made by attrs; None for any other class."""
    if _is_attrs_class(nodetype):
        attributes: Sequence[Any] = nodetype.__attrs_attrs__
        return attributes
    return dataclasses.fields(nodetype) if dataclasses.is_dataclass(nodetype) else None


def _is_attrs_class(nodetype: Any) -> bool:
    """Whether it was attrs that described a class, the last that did."""
    marks = ("__dataclass_fields__", "__attrs_attrs__")
    found = [
        mark for base in getattr(nodetype, "__mro__", ()) for mark in marks if mark in vars(base)
    ]
    return found[:1] == ["__attrs_attrs__"]


def _inferred_fields(
    fields: Sequence[Any], drop_fields: Sequence[str]
) -> tuple[Sequence[str], Sequence[str]]:
    """All fields of a class; those marked by `metadata={"static": True}` are meta fields."""
    fields = [field for field in fields if field.name not in drop_fields]
    data_fields = [field.name for field in fields if not field.metadata.get("static", False)]
    return data_fields, [field.name for field in fields if field.name not in data_fields]


def _check_fields(
    fields: Sequence[Any], named: set[str], drop_fields: Sequence[str], construct: _Construct
) -> None:
    wanted = {field.name for field in fields if field.init or construct == "new"}
    wanted -= set(drop_fields)
    if named == wanted:
        return
    text = "data_fields and meta_fields must include all dataclass fields with ``init=True`` and "
    text += "only them."
    if wanted - named:
        text += f" Missing fields: {_name_set(wanted - named)}. "
        text += "Add them to drop_fields to suppress this error."
    if named - wanted:
        text += f" Unexpected fields: {_name_set(named - wanted)}."
    raise ValueError(text)


def _name_set(names: Iterable[str]) -> str:
    return f"{{{', '.join(sorted(map(repr, names)))}}}"


def register_attrs(
    nodetype: _Class,
    *,
    construct: _Construct = "init",
    subclasses: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> _Class:
    """Register a class made by attrs; fields with `init=False` are left to the constructor."""
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
    construct: _Construct = "init",
    subclasses: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> _Class:
    """Register any class by the names of its attributes."""
    for argument, names in (("data", data), ("meta", meta)):
        if isinstance(names, (str, bytes)) or not hasattr(names, "__iter__"):
            raise TypeError(
                f"register_fields: {argument} must be a list of names, got {short_repr(names)}"
            )
    data, meta = list(data), list(meta)
    names = data + meta
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        raise ValueError(f"register_fields: fields that are there twice: {_name_set(repeated)}.")
    checked_bool("subclasses", subclasses)
    return _register(cls, (data, meta, construct, None, None), subclasses, registry)


def dataclass(
    cls: Any = None,
    /,
    *,
    construct: _Construct = "init",
    subclasses: bool = False,
    registry: PyTreeRegistry = default_registry,
    **options: Any,
) -> Any:
    """Make a dataclass and register it; fields with `init=False` are left to the constructor."""

    def decorate(cls: type[Any]) -> type[Any]:
        check_class("cls", cls)
        return register_dataclass(
            dataclasses.dataclass(**options)(cls),
            drop_fields=None,
            construct=construct,
            subclasses=subclasses,
            registry=registry,
        )

    return decorate if cls is None else decorate(cls)


def field(*, static: bool = False, **options: Any) -> Any:
    """Declare a field of a dataclass, maybe as metadata."""
    if checked_bool("static", static):
        options["metadata"] = {"static": True, **(options.get("metadata") or {})}
    return dataclasses.field(**options)
