"""Calls of every kind, and what they answer: for tests in which memory runs out.

What is called is made before, because making a function without memory crashes some interpreters.
"""

from __future__ import annotations

import operator
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from typing import Any

import leafwise as lw
from nodes import Fields, Keyed, Methods, Pair, Plain


def tree() -> Any:
    return [
        1.5,
        {"b": (2, None), "a": [Pair([], 3), Pair([4], 5)], "c": {1: 6, 2: 7}},
        OrderedDict(z=8, y=()),
        defaultdict(int, n={}),
        *[{"x": 1000 * n, "y": [n]} for n in range(3)],
        Plain([9, [10]], ("aux", 1)),
        Keyed([11], "aux"),
        Methods([12], "aux"),
        Fields(13, 14),
    ]


def keep(*arguments: Any) -> Any:
    return arguments[0]


def never(node: Any) -> bool:
    return False


def all_of(tree: Any) -> list[Any]:
    return list(lw.tree_iter(tree))


def register(kinds: list[type]) -> None:
    registry = lw.PyTreeRegistry(parent=lw.default_registry)
    registry.register_node(kinds[0], keep, keep)
    registry.register_dataclass_node(kinds[1], ["left"], ["right", "label"])
    registry.unregister_node(kinds[0])
    registry.unregister_node(kinds[1])


class Kind:
    pass


class KindOfFields(Fields):
    pass


TREE = tree()
OTHER = [*TREE[:-1], [13, 14]]
LEAVES, TREEDEF = lw.tree_flatten(TREE)
PATHS = [path for path, _ in lw.tree_leaves_with_path(TREE)]
RESTORE, STATE = TREEDEF.__reduce__()
SAME = RESTORE(*STATE)
PROTO_TREE = [1, {"a": (2, None)}]
PROTO = lw.tree_structure(PROTO_TREE).serialize_using_proto()

# A function and its arguments.
CALLS: dict[str, tuple[Callable[..., Any], Any]] = {
    "tree_flatten": (lw.tree_flatten, (TREE,)),
    "tree_flatten, is_leaf": (lw.tree_flatten, (TREE, never)),
    "tree_leaves": (lw.tree_leaves, (TREE,)),
    "tree_structure": (lw.tree_structure, (TREE,)),
    "tree_unflatten": (lw.tree_unflatten, (TREEDEF, LEAVES)),
    "tree_unflatten, iterator": (lw.tree_unflatten, (TREEDEF, dict.fromkeys(range(len(LEAVES))))),
    "flatten_up_to": (TREEDEF.flatten_up_to, (TREE,)),
    "flatten_up_to, other": (TREEDEF.flatten_up_to, (OTHER,)),
    "tree_flatten_with_path": (lw.tree_flatten_with_path, (TREE,)),
    "tree_leaves_with_path": (lw.tree_leaves_with_path, (TREE,)),
    "keystr": (lw.keystr, (PATHS[-1],)),
    "tree_map": (lw.tree_map, (keep, TREE, TREE)),
    "tree_map_with_path": (lw.tree_map_with_path, (keep, TREE)),
    "tree_reduce": (lw.tree_reduce, (keep, TREE)),
    "tree_all": (lw.tree_all, (TREE,)),
    "tree_any": (lw.tree_any, ([[0], TREE],)),
    "tree_iter": (all_of, (TREE,)),
    "tree_transpose": (lw.tree_transpose, (lw.tree_structure([0, 0]), None, [{"a": 1}, {"a": 2}])),
    "tree_broadcast": (lw.tree_broadcast, ([0] * len(TREE), TREE)),
    "treedef_tuple": (lw.treedef_tuple, ([TREEDEF, TREEDEF],)),
    "treedef_children": (lw.treedef_children, (TREEDEF,)),
    "compose": (TREEDEF.compose, (TREEDEF,)),
    "walk": (TREEDEF.walk, (keep, None, LEAVES)),
    "==": (operator.eq, (TREEDEF, SAME)),
    "hash": (hash, (RESTORE(*STATE),)),
    # Of plain containers: what Python does against endless repetition may fail in nested ones.
    "repr": (repr, (lw.tree_structure([1, {"a": [2], "b": None}]),)),
    "__reduce__": (TREEDEF.__reduce__, ()),
    "restoring": (RESTORE, STATE),
    "serialize_using_proto": (lw.tree_structure(PROTO_TREE).serialize_using_proto, ()),
    "deserialize_using_proto": (lw.PyTreeDef.deserialize_using_proto, (lw.default_registry, PROTO)),
    "flatten_one_level": (lw.flatten_one_level, (TREE,)),
    "register": (register, ([Kind, KindOfFields],)),
}


def shown(result: Any) -> str:
    leaves, treedef = lw.tree_flatten(result)
    return f"{leaves!r} {treedef!r}"


def outcome(call: Callable[..., Any], arguments: Any) -> str:
    try:
        return shown(call(*arguments))
    except ValueError as error:
        return str(error)
