"""Taking trees apart and putting them together.

A *tree* is a nest of containers, its *nodes*: None, tuples, lists, dicts, named tuples,
OrderedDicts, defaultdicts, the classes that were registered, and those with the methods
`__tree_flatten__` and `__tree_unflatten__`. Whatever else is in it is a *leaf*. The type decides,
and exactly: a subclass of list is a leaf unless it was registered, or its base with
`subclasses=True`. Flattening gives the leaves, from left to right, and a `PyTreeDef`, which is the
tree without its leaves. Dicts are read, and rebuilt, in the order of their sorted keys;
OrderedDicts in their own.

Three arguments have the same meaning in all functions that walk a tree:

`is_leaf`
    A function that is called with every node and leaf, from the root down, before anything else
    happens to it. Where it returns True the walk stops: the node is a leaf, whatever its type. It
    must return a bool (Python's or numpy's) or None, which stands for False; anything else is a
    ValueError.
    Functions that also take `is_leaf_takes_path=True` then call it with two arguments, the key path
    and the node.
`none_is_leaf`
    None is a node without children: it disappears from the leaves and comes back by
    `tree_unflatten`. With `none_is_leaf=True` it is a leaf.
`registry`
    The `PyTreeRegistry` which says what types are nodes. If there is none, `default_registry`.

A tree that contains itself, or with more nested containers than `sys.getrecursionlimit()`, is a
RecursionError. Of some leaves a DeprecationWarning tells, as in JAX, since who put them there may
have meant what they give: generators, the iterators of lists, tuples, sets and dicts, what `zip`,
`map`, `filter`, `enumerate` and `reversed` return, and the `values()` of a dict. Make a list of
them, or let `is_leaf` say that they are leaves.
"""

from __future__ import annotations

