"""Streams of structures of which no two are alike, so that remembering them helps nobody.

They are flattened one after the other. There are so many that of those which come again in the next
round, a cache of sensible size still knows two in a hundred at most.
"""

from __future__ import annotations

import itertools
import random
import string
from collections.abc import Callable

MIN_LEAVES, MAX_LEAVES = 10, 40
MAX_CHILDREN = 8

# Makes a node of children.
Make = Callable[[random.Random, list[object]], object]


def stream_of(size: int, *makes: Make) -> list[object]:
    """Return so many nests, in which every node is made by one of `makes`, chosen by chance."""
    chance = random.Random(0)
    found: dict[str, object] = {}
    while len(found) < size:
        leaves = [float(index) for index in range(chance.randint(MIN_LEAVES, MAX_LEAVES))]
        tree = _nest(chance, makes, leaves)
        # The leaves are the same in all of them, so the text is the structure.
        found[repr(tree)] = tree
    return list(found.values())


def _nest(chance: random.Random, makes: tuple[Make, ...], leaves: list[float]) -> object:
    if len(leaves) == 1:
        return leaves[0]
    places = range(1, len(leaves))
    cuts = sorted(chance.sample(places, min(chance.randrange(1, MAX_CHILDREN), len(places))))
    parts = itertools.pairwise((0, *cuts, len(leaves)))
    children = [_nest(chance, makes, leaves[start:end]) for start, end in parts]
    return chance.choice(makes)(chance, children)


def dict_of(chance: random.Random, children: list[object]) -> object:
    """Make a dict with random keys, in no order."""
    return {"".join(chance.choices(string.ascii_lowercase, k=8)): child for child in children}


def list_of(_chance: random.Random, children: list[object]) -> object:
    """Make a list."""
    return children


def tuple_of(_chance: random.Random, children: list[object]) -> object:
    """Make a tuple."""
    return tuple(children)
