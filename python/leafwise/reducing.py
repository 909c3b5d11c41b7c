"""Functions that make one value of the leaves of a tree."""

from __future__ import annotations

from leafwise._core import default_registry, fold, tree_all, tree_any, tree_leaves

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from leafwise._core import PyTreeRegistry

    _T = TypeVar("_T")

__all__ = ["Unspecified", "tree_all", "tree_any", "tree_reduce", "tree_reduce_associative"]


class Unspecified:
    """The type of the default of an argument for which None is a value."""

    def __repr__(self) -> str:
        return "Unspecified()"


_UNSPECIFIED = Unspecified()


def tree_reduce(
    function: Callable[[_T, Any], _T],
    tree: Any,
    initializer: _T | Unspecified = _UNSPECIFIED,
    is_leaf: Callable[[Any], bool | None] | None = None,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> _T:
    """Combine the leaves of a tree, from left to right, by a function of two arguments.

    Args:
        function: Called with the result so far and the next leaf.
        tree: The tree.
        initializer: The first result so far; without it, that is the first leaf.
        is_leaf: See `leafwise.flattening`.
        none_is_leaf: See `leafwise.flattening`.
        registry: See `leafwise.flattening`.

    Returns:
        The last result.

    Raises:
        TypeError: There are no leaves and there is no `initializer`.

    Example:
        >>> import leafwise
        >>> leafwise.tree_reduce(lambda total, x: total + x, {"a": 1, "b": [2, 3]})
        6
    """
    leaves = tree_leaves(tree, is_leaf, none_is_leaf=none_is_leaf, registry=registry)
    result: _T
    if isinstance(initializer, Unspecified):
        result = fold(function, leaves)
    else:
        result = fold(function, leaves, initializer)
    return result


def tree_reduce_associative(
    operation: Callable[[_T, _T], _T],
    tree: Any,
    *,
    identity: _T | Unspecified = _UNSPECIFIED,
    is_leaf: Callable[[Any], bool | None] | None = None,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> _T:
    """Combine the leaves of a tree by an associative function of two arguments, in halves.

    The result is that of the left half of the leaves combined with that of the right half, and so
    on. So fewer results depend on each other than in `tree_reduce`, and sums lose fewer digits.

    Args:
        operation: Called with what was made of some leaves, and of those that follow them.
        tree: The tree.
        identity: The result if there are no leaves.
        is_leaf: See `leafwise.flattening`.
        none_is_leaf: See `leafwise.flattening`.
        registry: See `leafwise.flattening`.

    Returns:
        The last result; with a single leaf, that leaf.

    Raises:
        TypeError: There are no leaves and there is no `identity`.

    Example:
        >>> import leafwise
        >>> leafwise.tree_reduce_associative(lambda x, y: f"({x}{y})", {"u": "a", "v": list("bcde")})
        '((ab)(c(de)))'
    """  # noqa: E501
    leaves = tree_leaves(tree, is_leaf, none_is_leaf=none_is_leaf, registry=registry)
    if not leaves:
        if isinstance(identity, Unspecified):
            raise TypeError("Must specify identity for parallel reduction of empty sequence.")
        return identity
    result: _T = _reduce_halves(operation, leaves)
    return result


def _reduce_halves(operation: Callable[[_T, _T], _T], leaves: list[_T]) -> _T:
    if len(leaves) == 1:
        return leaves[0]
    half = len(leaves) // 2
    left = _reduce_halves(operation, leaves[:half])
    return operation(left, _reduce_halves(operation, leaves[half:]))
