"""Registration: classes as nodes. The first of them is Partial."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Any, TypeVar

from leafwise.reference.registry import (
    PyTreeRegistry,
    check_class,
    checked_bool,
    default_registry,
    registry_argument,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_Class = TypeVar("_Class", bound=type[Any])


def register_pytree_node(
    nodetype: type,
    flatten_func: Callable[..., Any],
    unflatten_func: Callable[..., Any],
    flatten_with_keys_func: Callable[..., Any] | None = None,
    *,
    subclasses: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> None:
    """Register a class with a function to (children, metadata), and its inverse."""
    registry_argument(registry).register_node(
        nodetype,
        flatten_func,
        unflatten_func,
        flatten_with_keys_func,
        subclasses=checked_bool("subclasses", subclasses),
    )


def register_pytree_node_class(
    cls: _Class, *, subclasses: bool = False, registry: PyTreeRegistry = default_registry
) -> _Class:
    """Register a class that has the methods `tree_flatten` and `tree_unflatten`; a decorator."""
    return _register_by_methods(
        cls,
        lambda cls: (operator.methodcaller("tree_flatten"), _tree_unflatten(cls), None),
        subclasses,
        registry,
    )


def _register_by_methods(
    cls: _Class, methods_of: Any, subclasses: bool, registry: PyTreeRegistry
) -> _Class:
    """Register a class by functions from its methods, which derived classes have of their own."""
    heirs = methods_of if checked_bool("subclasses", subclasses) else False
    registry_argument(registry).register_node(cls, *methods_of(cls), subclasses=heirs)
    return cls


def register_pytree_with_keys(
    nodetype: type,
    flatten_with_keys: Callable[..., Any],
    unflatten_func: Callable[..., Any],
    flatten_func: Callable[..., Any] | None = None,
    *,
    subclasses: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> None:
    """Register a class with a function to (pairs of key and child, metadata), and its inverse."""
    register_pytree_node(
        nodetype,
        flatten_func or _without_keys(flatten_with_keys),
        unflatten_func,
        flatten_with_keys,
        subclasses=subclasses,
        registry=registry,
    )


def _tree_unflatten(cls: type[Any]) -> Any:
    check_class("cls", cls)
    if not hasattr(cls, "tree_unflatten"):
        raise AttributeError(f"{cls!r} has no class method tree_unflatten(aux_data, children)")
    return cls.tree_unflatten


def _without_keys(flatten_with_keys: Callable[..., Any]) -> Callable[..., Any]:
    def flatten(value: Any) -> tuple[list[Any], Any]:
        pairs, data = flatten_with_keys(value)
        return [child for _, child in pairs], data

    return flatten


def register_pytree_with_keys_class(
    cls: _Class, *, subclasses: bool = False, registry: PyTreeRegistry = default_registry
) -> _Class:
    """Register a class with methods `tree_flatten_with_keys` and `tree_unflatten`; a decorator."""

    def methods_of(cls: Any) -> tuple[Any, ...]:
        with_keys = operator.methodcaller("tree_flatten_with_keys")
        has_flatten = hasattr(cls, "tree_flatten")
        flatten = operator.methodcaller("tree_flatten") if has_flatten else _without_keys(with_keys)
        return flatten, _tree_unflatten(cls), with_keys

    return _register_by_methods(cls, methods_of, subclasses, registry)


def register_static(
    cls: _Class, *, subclasses: bool = False, registry: PyTreeRegistry = default_registry
) -> _Class:
    """Register a class as nodes without children: the whole object is metadata."""
    register_pytree_node(
        cls,
        _flatten_static,
        _unflatten_static,
        subclasses=subclasses,
        registry=registry,
    )
    return cls


# The same functions for all registrations, whose nodes are equal then.
def _flatten_static(value: Any) -> tuple[tuple[()], Any]:
    return (), value


def _unflatten_static(value: Any, children: Any) -> Any:
    return value


def unregister_pytree_node(nodetype: type, *, registry: PyTreeRegistry = default_registry) -> None:
    """Take a registration back. Treedefs that were made before keep working."""
    registry_argument(registry).unregister_node(nodetype)


class Partial(functools.partial[Any]):
    """A `functools.partial` that is a node: arguments are children, the function is metadata."""

    def __new__(cls, func: Callable[..., Any], /, *args: Any, **keywords: Any) -> Partial:
        """Box a partial, with which functools.partial would merge the arguments."""
        if isinstance(func, functools.partial):
            func = _PartialFunction(func)
        return super().__new__(cls, func, *args, **keywords)


class _PartialFunction:
    """A functools.partial in a box, which is called, compared and hashed like what is in it."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        return self.function(*args, **keywords)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, _PartialFunction):
            return self.function == other.function
        return self.function == other

    def __hash__(self) -> int:
        return hash(self.function)

    def __repr__(self) -> str:
        return f"_HashableCallableShim({self.function!r})"


register_pytree_node(
    Partial,
    lambda partial: ((partial.args, partial.keywords), partial.func),
    lambda func, children: Partial(func, *children[0], **children[1]),
)
