"""Why two trees do not have the same structure, in words."""

from __future__ import annotations

from leafwise._core import check_treedef, default_registry
from leafwise.comparing import STAND_IN, Comparison
from leafwise.wording import short, short_join, short_str, tell_apart, unshared_keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from leafwise._core import PyTreeDef, PyTreeRegistry
    from leafwise.comparing import Mismatch
    from leafwise.key_types import KeyPath

__all__ = ["equality_errors", "equality_errors_pytreedef"]


def equality_errors(
    tree1: Any,
    tree2: Any,
    is_leaf: Callable[[Any], bool | None] | None = None,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> Iterator[tuple[KeyPath, str, str, str]]:
    """Find all places where the structures of two trees differ.

    `tree_diff` finds them, too: more of them, and in a form to be printed.

    Args:
        tree1: A tree.
        tree2: Another tree.
        is_leaf: See `leafwise.flattening`; asked about both trees.
        none_is_leaf: See `leafwise.flattening`.
        registry: See `leafwise.flattening`.

    Yields:
        For each pair of subtrees whose roots differ, from left to right: the key path, what is
        there in `tree1`, what is there in `tree2`, and an explanation.

    Raises:
        RecursionError: A tree is too deep, or contains itself.

    Example:
        >>> import leafwise
        >>> for path, one, two, why in leafwise.equality_errors({"a": 1, "b": [2]}, {"a": 1, "b": []}):
        ...     print(f"{leafwise.keystr(path)} is a {one} and a {two}, so {why}")
        ['b'] is a list of length 1 and a list of length 0, so the lengths do not match
    """  # noqa: E501
    how = Comparison(is_leaf, none_is_leaf=none_is_leaf, registry=registry)

    def are_leaves(path: KeyPath, one: Any, two: Any) -> bool:
        return how.is_leaf_at(path, one) and how.is_leaf_at(path, two)

    for mismatch in how.mismatches(tree1, tree2, are_leaves):
        yield (mismatch.path, *_explain(mismatch))


def equality_errors_pytreedef(
    tree1: PyTreeDef, tree2: PyTreeDef, *, registry: PyTreeRegistry = default_registry
) -> Iterator[tuple[KeyPath, str, str, str]]:
    """Find all places where two treedefs differ.

    Objects of registered classes are rebuilt for this, around stand-ins for the leaves.

    Args:
        tree1: A treedef.
        tree2: Another treedef.
        registry: See `leafwise.flattening`; it should be that of the treedefs.

    Yields:
        The same as `equality_errors`.

    Raises:
        RecursionError: A treedef is deeper than a tree may be.
        TypeError: What should be a treedef is none.

    Example:
        >>> import leafwise
        >>> one, two = leafwise.tree_structure([0]), leafwise.tree_structure([(0,)])
        >>> list(leafwise.equality_errors_pytreedef(one, two))
        [((SequenceKey(idx=0),), 'pytree leaf', "<class 'tuple'>", 'their Python types differ')]
    """
    for treedef in (tree1, tree2):
        check_treedef("equality_errors_pytreedef", treedef)
    one, two = (treedef.unflatten([STAND_IN] * treedef.num_leaves) for treedef in (tree1, tree2))
    yield from equality_errors(one, two, registry=registry)


def _explain(mismatch: Mismatch) -> tuple[str, str, str]:
    one, two = mismatch.one, mismatch.other
    shown = short(type(one))
    if mismatch.what == "types":
        return shown, short(type(two)), "their Python types differ"
    if mismatch.what == "lengths":
        name = type(one).__name__
        lengths = f"{name} of length {len(one)}", f"{name} of length {len(two)}"
        return *lengths, "the lengths do not match"
    (pairs, metadata), (other_pairs, other_metadata) = mismatch.opened
    if mismatch.what == "metadata":
        texts = tell_apart(metadata, other_metadata, short_str)
        first, second = (f"{shown} with pytree metadata {text}" for text in texts)
        return first, second, "the pytree node metadata does not match"
    first, second = (f"{shown} with {_count_children(each)}" for each in (pairs, other_pairs))
    explanation = "the numbers of children do not match"
    unshared = unshared_keys(mismatch)
    if unshared:
        keys = short_join(unshared, _show_key)
        explanation += f", with the symmetric difference of key sets: {{{keys}}}"
    return first, second, explanation


def _count_children(pairs: list[Any]) -> str:
    return f"{len(pairs)} {'children' if len(pairs) > 1 else 'child'}"


def _show_key(key: Any) -> str:
    return short(key.key) if hasattr(key, "key") else short_str(key)
