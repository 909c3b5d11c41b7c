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


def check(
    lw: ModuleType, registry: Any, tree: Any, leaves: list[Any], paths: list[str] | None = None
) -> None:
    """What can be done with a tree, time after time; paths only where they are given."""
    for _ in range(TIMES):
        found, treedef = lw.tree_flatten(tree, registry=registry)
        assert found == leaves
        assert treedef.unflatten(found) == tree
        assert treedef.flatten_up_to(tree) == leaves
        assert list(lw.tree_iter(tree, registry=registry)) == leaves
        with_paths = lw.tree_leaves_with_path(tree, registry=registry)
        assert paths is None or [lw.keystr(path) for path, _ in with_paths] == paths
        assert lw.tree_map(lambda x: x, tree, registry=registry) == tree
