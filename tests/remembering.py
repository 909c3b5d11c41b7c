"""Asking for the same so often that whatever can be remembered is."""

from __future__ import annotations

from types import ModuleType
from typing import Any

# The first time a structure is new; then it is remembered, and a plan is made to rebuild it.
TIMES = 4


def leaves_again(lw: ModuleType, tree: Any, registry: Any = None) -> list[Any]:
    """The leaves, asked for again and again."""
    for _ in range(TIMES):
        leaves = lw.tree_leaves(tree, registry=registry)
    return leaves
