"""leafwise in plain Python: the specification, the oracle of the tests, the benchmarks' baseline.

It has the public functions of `leafwise`, where their arguments are documented, and gives the same
answers and errors, but shares nothing with it: neither classes nor registry.

A treedef is a flat tuple of nodes in pre-order (a container, then all of its first child, and so
on), so that whatever one does with it is a loop, and works at any depth:

    {"a": 1, "b": (2, None)}   is   dict/2  leaf  tuple/2  leaf  None/0

Each node has a kind. The kind knows all that is special about it: how to open a container, how to
build it again, how its children are called, when two nodes are equal. Everything else treats all
kinds alike. The files, in the order of reading; each uses only those before it:

    errors        what is raised when trees do not match; how values are shown in any error
    keys          the steps of a path from the root of a tree to a leaf
    kinds/        what nodes are made of: kind, sequences, registered, dicts
    registry      which types are nodes, and of which kind
    treedef       PyTreeDef: the structure of a tree
    flattening    from a tree to its leaves and its treedef, and back
    iterating     the leaves one by one, no further than somebody asks
    comparing     where two trees differ
    mismatch      why two trees do not match, in words
    diff          all differences between two trees
    broadcasting  leaves repeated over the leaves of a deeper tree
    mapping       functions applied to the leaves of trees, and one value made of all leaves
    registering   classes as nodes, Partial among them

Example:
    >>> leaves, treedef = tree_flatten([1, {"b": (3, 4), "a": 2}])
    >>> leaves, treedef
    ([1, 2, 3, 4], PyTreeDef([*, {'a': *, 'b': (*, *)}]))
    >>> tree_unflatten(treedef, "wxyz")
    ['w', {'a': 'x', 'b': ('y', 'z')}]
"""

from __future__ import annotations

from leafwise.reference.broadcasting import (
    broadcast_flattened_prefix_with_treedef,
    broadcast_prefix,
    tree_broadcast,
)
from leafwise.reference.diff import TreeDiff, TreeDifference, tree_diff
from leafwise.reference.errors import PyTreeMismatchError, PyTreeMismatchTypeError
from leafwise.reference.fields import (
    dataclass,
    field,
    register_attrs,
    register_dataclass,
    register_fields,
)
from leafwise.reference.flattening import (
    all_leaves,
    flatten_one_level,
    flatten_one_level_with_keys,
    generate_key_paths,
    tree_flatten,
    tree_flatten_with_path,
    tree_leaves,
    tree_leaves_with_path,
    tree_structure,
    tree_unflatten,
)
from leafwise.reference.iterating import tree_all, tree_any, tree_iter
from leafwise.reference.keys import (
    DictKey,
    FlattenedIndexKey,
    GetAttrKey,
    KeyEntry,
    KeyPath,
    SequenceKey,
    keystr,
)
from leafwise.reference.mapping import (
    tree_map,
    tree_map_with_path,
    tree_reduce,
    tree_reduce_associative,
    tree_transpose,
)
from leafwise.reference.mismatch import (
    equality_errors,
    equality_errors_pytreedef,
    prefix_errors,
)
from leafwise.reference.registering import (
    Partial,
    register_pytree_node,
    register_pytree_node_class,
    register_pytree_with_keys,
    register_pytree_with_keys_class,
    register_static,
    unregister_pytree_node,
)
from leafwise.reference.registry import (
    PyTreeRegistry,
    default_registry,
    is_tree_node,
    none_leaf_registry,
)
from leafwise.reference.treedef import (
    PyTreeDef,
    treedef_children,
    treedef_is_leaf,
    treedef_is_strict_leaf,
    treedef_tuple,
)

__all__ = [
    "DictKey",
    "FlattenedIndexKey",
    "GetAttrKey",
    "KeyEntry",
    "KeyPath",
    "Partial",
    "PyTreeDef",
    "PyTreeMismatchError",
    "PyTreeMismatchTypeError",
    "PyTreeRegistry",
    "SequenceKey",
    "TreeDiff",
    "TreeDifference",
    "all_leaves",
    "broadcast_flattened_prefix_with_treedef",
    "broadcast_prefix",
    "dataclass",
    "default_registry",
    "equality_errors",
    "equality_errors_pytreedef",
    "field",
    "flatten_one_level",
    "flatten_one_level_with_keys",
    "generate_key_paths",
    "is_tree_node",
    "keystr",
    "none_leaf_registry",
    "prefix_errors",
    "register_attrs",
    "register_dataclass",
    "register_fields",
    "register_pytree_node",
    "register_pytree_node_class",
    "register_pytree_with_keys",
    "register_pytree_with_keys_class",
    "register_static",
    "tree_all",
    "tree_any",
    "tree_broadcast",
    "tree_diff",
    "tree_flatten",
    "tree_flatten_with_path",
    "tree_iter",
    "tree_leaves",
    "tree_leaves_with_path",
    "tree_map",
    "tree_map_with_path",
    "tree_reduce",
    "tree_reduce_associative",
    "tree_structure",
    "tree_transpose",
    "tree_unflatten",
    "treedef_children",
    "treedef_is_leaf",
    "treedef_is_strict_leaf",
    "treedef_tuple",
    "unregister_pytree_node",
]

for _object in [globals()[name] for name in __all__]:
    # Pickles and help() name the public home of things, which stays when files change.
    if _object.__module__.startswith(f"{__name__}."):
        _object.__module__ = __name__
