"""Functions that repeat the leaves of a tree over the leaves of a deeper one.

The modules that explain why trees do not match are imported when that happens for the first time.
"""

from __future__ import annotations

from leafwise._core import (
    check_treedef,
    default_registry,
    locate,
    short_repr,
    tree_flatten,
    tree_leaves,
    tree_structure,
)
from leafwise.errors import PyTreeMismatchError
from leafwise.flattening import treedef_is_strict_leaf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from leafwise._core import PyTreeDef, PyTreeRegistry

__all__ = ["broadcast_flattened_prefix_with_treedef", "broadcast_prefix", "tree_broadcast"]


def tree_broadcast(
    prefix_tree: Any,
    full_tree: Any,
    is_leaf: Callable[[Any], bool | None] | None = None,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> Any:
    """Repeat each leaf of a tree over the subtree that is at its place in a deeper tree.

    Args:
        prefix_tree: The tree with the leaves to repeat.
        full_tree: The tree whose structure the result gets; it has subtrees where `prefix_tree` has
            leaves.
        is_leaf: See `leafwise.flattening`; asked about `prefix_tree` only.
        none_is_leaf: See `leafwise.flattening`.
        registry: See `leafwise.flattening`.

    Returns:
        A tree with the structure of `full_tree` and leaves of `prefix_tree`.

    Raises:
        PyTreeMismatchError: `full_tree` does not match; says where, and what was expected.

    Example:
        >>> import leafwise
        >>> leafwise.tree_broadcast({"a": 1, "b": 2}, {"a": [0, 0], "b": {"c": (0, 0, 0)}})
        {'a': [1, 1], 'b': {'c': (2, 2, 2)}}
    """
    repeated = broadcast_prefix(
        prefix_tree, full_tree, is_leaf, none_is_leaf=none_is_leaf, registry=registry
    )
    full_treedef = tree_structure(full_tree, none_is_leaf=none_is_leaf, registry=registry)
    return full_treedef.unflatten(repeated)


def broadcast_prefix(
    prefix_tree: Any,
    full_tree: Any,
    is_leaf: Callable[[Any], bool | None] | None = None,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> list[Any]:
    """Repeat each leaf of a tree as often as there are leaves at its place in a deeper tree.

    Args:
        prefix_tree: The tree with the leaves to repeat.
        full_tree: A tree that has subtrees where `prefix_tree` has leaves.
        is_leaf: See `leafwise.flattening`; asked about `prefix_tree` only.
        none_is_leaf: See `leafwise.flattening`.
        registry: See `leafwise.flattening`.

    Returns:
        As many leaves of `prefix_tree` as `full_tree` has leaves.

    Raises:
        PyTreeMismatchError: `full_tree` does not match; says where, and what was expected.

    Example:
        >>> import leafwise
        >>> leafwise.broadcast_prefix({"a": 1, "b": 2}, {"a": [0, 0], "b": {"c": (0, 0, 0)}})
        [1, 1, 2, 2, 2]
    """
    leaves, treedef = tree_flatten(
        prefix_tree, is_leaf, none_is_leaf=none_is_leaf, registry=registry
    )
    try:
        subtrees = treedef.flatten_up_to(full_tree)
    except PyTreeMismatchError as error:
        from leafwise.mismatch import explain_mismatch

        raise explain_mismatch(
            error,
            "broadcast_prefix prefix_tree",
            prefix_tree,
            full_tree,
            is_leaf=is_leaf,
            none_is_leaf=none_is_leaf,
            registry=registry,
        ) from None
    try:
        return _repeat(leaves, subtrees, none_is_leaf, registry)
    except (ValueError, RecursionError):
        pass  # It would say where in a subtree it is. What follows says where in the whole tree.
    tree_structure(full_tree, none_is_leaf=none_is_leaf, registry=registry)
    return _repeat(leaves, subtrees, none_is_leaf, registry)


def broadcast_flattened_prefix_with_treedef(
    prefix_leaves: list[Any], prefix_treedef: PyTreeDef, full_treedef: PyTreeDef
) -> list[Any]:
    """Repeat leaves as `broadcast_prefix` does, given structures in place of trees.

    Args:
        prefix_leaves: The leaves to repeat.
        prefix_treedef: Their structure.
        full_treedef: A structure that has subtrees where `prefix_treedef` has leaves.

    Returns:
        As many of the leaves as `full_treedef` has leaves.

    Raises:
        PyTreeMismatchError: `full_treedef` does not match; says where, and what was expected.
        TypeError: What should be a treedef is none.
        ValueError: There are too few or too many leaves for `prefix_treedef`.

    Example:
        >>> import leafwise
        >>> prefix, full = leafwise.tree_structure([0, 0]), leafwise.tree_structure([0, (0, 0)])
        >>> leafwise.broadcast_flattened_prefix_with_treedef([1, 2], prefix, full)
        [1, 2, 2]
    """
    for treedef in (prefix_treedef, full_treedef):
        check_treedef("broadcast_flattened_prefix_with_treedef", treedef)
    counts: list[int] = []
    pending = [(prefix_treedef, full_treedef)]
    while pending:
        prefix, full = pending.pop()
        if treedef_is_strict_leaf(prefix):
            counts.append(full.num_leaves)
            continue
        children, full_children = prefix.children(), full.children()
        if prefix.node_data() != full.node_data() or len(children) != len(full_children):
            raise _explain_treedefs(prefix, full, prefix_treedef, full_treedef)
        pending.extend(reversed(list(zip(children, full_children, strict=True))))
    leaves = list(prefix_leaves)
    if len(leaves) != len(counts):
        amount = "few" if len(leaves) < len(counts) else "many"
        raise ValueError(
            f"Too {amount} leaves for PyTreeDef; expected {len(counts)}, got {len(leaves)}"
        )
    repeated: list[Any] = []
    for leaf, count in zip(leaves, counts, strict=True):
        repeated.extend([leaf] * count)
    return repeated


def _repeat(
    leaves: list[Any], subtrees: list[Any], none_is_leaf: bool, registry: PyTreeRegistry
) -> list[Any]:
    repeated: list[Any] = []
    for leaf, subtree in zip(leaves, subtrees, strict=True):
        count = len(tree_leaves(subtree, none_is_leaf=none_is_leaf, registry=registry))
        repeated.extend([leaf] * count)
    return repeated


def _explain_treedefs(
    prefix: PyTreeDef, full: PyTreeDef, prefix_treedef: PyTreeDef, full_treedef: PyTreeDef
) -> PyTreeMismatchError:
    """Make the exception for two nodes, given the treedefs that they are in."""
    from leafwise.comparing import STAND_IN

    expected_data, data = full.node_data(), prefix.node_data()
    if data == expected_data or expected_data is None:
        message = "`prefix_treedef` is not a prefix of `full_treedef`"
    else:
        message = f"expected {short_repr(expected_data)}, got {short_repr(data)}"
    try:
        prefix_treedef.flatten_up_to(full_treedef.unflatten([STAND_IN] * full_treedef.num_leaves))
    except PyTreeMismatchError as error:
        place = f"At {locate(error.path)}: expected {error.expected}, got {error.got}."
        message = f"{message}\n\n{place}"
        return PyTreeMismatchError(message, error.path, error.expected, error.got)
    except MemoryError:
        raise
    except Exception:
        pass  # User code does not rebuild its objects around this leaf: the place stays unknown.
    return PyTreeMismatchError(message, (), short_repr(prefix), short_repr(full))
