"""Declaring dataclasses whose objects are nodes: fields are children, or static."""

from __future__ import annotations

from leafwise._core import default_registry
from leafwise.fields import register_dataclass
from leafwise.registering import check_class, checked_bool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar, overload

    from typing_extensions import dataclass_transform

    from leafwise._core import PyTreeRegistry
    from leafwise.fields import Construct

    _T = TypeVar("_T")

__all__ = ["dataclass", "field"]


def field(*, static: bool = False, **options: Any) -> Any:
    """Declare a field of a dataclass.

    Args:
        static: Whether the field is auxiliary data, part of the structure of a tree, rather than a
            child.
        **options: What `dataclasses.field` takes. What `metadata` say of `"static"` counts more, as
            in `jax.tree.static`.

    Returns:
        What `dataclasses.field` returns.

    Raises:
        TypeError: `dataclasses.field` does not take that, or `static` is no bool.

    Example:
        >>> import leafwise
        >>> @leafwise.dataclass
        ... class Layer:
        ...     weights: object
        ...     name: str = leafwise.field(static=True, default="layer")
        >>> leafwise.tree_leaves(Layer([1, 2]))
        [1, 2]
        >>> leafwise.unregister_pytree_node(Layer)
    """
    import dataclasses  # It is slow to import, and who declares fields needs it anyway.

    if checked_bool("static", static):
        options["metadata"] = {"static": True, **(options.get("metadata") or {})}
    return dataclasses.field(**options)


if TYPE_CHECKING:
    import dataclasses

    # What the type checkers see.
    @overload
    @dataclass_transform(field_specifiers=(field, dataclasses.field))
    def dataclass(
        cls: type[_T],
        /,
        *,
        construct: Construct = "init",
        subclasses: bool = False,
        registry: PyTreeRegistry = default_registry,
        **options: Any,
    ) -> type[_T]: ...
    @overload
    @dataclass_transform(field_specifiers=(field, dataclasses.field))
    def dataclass(
        cls: None = None,
        /,
        *,
        construct: Construct = "init",
        subclasses: bool = False,
        registry: PyTreeRegistry = default_registry,
        **options: Any,
    ) -> Callable[[type[_T]], type[_T]]: ...
    def dataclass(cls: Any = None, /, **options: Any) -> Any:
        """Make a class a dataclass and register it; described below."""
else:

    def dataclass(
        cls: type | None = None,
        /,
        *,
        construct: Construct = "init",
        subclasses: bool = False,
        registry: PyTreeRegistry = default_registry,
        **options: Any,
    ) -> Any:
        """Make a class a dataclass, and its objects nodes whose children are their fields.

        Fields with `leafwise.field(static=True)` are auxiliary data. Fields with `init=False` are
        left to the class to make again, unless `construct` is `"new"`.

        Args:
            cls: The class.
            construct: As in `register_dataclass`.
            subclasses: As in `register_dataclass`.
            registry: Where to register the class.
            **options: What `dataclasses.dataclass` takes: `frozen`, `slots`, `kw_only` and so on.

        Returns:
            The dataclass; without `cls`, a decorator.

        Raises:
            TypeError: `dataclasses.dataclass` does not take that, or `cls` is no class.
            ValueError: `construct` is something else.

        Example:
            >>> import leafwise
            >>> @leafwise.dataclass(frozen=True)
            ... class Layer:
            ...     weights: object
            ...     biases: object
            ...     name: str = leafwise.field(static=True, default="layer")
            >>> leafwise.tree_map(lambda x: x * 10, Layer(1, 2))
            Layer(weights=10, biases=20, name='layer')
            >>> leafwise.unregister_pytree_node(Layer)
        """
        import dataclasses

        def decorate(cls: type) -> type:
            check_class("cls", cls)
            made = dataclasses.dataclass(**options)(cls)
            return register_dataclass(
                made,
                drop_fields=None,
                construct=construct,
                subclasses=subclasses,
                registry=registry,
            )

        return decorate if cls is None else decorate(cls)
