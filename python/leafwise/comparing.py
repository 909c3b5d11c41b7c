"""Where two trees differ: the walk behind all that is said about trees which do not match."""

from __future__ import annotations

import sys

from leafwise._core import (
    default_registry,
    describe,
    flatten_one_level_with_keys,
    is_tree_node,
    locate,
    tree_leaves,
)
from leafwise.registering import check_callable_or_none, checked_bool, checked_registry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from leafwise._core import PyTreeRegistry
    from leafwise.key_types import KeyEntry, KeyPath

    Pairs = list[tuple[KeyEntry, Any]]

__all__ = ["STAND_IN", "Comparison", "Mismatch"]


class _LeafType(type):
    def __repr__(cls) -> str:
        return "pytree leaf"


# What stands for the leaves that a treedef does not have; messages show its type.
STAND_IN = _LeafType("leaf", (), {})()


class Mismatch:
    """Two nodes that differ at the same place of two trees.

    Attributes:
        path: The place.
        what: What differs: "types", "lengths", "children" (their number) or "metadata".
        one: The node of the first tree.
        other: The node of the second tree.
        opened: For each of them, its pairs of key and child, and its metadata; they are there if
            "children" or "metadata" differ.
    """

    __slots__ = ("one", "opened", "other", "path", "what")

    def __init__(
        self, path: KeyPath, what: str, one: Any, other: Any, *opened: tuple[Pairs, Any]
    ) -> None:
        self.path = path
        self.what = what
        self.one = one
        self.other = other
        self.opened = opened


class Comparison:
    """How to compare two trees; the arguments mean what `leafwise.flattening` says."""

    __slots__ = ("is_leaf", "is_leaf_takes_path", "none_is_leaf", "registry")

    def __init__(
        self,
        is_leaf: Callable[..., bool | None] | None = None,
        *,
        is_leaf_takes_path: bool = False,
        none_is_leaf: bool = False,
        registry: PyTreeRegistry = default_registry,
    ) -> None:
        check_callable_or_none("is_leaf", is_leaf)
        self.is_leaf = is_leaf
        self.is_leaf_takes_path = is_leaf_takes_path
        self.none_is_leaf = checked_bool("none_is_leaf", none_is_leaf)
        self.registry = checked_registry(registry)

    def is_leaf_at(self, path: KeyPath, node: Any) -> bool:
        """Say whether something in a tree is a leaf; the predicate is asked first."""
        is_leaf = self.is_leaf
        if is_leaf is not None:
            verdict = is_leaf(path, node) if self.is_leaf_takes_path else is_leaf(node)
            if tree_leaves((), lambda _: verdict):  # The core judges what is a proper answer.
                return True
        return (self.none_is_leaf and node is None) or not is_tree_node(type(node), self.registry)

    def compare_nodes(
        self, path: KeyPath, one: Any, other: Any
    ) -> Mismatch | list[tuple[KeyPath, Any, Any]]:
        """Compare what is at the same place in two trees, where at least one is a node.

        Returns:
            What differs; or, if nothing does, the paths of the children and both children.
        """
        if len(path) >= sys.getrecursionlimit():
            raise _too_deep(path, one)
        if type(one) is not type(other):
            return Mismatch(path, "types", one, other)
        if isinstance(one, (list, tuple)) and len(one) != len(other):
            return Mismatch(path, "lengths", one, other)
        opened, other_opened = self._open(path, one), self._open(path, other)
        (pairs, metadata), (other_pairs, other_metadata) = opened, other_opened
        if len(pairs) != len(other_pairs):
            return Mismatch(path, "children", one, other, opened, other_opened)
        if metadata is not other_metadata and metadata != other_metadata:
            return Mismatch(path, "metadata", one, other, opened, other_opened)
        both = zip(pairs, other_pairs, strict=True)
        return [((*path, key), child, other_child) for (key, child), (_, other_child) in both]

    def mismatches(
        self, tree: Any, other: Any, are_leaves: Callable[[KeyPath, Any, Any], bool]
    ) -> Iterator[Mismatch]:
        """Find the nodes that differ, from left to right, but nothing below them.

        Args:
            tree: A tree.
            other: Another tree.
            are_leaves: Called with a path and what is there in both trees; says where to stop.
        """
        # Not recursive: a tree may be as deep as the recursion limit.
        pending: list[tuple[KeyPath, Any, Any]] = [((), tree, other)]
        while pending:
            path, one, another = pending.pop()
            if are_leaves(path, one, another):
                continue
            found = self.compare_nodes(path, one, another)
            if isinstance(found, Mismatch):
                yield found
            else:
                pending.extend(reversed(found))

    def _open(self, path: KeyPath, node: Any) -> tuple[Pairs, Any]:
        pairs, metadata = flatten_one_level_with_keys(node, self.none_is_leaf, self.registry, path)
        return list(pairs), metadata


def _too_deep(path: KeyPath, node: Any) -> RecursionError:
    text = "maximum recursion depth exceeded in flatten; PyTree may have cyclical node references."
    try:
        return RecursionError(f"{text}\n\nAt {locate(path)}: {describe(node)}.")
    except MemoryError:
        raise
    except Exception:
        return RecursionError(text)  # User code does not name the place.
