"""Functions that apply a function to the leaves of trees.

Plain Python over the core: flatten, call, unflatten. Why trees do not match is found out
afterwards, by `leafwise.mismatch`, which is imported when that happens for the first time.
"""

from __future__ import annotations

from leafwise._core import (
    PyTreeDef,
    call_each,
    check_treedef,
    default_registry,
    flatten_and_paths,
    tree_flatten,
    tree_structure,
)
from leafwise.errors import PyTreeMismatchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from leafwise._core import PyTreeRegistry

__all__ = ["tree_map", "tree_map_with_path", "tree_transpose"]


def tree_map(
    f: Callable[..., Any],
    tree: Any,
    *rest: Any,
    is_leaf: Callable[[Any], bool | None] | None = None,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> Any:
    """Apply a function to each leaf of a tree, giving a tree of the same structure.

    Args:
        f: Called with a leaf of `tree` and what is at the same place in each tree of `rest`.
        tree: The tree whose structure counts.
        *rest: Further trees. Each has the structure of `tree`, or has subtrees where `tree` has
            leaves.
        is_leaf: See `leafwise.flattening`.
        none_is_leaf: See `leafwise.flattening`.
        registry: See `leafwise.flattening`.

    Returns:
        A new tree with the structure of `tree`.

    Raises:
        PyTreeMismatchError: A further tree does not match; says where, and what was expected.
        RuntimeError: `f` raised StopIteration. Other exceptions of `f` pass through.

    Example:
        >>> import leafwise
        >>> leafwise.tree_map(lambda x: x * 2, [1, {"a": 2, "b": (3, 4)}])
        [2, {'a': 4, 'b': (6, 8)}]
        >>> leafwise.tree_map(lambda x, y: x + y, {"a": 1, "b": 2}, {"a": 10, "b": 20})
        {'a': 11, 'b': 22}
    """
    leaves, treedef = tree_flatten(tree, is_leaf, none_is_leaf=none_is_leaf, registry=registry)
    if not rest:
        return treedef.unflatten(call_each(f, treedef, (leaves,)))
    columns: tuple[list[Any], ...]
    try:
        if len(rest) == 1:  # spares what a comprehension costs
            columns = (leaves, treedef.flatten_up_to(rest[0]))
        else:
            columns = (leaves, *[treedef.flatten_up_to(other) for other in rest])
    except PyTreeMismatchError as error:
        raise _explain(
            error, treedef, "tree_map tree", tree, rest, is_leaf, False, none_is_leaf, registry
        ) from None
    return treedef.unflatten(call_each(f, treedef, columns))


def tree_map_with_path(
    f: Callable[..., Any],
    tree: Any,
    *rest: Any,
    is_leaf: Callable[..., bool | None] | None = None,
    is_leaf_takes_path: bool = False,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> Any:
    """Apply a function to the key path and the value of each leaf of a tree.

    Args:
        f: Called with the key path of a leaf, the leaf, and what is there in each tree of `rest`.
        tree: The tree whose structure counts.
        *rest: Further trees. Each has the structure of `tree`, or has subtrees where `tree` has
            leaves.
        is_leaf: See `leafwise.flattening`.
        is_leaf_takes_path: See `leafwise.flattening`.
        none_is_leaf: See `leafwise.flattening`.
        registry: See `leafwise.flattening`.

    Returns:
        A new tree with the structure of `tree`.

    Raises:
        PyTreeMismatchError: A further tree does not match; says where, and what was expected.
        RuntimeError: `f` raised StopIteration. Other exceptions of `f` pass through.

    Example:
        >>> import leafwise
        >>> from leafwise import keystr
        >>> leafwise.tree_map_with_path(lambda path, x: f"{keystr(path)} is {x}", {"a": [1, 2]})
        {'a': ["['a'][0] is 1", "['a'][1] is 2"]}
    """
    paths, leaves, treedef = flatten_and_paths(
        tree, is_leaf, is_leaf_takes_path, none_is_leaf, registry
    )
    try:
        columns = [treedef.flatten_up_to(other) for other in rest] if rest else []
    except PyTreeMismatchError as error:
        raise _explain(
            error,
            treedef,
            "tree_map_with_path tree",
            tree,
            rest,
            is_leaf,
            is_leaf_takes_path,
            none_is_leaf,
            registry,
        ) from None
    return treedef.unflatten(call_each(f, treedef, (paths, leaves, *columns)))


def tree_transpose(
    outer_treedef: PyTreeDef,
    inner_treedef: PyTreeDef | None,
    pytree_to_transpose: Any,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> Any:
    """Turn a tree of trees inside out.

    Args:
        outer_treedef: The structure that is outside in `pytree_to_transpose`.
        inner_treedef: The structure of each subtree in it. None: that of the first.
        pytree_to_transpose: A tree whose number of leaves is the product of those of the treedefs.
        none_is_leaf: See `leafwise.flattening`.
        registry: See `leafwise.flattening`.

    Returns:
        A tree with `inner_treedef` outside, and `outer_treedef` in place of each of its leaves.

    Raises:
        PyTreeMismatchTypeError: The number of leaves is not that product. As in jax, nothing else
            is compared: how the leaves are nested in `pytree_to_transpose` does not matter.
        TypeError: What should be a treedef is none.
        IndexError: `inner_treedef` is None and `outer_treedef` has no leaves.

    Example:
        >>> import leafwise
        >>> outer, inner = leafwise.tree_structure([0, 0, 0]), leafwise.tree_structure((0, 0))
        >>> leafwise.tree_transpose(outer, inner, [(1, 2), (3, 4), (5, 6)])
        ([1, 3, 5], [2, 4, 6])
    """
    for argument in (outer_treedef, outer_treedef if inner_treedef is None else inner_treedef):
        check_treedef("tree_transpose", argument)
    leaves, treedef = tree_flatten(
        pytree_to_transpose, none_is_leaf=none_is_leaf, registry=registry
    )
    if inner_treedef is None:
        first = outer_treedef.flatten_up_to(pytree_to_transpose)[0]
        inner_treedef = tree_structure(first, none_is_leaf=none_is_leaf, registry=registry)
    inner_size = inner_treedef.num_leaves
    if len(leaves) != outer_treedef.num_leaves * inner_size:
        from leafwise.mismatch import explain_transpose

        expected = outer_treedef.compose(inner_treedef)
        raise explain_transpose(
            treedef,
            expected,
            pytree_to_transpose,
            none_is_leaf=none_is_leaf,
            registry=registry,
        )
    return inner_treedef.unflatten(
        [outer_treedef.unflatten(leaves[index::inner_size]) for index in range(inner_size)]
    )


def _explain(
    error: PyTreeMismatchError,
    treedef: PyTreeDef,
    name: str,
    tree: Any,
    rest: tuple[Any, ...],
    is_leaf: Callable[..., bool | None] | None,
    is_leaf_takes_path: bool,
    none_is_leaf: bool,
    registry: PyTreeRegistry,
) -> PyTreeMismatchError:
    """Say why one of the further trees does not match: the first of them that doesn't."""
    from leafwise.mismatch import explain_mismatch

    for number, other in enumerate(rest, start=1):
        try:
            treedef.flatten_up_to(other)
        except PyTreeMismatchError as first_error:
            return explain_mismatch(
                first_error,
                name,
                tree,
                other,
                further=number,
                is_leaf=is_leaf,
                is_leaf_takes_path=is_leaf_takes_path,
                none_is_leaf=none_is_leaf,
                registry=registry,
            )
    return error
