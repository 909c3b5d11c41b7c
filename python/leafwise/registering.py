"""Making classes nodes of trees.

A class is a node if its registry knows a function that takes its objects apart and one that puts
them together again. The first returns the children, which are trees again, and the *auxiliary
data*, which is everything else; the second is called with the auxiliary data and a tuple of
children. Auxiliary data should have a cheap `==`: two treedefs are equal only if theirs is.

All functions here write to `default_registry`, or to the `registry` they are given. The decorators
take one, too: `functools.partial(register_static, registry=mine)`.
"""

from __future__ import annotations

from leafwise._core import PyTreeRegistry, default_registry, short_repr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeVar

    _T = TypeVar("_T")
    _Class = TypeVar("_Class", bound=type[Any])

__all__ = [
    "register_pytree_node",
    "register_pytree_node_class",
    "register_pytree_with_keys",
    "register_pytree_with_keys_class",
    "register_static",
    "unregister_pytree_node",
]

# Called after the functions here have changed `default_registry`, with the class and how it was
# registered: a tuple as in `PyTreeRegistry._registrations`, or None where that was taken back.
# Empty as long as nothing of `leafwise.integrations` is installed.
listeners: list[Callable[[type[Any], tuple[Any, ...] | None], None]] = []


def register_pytree_node(
    nodetype: type[_T],
    flatten_func: Callable[[_T], tuple[Iterable[Any], Any]],
    unflatten_func: Callable[[Any, tuple[Any, ...]], _T],
    flatten_with_keys_func: Callable[[_T], tuple[Iterable[tuple[Any, Any]], Any]] | None = None,
    *,
    subclasses: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> None:
    """Make the objects of a class nodes, by two functions.

    Args:
        nodetype: The class; classes derived from it are not meant, if not by `subclasses`.
        flatten_func: Called with an object, returns a pair of children and auxiliary data.
        unflatten_func: Called with auxiliary data and a tuple of children, returns an object.
        flatten_with_keys_func: As `flatten_func`, but with a pair of key and child in place of each
            child. Without it the children are numbered.
        subclasses: Whether objects of derived classes are nodes as well, by the same functions; a
            class that is registered itself keeps to that.
        registry: Where to register the class.

    Raises:
        ValueError: The class is registered already.
        TypeError: `nodetype` is not a class, or one of the functions cannot be called.

    Example:
        >>> import leafwise
        >>> class Interval:
        ...     def __init__(self, low, high):
        ...         self.low, self.high = low, high
        >>> leafwise.register_pytree_node(
        ...     Interval, lambda x: ((x.low, x.high), None), lambda _, children: Interval(*children)
        ... )
        >>> leafwise.tree_leaves([Interval(1, 2), Interval(3, 4)])
        [1, 2, 3, 4]
        >>> leafwise.unregister_pytree_node(Interval)
    """
    registry = checked_registry(registry)
    registry.register_node(
        nodetype,
        flatten_func,
        unflatten_func,
        flatten_with_keys_func,
        subclasses=checked_bool("subclasses", subclasses),
    )
    tell_listeners(registry, nodetype)


def register_pytree_node_class(
    cls: _Class, *, subclasses: bool = False, registry: PyTreeRegistry = default_registry
) -> _Class:
    """Make the objects of a class nodes, by two methods of the class.

    Args:
        cls: A class with a method `tree_flatten(self)` that returns a pair of children and
            auxiliary data, and a class method `tree_unflatten(cls, aux_data, children)` that
            returns an object.
        subclasses: Whether objects of derived classes are nodes as well, by their own methods.
        registry: Where to register the class.

    Returns:
        The class, so that this can be its decorator.

    Raises:
        ValueError: The class is registered already.
        AttributeError: It has no `tree_unflatten`.
        TypeError: `cls` is not a class.

    Example:
        >>> import leafwise
        >>> @leafwise.register_pytree_node_class
        ... class Scaled:
        ...     def __init__(self, value, unit):
        ...         self.value, self.unit = value, unit
        ...
        ...     def tree_flatten(self):
        ...         return (self.value,), self.unit
        ...
        ...     @classmethod
        ...     def tree_unflatten(cls, unit, children):
        ...         return cls(*children, unit)
        >>> leafwise.tree_structure(Scaled([1, 2], "m"))
        PyTreeDef(CustomNode(Scaled[m], [[*, *]]))
        >>> leafwise.unregister_pytree_node(Scaled)
    """

    def methods_of(cls: type[Any]) -> tuple[Any, ...]:
        return _caller("tree_flatten"), _tree_unflatten(cls), None

    _register_by_methods(cls, methods_of, subclasses, registry)
    return cls


def register_pytree_with_keys(
    nodetype: type[_T],
    flatten_with_keys: Callable[[_T], tuple[Iterable[tuple[Any, Any]], Any]],
    unflatten_func: Callable[[Any, tuple[Any, ...]], _T],
    flatten_func: Callable[[_T], tuple[Iterable[Any], Any]] | None = None,
    *,
    subclasses: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> None:
    """Make the objects of a class nodes that name their children in key paths.

    Args:
        nodetype: The class; classes derived from it are not meant, if not by `subclasses`.
        flatten_with_keys: Called with an object, returns a pair of children and auxiliary data,
            with a pair of key and child in place of each child.
        unflatten_func: Called with auxiliary data and a tuple of children, returns an object.
        flatten_func: Does without keys what `flatten_with_keys` does, faster. Without it, the keys
            of `flatten_with_keys` are dropped.
        subclasses: Whether objects of derived classes are nodes as well, by the same functions; a
            class that is registered itself keeps to that.
        registry: Where to register the class.

    Raises:
        ValueError: The class is registered already.
        TypeError: `nodetype` is not a class, or one of the functions cannot be called.

    Example:
        >>> import leafwise
        >>> class Point:
        ...     def __init__(self, x, y):
        ...         self.x, self.y = x, y
        >>> def flatten_point(point):
        ...     x, y = leafwise.GetAttrKey("x"), leafwise.GetAttrKey("y")
        ...     return ((x, point.x), (y, point.y)), None
        >>> leafwise.register_pytree_with_keys(Point, flatten_point, lambda _, xy: Point(*xy))
        >>> for path, leaf in leafwise.tree_leaves_with_path([Point(1, 2)]):
        ...     print(leafwise.keystr(path), leaf)
        [0].x 1
        [0].y 2
        >>> leafwise.unregister_pytree_node(Point)
    """
    register_pytree_node(
        nodetype,
        flatten_func or _without_keys(flatten_with_keys),
        unflatten_func,
        flatten_with_keys,
        subclasses=subclasses,
        registry=registry,
    )


def register_pytree_with_keys_class(
    cls: _Class, *, subclasses: bool = False, registry: PyTreeRegistry = default_registry
) -> _Class:
    """Make the objects of a class nodes that name their children, by methods of the class.

    Args:
        cls: A class with the methods that `register_pytree_node_class` wants, and a method
            `tree_flatten_with_keys(self)` that returns pairs of key and child in place of children.
            `tree_flatten` is not needed, but faster.
        subclasses: Whether objects of derived classes are nodes as well, by their own methods.
        registry: Where to register the class.

    Returns:
        The class, so that this can be its decorator.

    Raises:
        ValueError: The class is registered already.
        AttributeError: It has no `tree_unflatten`.
        TypeError: `cls` is not a class.

    Example:
        >>> import leafwise
        >>> @leafwise.register_pytree_with_keys_class
        ... class Point:
        ...     def __init__(self, x, y):
        ...         self.x, self.y = x, y
        ...
        ...     def tree_flatten_with_keys(self):
        ...         return [(leafwise.GetAttrKey(name), getattr(self, name)) for name in "xy"], None
        ...
        ...     @classmethod
        ...     def tree_unflatten(cls, _, children):
        ...         return cls(*children)
        >>> leafwise.tree_leaves_with_path(Point(1, 2))
        [((GetAttrKey(name='x'),), 1), ((GetAttrKey(name='y'),), 2)]
        >>> leafwise.unregister_pytree_node(Point)
    """

    def methods_of(cls: type[Any]) -> tuple[Any, ...]:
        flatten_with_keys = _caller("tree_flatten_with_keys")
        has_flatten = hasattr(cls, "tree_flatten")
        flatten = _caller("tree_flatten") if has_flatten else _without_keys(flatten_with_keys)
        return flatten, _tree_unflatten(cls), flatten_with_keys

    _register_by_methods(cls, methods_of, subclasses, registry)
    return cls


def register_static(
    cls: _Class, *, subclasses: bool = False, registry: PyTreeRegistry = default_registry
) -> _Class:
    """Make the objects of a class nodes without children: part of the structure, not of the leaves.

    Args:
        cls: A class whose objects can be compared and, if treedefs are to be used in sets, hashed.
        subclasses: Whether objects of derived classes are nodes as well.
        registry: Where to register the class.

    Returns:
        The class, so that this can be its decorator.

    Raises:
        ValueError: The class is registered already.

    Example:
        >>> import leafwise
        >>> @leafwise.register_static
        ... class Name(str):
        ...     pass
        >>> leafwise.tree_flatten([Name("x"), 1])
        ([1], PyTreeDef([CustomNode(Name[x], []), *]))
        >>> leafwise.unregister_pytree_node(Name)
    """
    register_pytree_node(
        cls,
        _flatten_static,
        _unflatten_static,
        _flatten_static,
        subclasses=subclasses,
        registry=registry,
    )
    return cls


def unregister_pytree_node(
    nodetype: type[Any], *, registry: PyTreeRegistry = default_registry
) -> None:
    """Take back the registration of a class: its objects are leaves again.

    Treedefs that were made before can be used as before.

    Args:
        nodetype: The class.
        registry: Where it is registered.

    Raises:
        ValueError: The class is not registered there, or is a built-in node type.

    Example:
        >>> import leafwise
        >>> @leafwise.register_static
        ... class Name(str):
        ...     pass
        >>> leafwise.unregister_pytree_node(Name)
        >>> leafwise.tree_leaves([Name("x"), 1])
        ['x', 1]
    """
    registry = checked_registry(registry)
    registry.unregister_node(nodetype)
    tell_listeners(registry, nodetype)


def _register_by_methods(
    cls: type[Any],
    methods_of: Callable[[type[Any]], tuple[Any, ...]],
    subclasses: bool,
    registry: PyTreeRegistry,
) -> None:
    heirs = methods_of if checked_bool("subclasses", subclasses) else False
    registry = checked_registry(registry)
    registry.register_node(cls, *methods_of(cls), subclasses=heirs)
    tell_listeners(registry, cls)


def _caller(name: str) -> Callable[[Any], Any]:
    """Give a function that calls a method of its argument."""
    # Imported here, since this takes as long as three modules of this package.
    from operator import methodcaller

    return methodcaller(name)


def _tree_unflatten(cls: type[Any]) -> Any:
    check_class("cls", cls)
    if not hasattr(cls, "tree_unflatten"):
        raise AttributeError(f"{cls!r} has no class method tree_unflatten(aux_data, children)")
    return cls.tree_unflatten


def _without_keys(
    flatten_with_keys: Callable[[_T], tuple[Iterable[tuple[Any, Any]], Any]],
) -> Callable[[_T], tuple[Iterable[Any], Any]]:
    def flatten(node: _T) -> tuple[Iterable[Any], Any]:
        pairs, aux_data = flatten_with_keys(node)
        return [child for _, child in pairs], aux_data

    return flatten


def check_class(argument: str, value: object) -> None:
    """Raise TypeError for an argument that is no class."""
    if not isinstance(value, type):
        raise TypeError(f"{argument} must be a class, got {short_repr(value)}")


def check_callable_or_none(argument: str, value: object) -> None:
    """Raise TypeError for a function that was given, but cannot be called."""
    if value is not None and not callable(value):
        raise TypeError(f"{argument} must be a callable or None, got {short_repr(value)}")


def checked_bool(argument: str, value: bool) -> bool:
    """Give an argument that is a flag."""
    if not isinstance(value, bool):
        raise TypeError(f"{argument} must be a bool, got {short_repr(value)}")
    return value


def checked_registry(registry: PyTreeRegistry | None) -> PyTreeRegistry:
    """Give the registry to use for an argument `registry`."""
    if registry is None:
        return default_registry
    if not isinstance(registry, PyTreeRegistry):
        raise TypeError(f"registry must be a PyTreeRegistry, got {short_repr(registry)}")
    return registry


def tell_listeners(registry: PyTreeRegistry, nodetype: type[Any]) -> None:
    """Tell those who want to know it of the default registry what became of a class."""
    if registry is default_registry and listeners:
        how = registry._registrations().get(nodetype)
        for listener in listeners:
            listener(nodetype, how)


def _flatten_static(node: _T) -> tuple[tuple[()], _T]:
    return (), node


def _unflatten_static(node: _T, _: tuple[Any, ...]) -> _T:
    return node
