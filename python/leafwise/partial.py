"""Partial functions that are nodes of trees."""

from __future__ import annotations

import functools

from leafwise._core import default_registry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    _PartialBase = functools.partial[Any]
else:
    _PartialBase = functools.partial

__all__ = ["Partial"]


class _HashableCallableShim:
    """Stands for a `functools.partial`, without being one.

    `functools.partial` of a `functools.partial` merges the two and their arguments; but which
    arguments belong to a node decides about its leaves.
    """

    def __init__(self, fun: functools.partial[Any]) -> None:
        self.fun = fun

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        return self.fun(*args, **keywords)

    def __eq__(self, other: object) -> bool:
        return bool(self.fun == (other.fun if isinstance(other, _HashableCallableShim) else other))

    def __hash__(self) -> int:
        return hash(self.fun)

    def __repr__(self) -> str:
        return f"_HashableCallableShim({self.fun!r})"

    @property
    def func(self) -> Callable[..., Any]:
        return self.fun.func

    @property
    def args(self) -> tuple[Any, ...]:
        return self.fun.args

    @property
    def keywords(self) -> dict[str, Any]:
        return self.fun.keywords


class Partial(_PartialBase):
    """A `functools.partial` that is a node: its arguments are its children, its function is not.

    Args:
        func: The function to call.
        *args: Its first arguments.
        **keywords: Its keyword arguments.

    Example:
        >>> import leafwise
        >>> power = leafwise.Partial(pow, 2, mod=100)
        >>> leafwise.tree_leaves(power)
        [2, 100]
        >>> leafwise.tree_map(lambda x: x + 1, power)(4)
        81
    """

    def __new__(  # noqa: D102 -- the class says it
        cls, func: Callable[..., Any], /, *args: Any, **keywords: Any
    ) -> Partial:
        if isinstance(func, functools.partial):
            func = _HashableCallableShim(func)
        return super().__new__(cls, func, *args, **keywords)


def _flatten(partial: Partial) -> tuple[tuple[Any, ...], Any]:
    return (partial.args, partial.keywords), partial.func


def _unflatten(func: Callable[..., Any], children: tuple[Any, ...]) -> Partial:
    args, keywords = children
    return Partial(func, *args, **keywords)


default_registry.register_node(Partial, _flatten, _unflatten)
