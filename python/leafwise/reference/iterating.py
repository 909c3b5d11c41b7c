"""The leaves of a tree one by one, and what can be said before all of them were looked at."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from leafwise.reference.errors import UnplacedError
from leafwise.reference.flattening import Options, checked_options, too_deep
from leafwise.reference.keys import placed
from leafwise.reference.kinds.kind import LEAF
from leafwise.reference.registry import PyTreeRegistry, default_registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def tree_iter(
    tree: Any,
    is_leaf: Callable[..., Any] | None = None,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> Iterator[Any]:
    """Give the leaves of a tree one by one; each step visits what is there up to the next leaf."""
    return _walk(tree, checked_options(is_leaf, none_is_leaf, registry))


def _walk(tree: Any, options: Options) -> Iterator[Any]:
    # Like `flatten`: the children of a container are copied when the walk comes to it.
    pending = [iter((tree,))]
    while pending:
        for value in pending[-1]:
            kind = options.kind_at((), value)
            if kind is LEAF:
                yield value
                continue
            try:
                if len(pending) > sys.getrecursionlimit():
                    raise too_deep()
                children, _ = kind.open(value)
            except UnplacedError as unplaced:
                raise placed(unplaced, value) from unplaced.__cause__
            pending.append(iter(children))
            break
        else:
            pending.pop()


def tree_all(
    tree: Any,
    *,
    is_leaf: Callable[..., Any] | None = None,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> bool:
    """Say whether all leaves are true. Nothing behind the first one that is not is visited."""
    return all(tree_iter(tree, is_leaf, none_is_leaf=none_is_leaf, registry=registry))


def tree_any(
    tree: Any,
    *,
    is_leaf: Callable[..., Any] | None = None,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> bool:
    """Say whether any leaf is true. Nothing behind the first one that is is visited."""
    return any(tree_iter(tree, is_leaf, none_is_leaf=none_is_leaf, registry=registry))
