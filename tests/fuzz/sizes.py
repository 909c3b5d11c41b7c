"""How large trees are, as they are now: what was changed has another size than when it was made."""

from __future__ import annotations

from typing import Any

from fuzz.showing import ATTRIBUTES, DICTS, attributes_of
from nodes import Plain


def children_of(node: Any, own: list[type]) -> list[Any]:
    """What is in a node, as far as built-in containers, known classes and `own` show it."""
    children: list[Any] = []
    if isinstance(node, (tuple, list)):
        children += node
    if type(node) in DICTS:
        children += node.values()
    elif isinstance(node, Plain):
        children.append(node.children)
    elif type(node) in ATTRIBUTES or type(node) in own:
        children += attributes_of(node)
    return children


def count_nodes(tree: Any, own: list[type], limit: int) -> int:
    """How many nodes and leaves there are, each as often as it occurs; at most `limit`."""
    pending = [tree]
    for count in range(limit):
        if not pending:
            return count
        pending += children_of(pending.pop(), own)
    return limit