from leafwise import _core
from leafwise._core import (
    PyTreeDef,
    PyTreeRegistry,
    all_leaves,
    default_registry,
    tree_flatten,
    tree_flatten_with_path,
    tree_iter,
    tree_leaves,
    tree_leaves_with_path,
    tree_structure,
    tree_unflatten,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from leafwise.key_types import KeyEntry, KeyPath

__all__ = [
    "PyTreeDef",
    "PyTreeRegistry",
    "all_leaves",
    "default_registry",
    "flatten_one_level",
    "flatten_one_level_with_keys",
    "generate_key_paths",
    "is_tree_node",
    "none_leaf_registry",
    "tree_flatten",
    "tree_flatten_with_path",
    "tree_iter",
    "tree_leaves",
    "tree_leaves_with_path",
    "tree_structure",
    "tree_unflatten",
    "treedef_children",
    "treedef_is_leaf",
    "treedef_is_strict_leaf",
    "treedef_tuple",
]

# The default registry, but None is a leaf.
none_leaf_registry = PyTreeRegistry(parent=default_registry, enable_none=False)
none_leaf_registry.__name__ = "none_leaf_registry"


def generate_key_paths(
    tree: Any,
    is_leaf: Callable[..., bool | None] | None = None,
    is_leaf_takes_path: bool = False,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> list[tuple[KeyPath, Any]]:
    """Give the key path and the value of each leaf: `tree_leaves_with_path` by another name.

    Args:
        tree: The tree.
        is_leaf: See `leafwise.flattening`.
        is_leaf_takes_path: See `leafwise.flattening`.
        none_is_leaf: See `leafwise.flattening`.
        registry: See `leafwise.flattening`.

    Returns:
        A pair for each leaf, from left to right.

    Example:
        >>> import leafwise
        >>> leafwise.generate_key_paths({"a": [5]})
        [((DictKey(key='a'), SequenceKey(idx=0)), 5)]
    """
    return tree_leaves_with_path(
        tree, is_leaf, is_leaf_takes_path, none_is_leaf=none_is_leaf, registry=registry
    )


def flatten_one_level(
    tree: Any, *, none_is_leaf: bool = False, registry: PyTreeRegistry = default_registry
) -> tuple[Iterable[Any], Any]:
    """Take apart the root of a tree only.

    Args:
        tree: A node.
        none_is_leaf: See `leafwise.flattening`.
        registry: See `leafwise.flattening`.

    Returns:
        The children of the node, and what else is needed to rebuild it: the keys of a dict, the
        class of a named tuple, the auxiliary data of a registered class, None for others.

    Raises:
        ValueError: `tree` is a leaf.

    Example:
        >>> import leafwise
        >>> leafwise.flatten_one_level({"b": [1, 2], "a": 3})
        ((3, [1, 2]), ('a', 'b'))
    """
    return _core.flatten_one_level(tree, none_is_leaf, registry)


def flatten_one_level_with_keys(
    tree: Any, *, none_is_leaf: bool = False, registry: PyTreeRegistry = default_registry
) -> tuple[Iterable[tuple[KeyEntry, Any]], Any]:
    """Take apart the root of a tree only, and say how its children are named.

    Args:
        tree: A node.
        none_is_leaf: See `leafwise.flattening`.
        registry: See `leafwise.flattening`.

    Returns:
        As `flatten_one_level`, but with a pair of key and child in place of each child.

    Raises:
        ValueError: `tree` is a leaf.

    Example:
        >>> import leafwise
        >>> leafwise.flatten_one_level_with_keys({"b": [1, 2], "a": 3})
        (((DictKey(key='a'), 3), (DictKey(key='b'), [1, 2])), ('a', 'b'))
    """
    return _core.flatten_one_level_with_keys(tree, none_is_leaf, registry)


def is_tree_node(typ: type[Any], *, registry: PyTreeRegistry = default_registry) -> bool:
    """Say whether objects of a type are nodes.

    Args:
        typ: The type.
        registry: See `leafwise.flattening`.

    Returns:
        True if the type is in the registry, is a named tuple's, or has the methods
        `__tree_flatten__` and `__tree_unflatten__`.

    Example:
        >>> import leafwise
        >>> leafwise.is_tree_node(dict), leafwise.is_tree_node(set)
        (True, False)
    """
    return _core.is_tree_node(typ, registry)


def treedef_tuple(treedefs: Iterable[PyTreeDef]) -> PyTreeDef:
    """Make the treedef of a tuple out of the treedefs of its items.

    Args:
        treedefs: The treedefs, all of the same registry.

    Returns:
        The treedef of a tuple with these children.

    Raises:
        TypeError: Something among `treedefs` is not a treedef.
        ValueError: The registries of the treedefs differ.

    Example:
        >>> import leafwise
        >>> leaf, pair = leafwise.tree_structure(0), leafwise.tree_structure([0, 0])
        >>> leafwise.treedef_tuple([leaf, pair])
        PyTreeDef((*, [*, *]))
    """
    return _core.treedef_tuple(treedefs)


def treedef_children(treedef: PyTreeDef) -> list[PyTreeDef]:
    """Give the treedefs of the root's children.

    Args:
        treedef: The treedef.

    Returns:
        One treedef per child; none for a leaf.

    Raises:
        TypeError: `treedef` is not a treedef.

    Example:
        >>> import leafwise
        >>> leafwise.treedef_children(leafwise.tree_structure({"a": 1, "b": (2, 3)}))
        [PyTreeDef(*), PyTreeDef((*, *))]
    """
    return _core.treedef_children(treedef)


def treedef_is_leaf(treedef: PyTreeDef) -> bool:
    """Say whether a treedef is a single node.

    Args:
        treedef: The treedef.

    Returns:
        True for a leaf, and for a node that has no children, such as `None` and `[]`.

    Raises:
        TypeError: `treedef` is not a treedef.

    Example:
        >>> import leafwise
        >>> [leafwise.treedef_is_leaf(leafwise.tree_structure(tree)) for tree in (1, [], [1])]
        [True, True, False]
    """
    return _core.treedef_is_leaf(treedef)


def treedef_is_strict_leaf(treedef: PyTreeDef) -> bool:
    """Say whether a treedef is that of a leaf.

    Args:
        treedef: The treedef.

    Returns:
        True for a leaf only; not for a node without children, as with `treedef_is_leaf`.

    Raises:
        TypeError: `treedef` is not a treedef.

    Example:
        >>> import leafwise
        >>> [leafwise.treedef_is_strict_leaf(leafwise.tree_structure(tree)) for tree in (1, [], [1])]
        [True, False, False]
    """  # noqa: E501
    return _core.treedef_is_strict_leaf(treedef)
