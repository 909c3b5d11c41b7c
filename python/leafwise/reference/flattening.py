"""From a tree to its leaves and its treedef, and back."""

from __future__ import annotations

import operator
import sys
import types
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

from leafwise.reference.errors import UnplacedError, check_iterable, short_repr, warn
from leafwise.reference.keys import placed
from leafwise.reference.kinds.kind import LEAF, Kind, Node
from leafwise.reference.kinds.registered import DataclassKind
from leafwise.reference.registry import (
    PyTreeRegistry,
    checked_bool,
    default_registry,
    kind_of,
    registry_argument,
)
from leafwise.reference.treedef import PyTreeDef, make_treedef, path_to_node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from leafwise.reference.keys import KeyEntry, KeyPath


class Options(NamedTuple):
    """What all functions that walk a tree have as arguments; `checked_options` makes it."""

    is_leaf: Callable[..., Any] | None
    none_is_leaf: bool
    registry: PyTreeRegistry
    takes_path: bool

    def kind_at(self, path: KeyPath, value: Any) -> Kind:
        """The kind of a value in a tree; the predicate is asked first."""
        if self.is_leaf is not None:
            verdict = self.is_leaf(path, value) if self.takes_path else self.is_leaf(value)
            if _as_bool(verdict):
                return LEAF
        kind = kind_of(value, self.none_is_leaf, self.registry)
        if kind is LEAF and id(type(value)) in _ITERATOR_TYPE_IDS:
            warn(
                f"Python iterable type '{type(value).__name__}' is treated as a leaf in PyTree. "
                "Use is_leaf to suppress this warning if you want this behavior. In a future "
                "version of JAX, this will become an error.",
                DeprecationWarning,
            )
        return kind

    def are_leaves(self, pair: tuple[KeyPath, Any, Any]) -> bool:
        """Whether what is in two trees at the same place are leaves."""
        path, one, other = pair
        return self.kind_at(path, one) is LEAF and self.kind_at(path, other) is LEAF


def checked_options(
    is_leaf: Callable[..., Any] | None,
    none_is_leaf: bool,
    registry: PyTreeRegistry | None,
    takes_path: bool = False,
) -> Options:
    """Check the arguments, and make one of them."""
    if is_leaf is not None and not callable(is_leaf):
        raise TypeError(f"is_leaf must be a callable or None, got {short_repr(is_leaf)}")
    checked_bool("none_is_leaf", none_is_leaf)
    checked_bool("is_leaf_takes_path", takes_path)
    return Options(is_leaf, none_is_leaf, registry_argument(registry), takes_path)


def _as_bool(verdict: Any) -> bool:
    if verdict is None or isinstance(verdict, bool):
        return bool(verdict)
    # numpy's bool, known by its name, because numpy is not to be imported.
    if f"{type(verdict).__module__}.{type(verdict).__name__}" in ("numpy.bool", "numpy.bool_"):
        return bool(verdict)
    shown = short_repr(verdict)
    raise ValueError(f"is_leaf predicate returned a non-boolean value {shown}; expected a boolean")


# What is taken for a container easily. By id, because a metaclass may make classes equal.
_ITERATOR_TYPES: list[type] = [
    *(types.GeneratorType, zip, map, filter, enumerate, reversed),
    *(type(iter([])), type(iter(())), type(iter(set())), type(iter({}))),
    *(type({}.values()), type(iter({}.values())), type(iter({}.items()))),
]
_ITERATOR_TYPE_IDS = set(map(id, _ITERATOR_TYPES))

_LEAF_NODE = Node(LEAF)


def too_deep() -> UnplacedError:
    """What is raised for a tree with more nested containers than Python has nested calls."""
    return UnplacedError(
        RecursionError(
            "maximum recursion depth exceeded in flatten; PyTree may have cyclical node references."
        )
    )


def flatten(
    tree: Any, options: Options, with_paths: bool = False
) -> tuple[list[Any], list[KeyPath], PyTreeDef]:
    """Visit a tree in pre-order, left to right; give leaves, their paths if wanted, the treedef."""
    leaves: list[Any] = []
    paths: list[KeyPath] = []
    nodes: list[Node] = []
    # For each container that we are in, what is still to be visited. Its children were copied when
    # it was opened, so that callbacks that change it do not change what is visited.
    pending: list[Iterator[tuple[KeyPath, Any]]] = [iter([((), tree)])]
    value = tree
    try:
        while pending:
            for path, value in pending[-1]:
                kind = options.kind_at(path, value)
                if kind is LEAF:
                    leaves.append(value)
                    paths.append(path)
                    nodes.append(_LEAF_NODE)
                    continue
                if len(pending) > sys.getrecursionlimit():
                    raise too_deep()
                if with_paths:
                    children, data, keys = kind.open_with_keys(value)
                    nodes.append(Node(kind, len(children), data, keys))
                    child_paths: Iterable[KeyPath] = [(*path, key) for key in keys]
                else:
                    children, data = kind.open(value)
                    nodes.append(Node(kind, len(children), data))
                    child_paths = repeat((), len(children))
                if isinstance(kind, DataclassKind):
                    kind.warn_of_unfit_metadata(data)
                pending.append(zip(child_paths, children, strict=True))
                break
            else:
                pending.pop()
    except UnplacedError as unplaced:
        # All nodes before the value are there, so that its path is that of the next one.
        raise placed(
            unplaced, value, lambda: path_to_node(nodes, len(nodes))
        ) from unplaced.__cause__
    return leaves, paths, make_treedef(nodes, options.registry)


