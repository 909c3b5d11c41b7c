"""The leaves of a tree, repeated over the leaves of a deeper one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leafwise.reference.errors import PyTreeMismatchError, short_repr
from leafwise.reference.flattening import Options, checked_options, flatten, tree_structure
from leafwise.reference.keys import place
from leafwise.reference.mismatch import STAND_IN, explained
from leafwise.reference.registry import PyTreeRegistry, default_registry
from leafwise.reference.treedef import PyTreeDef, treedef_argument, treedef_is_strict_leaf

if TYPE_CHECKING:
    from collections.abc import Callable


def tree_broadcast(
    prefix_tree: Any,
    full_tree: Any,
    is_leaf: Callable[..., Any] | None = None,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> Any:
    """Repeat each leaf of a tree for all the leaves that a deeper tree has at its place."""
    repeated = broadcast_prefix(
        prefix_tree, full_tree, is_leaf, none_is_leaf=none_is_leaf, registry=registry
    )
    full = tree_structure(full_tree, none_is_leaf=none_is_leaf, registry=registry)
    return full.unflatten(repeated)


def broadcast_prefix(
    prefix_tree: Any,
    full_tree: Any,
    is_leaf: Callable[..., Any] | None = None,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> list[Any]:
    """Give each leaf of a tree as often as there are leaves at its place in a deeper tree."""
    options = checked_options(is_leaf, none_is_leaf, registry)
    leaves, _, prefix = flatten(prefix_tree, options)
    try:
        subtrees = prefix.flatten_up_to(full_tree)
    except PyTreeMismatchError as error:
        name = "broadcast_prefix prefix_tree"
        raise explained(error, name, prefix_tree, full_tree, options) from None
    options = options._replace(is_leaf=None)
    try:
        return _repeat(leaves, subtrees, options)
    except (ValueError, RecursionError):
        pass  # It would say where in a subtree it is. What follows says where in the whole tree.
    flatten(full_tree, options)
    return _repeat(leaves, subtrees, options)


def broadcast_flattened_prefix_with_treedef(
    prefix_leaves: list[Any], prefix_treedef: PyTreeDef, full_treedef: PyTreeDef
) -> list[Any]:
    """Repeat leaves as `broadcast_prefix` does, given structures in place of trees."""
    for treedef in (prefix_treedef, full_treedef):
        treedef_argument("broadcast_flattened_prefix_with_treedef", treedef)
    counts: list[int] = []
    pending = [(prefix_treedef, full_treedef)]
    while pending:
        prefix, full = pending.pop()
        if treedef_is_strict_leaf(prefix):
            counts.append(full.num_leaves)
            continue
        children, full_children = prefix.children(), full.children()
        if prefix.node_data() != full.node_data() or len(children) != len(full_children):
            raise _no_prefix(prefix, full, prefix_treedef, full_treedef)
        pending.extend(reversed(list(zip(children, full_children, strict=True))))
    leaves = list(prefix_leaves)
    if len(leaves) != len(counts):
        amount = "few" if len(leaves) < len(counts) else "many"
        expected = f"expected {len(counts)}, got {len(leaves)}"
        raise ValueError(f"Too {amount} leaves for PyTreeDef; {expected}")
    return [leaf for leaf, count in zip(leaves, counts, strict=True) for _ in range(count)]


def _repeat(leaves: list[Any], subtrees: list[Any], options: Options) -> list[Any]:
    repeated: list[Any] = []
    for leaf, subtree in zip(leaves, subtrees, strict=True):
        repeated += [leaf] * len(flatten(subtree, options)[0])
    return repeated


def _no_prefix(
    prefix: PyTreeDef, full: PyTreeDef, prefix_treedef: PyTreeDef, full_treedef: PyTreeDef
) -> PyTreeMismatchError:
    """The error for two nodes of these treedefs."""
    expected_data, data = full.node_data(), prefix.node_data()
    if data == expected_data or expected_data is None:
        message = "`prefix_treedef` is not a prefix of `full_treedef`"
    else:
        message = f"expected {short_repr(expected_data)}, got {short_repr(data)}"
    try:
        prefix_treedef.flatten_up_to(full_treedef.unflatten([STAND_IN] * full_treedef.num_leaves))
    except PyTreeMismatchError as error:
        message += f"\n\nAt {place(error.path)}: expected {error.expected}, got {error.got}."
        return PyTreeMismatchError(message, error.path, error.expected, error.got)
    except MemoryError:
        raise
    except Exception:
        pass  # of user code that does not rebuild its objects around this leaf
    return PyTreeMismatchError(message, (), short_repr(prefix), short_repr(full))
