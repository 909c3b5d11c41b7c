"""States, pickles and protocol buffers with something changed; and whether a treedef works.

What draws is a `random.Random`, or the fuzzer's reader of bytes, which has some of its methods.
"""

from __future__ import annotations

import copy
from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from typing import Any

import leafwise
from nodes import Constant, Fields, Keyed, Pair, Plain

TREES: list[Any] = [
    [1, {"b": (2, None), "a": [Pair([], 3)]}, OrderedDict(z=8, y=()), defaultdict(int, n={})],
    [Plain([9, [10]], ("aux", 1)), Keyed([11], "aux"), Fields(13, 14), Constant(15)],
    [{"x": n, "y": [n], "z": (None, n)} for n in range(5)],
    {1: {2.5: 1, -0.0: {}}, 2: {(3, "a"): 2}},
]
# What protocol buffers can hold.
PLAIN_TREES: list[Any] = [
    1,
    {"a": {}},
    [1, {"b": (2, None), "a": [3, ()]}, {}],
    [{"x": n, "y": [n], "é": (None, n)} for n in range(5)],
    {f"key {n}": n for n in range(200)},
]
# Put in place of anything: kinds, numbers of children, keys, classes, and what is none of them.
ODD: list[Any] = [
    *range(-1, 12), 2**31, 2**63, 2**64, -(2**63), True, 1.5, "a", b"a", None, [], {}, (), (1, 2),
    ("a", "b"), ("b", "a"), ("a", "a"), ([], []), list, tuple, dict, int, Pair, Plain, Keyed,
    Fields, Constant, object, type, (int, ("n",)), (None, ()), float("nan"), (0, 0, None, None),
]  # fmt: skip
ONE_KEY = b"\n\x02\x10\x01\n\t\x08\x01\x10\x05\x1a\x03\n\x01\x00"
TWO_LEAVES = b"\n\x02\x10\x01\n\x02\x10\x01"
MALFORMED_PROTOS = {
    "empty": b"",
    "noise": b"xx",
    "no such kind": b"\n\x02\x10\x09",
    "no kind": b"\n\x00",
    "cut": b"\n\x05\x10",
    "no such wire type": b"\x0f\x05\x10",
    "two roots": TWO_LEAVES,
    "children of a leaf": b"\n\x02\x10\x01\n\x04\x08\x01\x10\x01",
    "no keys": b"\n\x02\x10\x01\n\x04\x08\x01\x10\x05",
    "too many children": b"\n\x0d\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x10\x02",
    "a number of more than 64 bits": b"\xff" * 11,
    "keys that are nowhere": ONE_KEY,
    "keys and then noise": ONE_KEY + b"\x12\x01a\xff",
    "a key that is no UTF-8": ONE_KEY + b"\x12\x01\xff",
    "a key twice": TWO_LEAVES + b"\n\x0a\x08\x02\x10\x05\x1a\x04\n\x02\x00\x00\x12\x01a",
    "keys out of order": TWO_LEAVES
    + b"\n\x0a\x08\x02\x10\x05\x1a\x04\n\x02\x00\x01\x12\x01b\x12\x01a",
}

restore = leafwise.tree_structure(1).__reduce__()[0]


def changed(state: Any, chance: Any) -> Any:
    """The state with something else in one place, at any depth."""
    if not isinstance(state, tuple) or not state or chance.random() < 0.2:
        return chance.choice(ODD)
    parts = list(state)
    place = chance.randrange(len(parts))
    other = chance.randrange(len(parts))
    action = chance.randrange(6)
    if action == 0:
        del parts[place]
    elif action == 1:
        parts.insert(place, parts[other])
    elif action == 2:
        parts[place], parts[other] = parts[other], parts[place]
    else:
        parts[place] = changed(parts[place], chance)
    return tuple(parts)


def changes(state: Any) -> Iterator[Any]:
    """Every state that differs in one place: by what is odd, by an item too few or too many."""
    yield from ODD
    if isinstance(state, tuple):
        for place, item in enumerate(state):
            before, after = state[:place], state[place + 1 :]
            for other in changes(item):
                yield (*before, other, *after)
            yield before + after
            yield (*before, item, item, *after)


def swapped(state: Any, other: Any, chance: Any) -> Any:
    """The state with a field, a node, or some nodes in a row from the state of another treedef."""
    nodes = list(state)
    place, source = chance.randrange(len(nodes)), chance.randrange(len(other))
    action = chance.randrange(3)
    if action == 0:
        field = chance.randrange(len(nodes[place]))
        node = list(nodes[place])
        node[field] = other[source][field]
        nodes[place] = tuple(node)
    elif action == 1:
        nodes[place] = other[source]
    else:
        length = 1 + chance.randrange(3)
        nodes[place : place + chance.randrange(4)] = other[source : source + length]
    return tuple(nodes)


def changed_bytes(data: bytes, other: bytes, chance: Any) -> bytes:
    """The bytes with a few of them changed, left out, moved, or taken from other bytes."""
    changed = bytearray(data)
    for _ in range(1 + chance.randrange(3)):
        place, source = chance.randrange(len(changed) + 1), chance.randrange(len(other))
        length = chance.randrange(4)
        action = chance.randrange(4)
        if action == 0 and place < len(changed):
            changed[place] ^= 1 << chance.randrange(8)
        elif action == 1 and place < len(changed):
            changed[place] = chance.randrange(256)
        elif action == 2:
            changed[place : place + length] = other[source : source + chance.randrange(4)]
        else:
            changed[place:place] = changed[source : source + length]
    return bytes(changed)


def check(treedef: Any) -> None:
    """Do all that can be done with a treedef; errors are allowed where they are a class' own."""
    assert type(treedef) is leafwise.PyTreeDef
    assert treedef == treedef
    assert copy.copy(treedef) == treedef
    assert isinstance(hash(treedef), int)
    assert repr(treedef).startswith("PyTreeDef(")
    assert len(leafwise.treedef_children(treedef)) <= treedef.num_nodes
    leaves = list(range(treedef.num_leaves))
    for _ in range(3):
        try:
            tree = treedef.unflatten(leaves)
        except (TypeError, ValueError, AttributeError):
            return
        try:
            assert len(treedef.flatten_up_to(tree)) == treedef.num_leaves
        except ValueError:
            pass  # what a class of the user's made of it is something else
        leafwise.tree_leaves_with_path(tree)