def tree_flatten(
    tree: Any,
    is_leaf: Callable[..., Any] | None = None,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> tuple[list[Any], PyTreeDef]:
    """Take a tree apart into its leaves and its structure."""
    leaves, _, treedef = flatten(tree, checked_options(is_leaf, none_is_leaf, registry))
    return leaves, treedef


def tree_leaves(
    tree: Any,
    is_leaf: Callable[..., Any] | None = None,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> list[Any]:
    """Give the leaves of a tree."""
    return flatten(tree, checked_options(is_leaf, none_is_leaf, registry))[0]


def tree_structure(
    tree: Any,
    is_leaf: Callable[..., Any] | None = None,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> PyTreeDef:
    """Give the structure of a tree."""
    return flatten(tree, checked_options(is_leaf, none_is_leaf, registry))[2]


def tree_unflatten(treedef: PyTreeDef, leaves: Iterable[Any]) -> Any:
    """Build the tree that has this structure and these leaves."""
    if not isinstance(treedef, PyTreeDef):
        raise TypeError(
            f"tree_unflatten expects a leafwise.PyTreeDef first, got {short_repr(treedef)}, "
            f"of {type(treedef)}"
        )
    return treedef.unflatten(leaves)


def tree_flatten_with_path(
    tree: Any,
    is_leaf: Callable[..., Any] | None = None,
    is_leaf_takes_path: bool = False,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> tuple[list[tuple[KeyPath, Any]], PyTreeDef]:
    """Take a tree apart into pairs of key path and leaf, and its structure."""
    options = checked_options(is_leaf, none_is_leaf, registry, is_leaf_takes_path)
    leaves, paths, treedef = flatten(tree, options, with_paths=True)
    return list(zip(paths, leaves, strict=True)), treedef


def tree_leaves_with_path(
    tree: Any,
    is_leaf: Callable[..., Any] | None = None,
    is_leaf_takes_path: bool = False,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> list[tuple[KeyPath, Any]]:
    """Give pairs of key path and leaf."""
    options = checked_options(is_leaf, none_is_leaf, registry, is_leaf_takes_path)
    leaves, paths, _ = flatten(tree, options, with_paths=True)
    return list(zip(paths, leaves, strict=True))


def generate_key_paths(
    tree: Any,
    is_leaf: Callable[..., Any] | None = None,
    is_leaf_takes_path: bool = False,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> list[tuple[KeyPath, Any]]:
    """Give pairs of key path and leaf: `tree_leaves_with_path` by another name."""
    return tree_leaves_with_path(
        tree, is_leaf, is_leaf_takes_path, none_is_leaf=none_is_leaf, registry=registry
    )


def all_leaves(
    iterable: Iterable[Any],
    is_leaf: Callable[..., Any] | None = None,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> bool:
    """Say whether all items are leaves."""
    options = checked_options(is_leaf, none_is_leaf, registry)
    check_iterable("all_leaves expects an iterable", iterable)
    if is_leaf is None:
        return all(kind_of(item, none_is_leaf, options.registry) is LEAF for item in iterable)
    items = list(iterable)
    leaves, _, _ = flatten(items, options)
    return len(leaves) == len(items) and all(map(operator.is_, leaves, items))


def flatten_one_level(
    tree: Any, *, none_is_leaf: bool = False, registry: PyTreeRegistry = default_registry
) -> tuple[Iterable[Any], Any]:
    """Take apart the root only: its children, and what else is needed to rebuild it."""
    kind = _root_kind(tree, none_is_leaf, registry)
    try:
        return kind.one_level(tree)
    except UnplacedError as unplaced:
        raise placed(unplaced, tree) from unplaced.__cause__


def flatten_one_level_with_keys(
    tree: Any, *, none_is_leaf: bool = False, registry: PyTreeRegistry = default_registry
) -> tuple[Iterable[tuple[KeyEntry, Any]], Any]:
    """Take apart the root only, with a pair of key and child in place of each child."""
    kind = _root_kind(tree, none_is_leaf, registry)
    try:
        return kind.one_level_with_keys(tree)
    except UnplacedError as unplaced:
        raise placed(unplaced, tree) from unplaced.__cause__


def _root_kind(tree: Any, none_is_leaf: bool, registry: PyTreeRegistry) -> Kind:
    checked_bool("none_is_leaf", none_is_leaf)
    kind = kind_of(tree, none_is_leaf, registry_argument(registry))
    if kind is LEAF:
        raise ValueError(f"can't tree-flatten type: {type(tree)}")
    return kind
