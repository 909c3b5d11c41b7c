"""First sight: what is found out about a class that nobody has registered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leafwise.reference.errors import mro_of, namespace_of, short_repr
from leafwise.reference.kinds.registered import CustomKind, DataclassKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from leafwise.reference.kinds.kind import Kind


def first_sight(nodetype: type, registered: Callable[[type], Kind | None]) -> Kind | None:
    """The kind of a class that is not registered itself, None for a leaf or a named tuple.

    Along its MRO, the first class decides that has the methods of a node, or is registered for its
    subclasses; in one class the registration. Of the registered bases only the first counts.
    """
    looks_for_registered = True
    for base in mro_of(nodetype):
        kind = registered(base) if looks_for_registered and base is not nodetype else None
        if isinstance(kind, (CustomKind, DataclassKind)):
            if kind.subclasses is not False:
                return _derived(kind, nodetype)
            looks_for_registered = False
        if "__tree_flatten__" in namespace_of(base):
            return _kind_by_methods(nodetype)
    return None


def _derived(base: CustomKind | DataclassKind, nodetype: type) -> Kind:
    """The kind of a subclass, like that of its base."""
    if not callable(base.subclasses):
        if isinstance(base, DataclassKind):
            fields = base.data_fields, base.meta_fields
            return DataclassKind(nodetype, *fields, base.construct, base.order, base.aliases)
        return CustomKind(nodetype, base.flatten, base.unflatten, base.flatten_with_keys)
    made_of = "flatten_func, unflatten_func, flatten_with_keys_func"
    if isinstance(base, DataclassKind):
        made_of = "data_fields, meta_fields"
    given = base.subclasses(nodetype)
    # With fields, it may also say how objects are made: construct, order, aliases.
    lengths = (2, 5) if isinstance(base, DataclassKind) else (3,)
    if not isinstance(given, tuple) or len(given) not in lengths:
        shown = short_repr(given)
        raise TypeError(f"subclasses must return a tuple ({made_of}) for {nodetype!r}, got {shown}")
    if isinstance(base, DataclassKind):
        return DataclassKind(nodetype, *given)
    for name, function in zip(made_of.split(", "), given, strict=True):
        if not callable(function) and (function is not None or name != "flatten_with_keys_func"):
            shown = short_repr(function)
            raise TypeError(f"{name} of {nodetype!r} must be callable, got {shown}")
    flatten, unflatten, flatten_with_keys = given
    return CustomKind(nodetype, flatten, unflatten, flatten_with_keys, base.subclasses)


def _kind_by_methods(nodetype: type) -> Kind | None:
    """The kind of a class that has the methods of a node, None for other classes.

    The methods are found as the interpreter finds special ones: in the class and its bases, never
    in the object, and one that is None is none.
    """
    flatten = _look_up(nodetype, "__tree_flatten__")
    if flatten is None:
        return None
    unflatten = _look_up(nodetype, "__tree_unflatten__")
    if unflatten is None:
        raise TypeError(
            f"{nodetype!r} has __tree_flatten__, but no __tree_unflatten__: a node needs both"
        )
    get = getattr(type(unflatten), "__get__", None)
    bound = unflatten if get is None else get(unflatten, None, nodetype)
    if not callable(bound):
        raise TypeError(
            f"__tree_unflatten__ of {nodetype!r} must be callable, got {short_repr(bound)}"
        )
    with_keys = _look_up(nodetype, "__tree_flatten_with_keys__")
    flatten_with_keys = None if with_keys is None else _unbound(with_keys)
    return CustomKind(nodetype, _unbound(flatten), bound, flatten_with_keys, unflatten)


def _look_up(nodetype: type, name: str) -> Any:
    for base in mro_of(nodetype):
        if name in namespace_of(base):
            return namespace_of(base)[name]
    return None


def _unbound(method: Any) -> Callable[[Any], Any]:
    """A function that calls a method of an object's class."""

    def call(value: Any) -> Any:
        get = getattr(type(method), "__get__", None)
        return method() if get is None else get(method, value, type(value))()

    return call
