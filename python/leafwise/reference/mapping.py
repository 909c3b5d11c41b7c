"""Functions applied to the leaves of trees, and one value made of all leaves."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from leafwise.reference.errors import PyTreeMismatchError
from leafwise.reference.flattening import Options, checked_options, flatten, tree_leaves
from leafwise.reference.keys import place
from leafwise.reference.mismatch import explained, transpose_mismatch
from leafwise.reference.registry import PyTreeRegistry, default_registry
from leafwise.reference.treedef import PyTreeDef, path_to_leaf, treedef_argument

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence


def tree_map(
    f: Callable[..., Any],
    tree: Any,
    *rest: Any,
    is_leaf: Callable[..., Any] | None = None,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> Any:
    """Apply a function to each leaf, and to what is at its place in further trees."""
    options = checked_options(is_leaf, none_is_leaf, registry)
    leaves, _, treedef = flatten(tree, options)
    further = _match_all(treedef, "tree_map tree", tree, rest, options)
    return treedef.unflatten(_call_each(f, [leaves, *further], treedef))


def tree_map_with_path(
    f: Callable[..., Any],
    tree: Any,
    *rest: Any,
    is_leaf: Callable[..., Any] | None = None,
    is_leaf_takes_path: bool = False,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> Any:
    """Apply a function to the key path of each leaf, the leaf, and what is there in others."""
    options = checked_options(is_leaf, none_is_leaf, registry, is_leaf_takes_path)
    leaves, paths, treedef = flatten(tree, options, with_paths=True)
    further = _match_all(treedef, "tree_map_with_path tree", tree, rest, options)
    return treedef.unflatten(_call_each(f, [paths, leaves, *further], treedef))


def tree_transpose(
    outer_treedef: PyTreeDef,
    inner_treedef: PyTreeDef | None,
    pytree_to_transpose: Any,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> Any:
    """Turn a tree of trees inside out. Of its structure, only the number of leaves is checked."""
    outer = treedef_argument("tree_transpose", outer_treedef)
    options = checked_options(None, none_is_leaf, registry)
    leaves, _, treedef = flatten(pytree_to_transpose, options)
    if inner_treedef is None:
        inner = flatten(outer.flatten_up_to(pytree_to_transpose)[0], options)[2]
    else:
        inner = treedef_argument("tree_transpose", inner_treedef)
    size = inner.num_leaves
    if len(leaves) != outer.num_leaves * size:
        raise transpose_mismatch(treedef, outer.compose(inner), pytree_to_transpose, options)
    columns = [leaves[start::size] for start in range(size)]
    return inner.unflatten([outer.unflatten(column) for column in columns])


_UNSPECIFIED: Any = object()


def tree_reduce(
    function: Callable[..., Any],
    tree: Any,
    initializer: Any = _UNSPECIFIED,
    is_leaf: Callable[..., Any] | None = None,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> Any:
    """Combine the leaves of a tree from left to right. None is an initializer, too."""
    leaves = tree_leaves(tree, is_leaf, none_is_leaf=none_is_leaf, registry=registry)
    if initializer is _UNSPECIFIED:
        return functools.reduce(function, leaves)
    return functools.reduce(function, leaves, initializer)


def tree_reduce_associative(
    operation: Callable[..., Any],
    tree: Any,
    *,
    identity: Any = _UNSPECIFIED,
    is_leaf: Callable[..., Any] | None = None,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> Any:
    """Combine the leaves of a tree: the result of the left half with that of the right half."""
    leaves = tree_leaves(tree, is_leaf, none_is_leaf=none_is_leaf, registry=registry)
    if leaves:
        return _reduce_halves(operation, leaves)
    if identity is _UNSPECIFIED:
        raise TypeError("Must specify identity for parallel reduction of empty sequence.")
    return identity


def _reduce_halves(operation: Callable[..., Any], leaves: list[Any]) -> Any:
    if len(leaves) == 1:
        return leaves[0]
    half = len(leaves) // 2
    left = _reduce_halves(operation, leaves[:half])
    return operation(left, _reduce_halves(operation, leaves[half:]))


def _match_all(
    treedef: PyTreeDef, name: str, tree: Any, others: Iterable[Any], options: Options
) -> Iterator[list[Any]]:
    for number, other in enumerate(others, start=1):
        try:
            yield treedef.flatten_up_to(other)
        except PyTreeMismatchError as error:
            which = f" (further tree {number})"
            raise explained(error, name, tree, other, options, which) from None


def _call_each(
    f: Callable[..., Any], columns: Sequence[Sequence[Any]], treedef: PyTreeDef
) -> list[Any]:
    """All results, before any is used. A StopIteration of `f` must not look like their end."""
    results: list[Any] = []
    for arguments in zip(*columns, strict=True):
        try:
            results.append(f(*arguments))
        except StopIteration as error:
            where = place(path_to_leaf(treedef, len(results)))
            raise RuntimeError(
                f"generator raised StopIteration (by the function mapped over the tree, at {where})"
            ) from error
    return results
