"""leafwise: flatten, map and rebuild trees of Python containers.

Example:
    >>> import leafwise
    >>> leaves, treedef = leafwise.tree_flatten({"b": (1, 2), "a": [3]})
    >>> leaves
    [3, 1, 2]
    >>> treedef
    PyTreeDef({'a': [*], 'b': (*, *)})
    >>> leafwise.tree_unflatten(treedef, ["x", "y", "z"])
    {'a': ['x'], 'b': ('y', 'z')}
    >>> leafwise.tree_map(lambda x: x * 10, {"b": (1, 2), "a": [3]})
    {'a': [30], 'b': (10, 20)}

What is a tree, and what `is_leaf`, `none_is_leaf` and `registry` mean everywhere, is said in
`leafwise.flattening`. The same functions have shorter names in `leafwise.tree`.
"""

from __future__ import annotations

try:
    from leafwise._core import __version__, cache_info, clear_cache
except ModuleNotFoundError as error:
    if error.name != "leafwise._core":
        raise
    raise ImportError(
        f"leafwise has no C++ core in {__path__[0]}: this is a source tree, or built for another "
        "Python. Install it by `pip install .` in the folder of pyproject.toml, and import it from "
        "another folder than python/"
    ) from error

from leafwise import tree
from leafwise.broadcasting import (
    broadcast_flattened_prefix_with_treedef,
    broadcast_prefix,
    tree_broadcast,
)
from leafwise.errors import PyTreeMismatchError, PyTreeMismatchTypeError
from leafwise.fields import register_attrs, register_dataclass, register_fields
from leafwise.flattening import (
    PyTreeDef,
    PyTreeRegistry,
    all_leaves,
    default_registry,
    flatten_one_level,
    flatten_one_level_with_keys,
    generate_key_paths,
    is_tree_node,
    none_leaf_registry,
    tree_flatten,
    tree_flatten_with_path,
    tree_iter,
    tree_leaves,
    tree_leaves_with_path,
    tree_structure,
    tree_unflatten,
    treedef_children,
    treedef_is_leaf,
    treedef_is_strict_leaf,
    treedef_tuple,
)
from leafwise.mapping import tree_map, tree_map_with_path, tree_transpose
from leafwise.paths import DictKey, FlattenedIndexKey, GetAttrKey, SequenceKey, keystr
from leafwise.reducing import tree_all, tree_any, tree_reduce, tree_reduce_associative
from leafwise.registering import (
    register_pytree_node,
    register_pytree_node_class,
    register_pytree_with_keys,
    register_pytree_with_keys_class,
    register_static,
    unregister_pytree_node,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from leafwise.declaring import dataclass, field
    from leafwise.differing import TreeDiff, TreeDifference, tree_diff
    from leafwise.equality import equality_errors, equality_errors_pytreedef
    from leafwise.key_types import KeyEntry, KeyPath
    from leafwise.mismatch import prefix_errors
    from leafwise.partial import Partial
    from leafwise.tree_types import PyTree

# Where the names are that most programs never use: imported when they are first asked for, because
# they need modules that take longer to import than all the rest.
_LATER = {
    "KeyEntry": "key_types",
    "KeyPath": "key_types",
    "Partial": "partial",
    "PyTree": "tree_types",
    "TreeDiff": "differing",
    "TreeDifference": "differing",
    "dataclass": "declaring",
    "equality_errors": "equality",
    "equality_errors_pytreedef": "equality",
    "field": "declaring",
    "prefix_errors": "mismatch",
    "tree_diff": "differing",
}

__all__ = [
    "DictKey",
    "FlattenedIndexKey",
    "GetAttrKey",
    "KeyEntry",
    "KeyPath",
    "Partial",
    "PyTree",
    "PyTreeDef",
    "PyTreeMismatchError",
    "PyTreeMismatchTypeError",
    "PyTreeRegistry",
    "SequenceKey",
    "TreeDiff",
    "TreeDifference",
    "__version__",
    "all_leaves",
    "broadcast_flattened_prefix_with_treedef",
    "broadcast_prefix",
    "cache_info",
    "clear_cache",
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
    "tree",
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


def __dir__() -> list[str]:
    return __all__


def _with_public_home(value: Any) -> Any:
    """Let pickles, tracebacks and help() name the home that stays when files change."""
    if getattr(value, "__module__", "").startswith("leafwise."):
        value.__module__ = "leafwise"
    return value


for _name in __all__:
    if _name in globals():
        _with_public_home(globals()[_name])


if not TYPE_CHECKING:  # else every misspelt name would look as if it existed

    def __getattr__(name: str) -> object:
        if name not in _LATER:
            raise AttributeError(f"module 'leafwise' has no attribute {name!r}")
        module = __import__(f"leafwise.{_LATER[name]}", fromlist=[name])
        value = _with_public_home(getattr(module, name))
        globals()[name] = value
        return value
