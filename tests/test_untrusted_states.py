"""Pickled treedefs in which anything was changed: an error, or a treedef that works."""

from __future__ import annotations

import copy
import random
from collections import OrderedDict, defaultdict
from typing import Any

import pytest

import leafwise
from effort import rounds
from nodes import Constant, Fields, Keyed, Pair, Plain

TREES: list[Any] = [
    [1, {"b": (2, None), "a": [Pair([], 3)]}, OrderedDict(z=8, y=()), defaultdict(int, n={})],
    [Plain([9, [10]], ("aux", 1)), Keyed([11], "aux"), Fields(13, 14), Constant(15)],
    [{"x": n, "y": [n], "z": (None, n)} for n in range(5)],
    {1: {2.5: 1, -0.0: {}}, 2: {(3, "a"): 2}},
]
# Put in place of anything: kinds, numbers of children, keys, classes, and what is none of them.
ODD: list[Any] = [
    *range(-1, 12), 2**31, 2**63, 2**64, -(2**63), True, 1.5, "a", b"a", None, [], {}, (), (1, 2),
    ("a", "b"), ("b", "a"), ("a", "a"), ([], []), list, tuple, dict, int, Pair, Plain, Keyed,
    Fields, Constant, object, type, (int, ("n",)), (None, ()), float("nan"), (0, 0, None, None),
]  # fmt: skip


def changed(state: Any, chance: random.Random) -> Any:
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


def use(treedef: Any) -> None:
    """What can be done with a treedef, errors being allowed where they are a class' own."""
    assert treedef == treedef
    assert copy.deepcopy(treedef) == treedef
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


@pytest.mark.parametrize("number", range(len(TREES)))
@pytest.mark.parametrize("seed", range(rounds(3, torture=500)))
def test_changed_states(number: int, seed: int) -> None:
    chance = random.Random(f"{number} {seed}")
    restore, (registry, state) = leafwise.tree_structure(TREES[number]).__reduce__()
    accepted = refused = 0
    for _ in range(1000):
        forged = state
        for _ in range(chance.randint(1, 3)):
            forged = changed(forged, chance)
        try:
            treedef = restore(registry, forged)
        except (ValueError, TypeError) as error:
            assert str(error)
            refused += 1
        else:
            use(treedef)
            accepted += 1
    assert accepted > 0
    assert refused > 0


@pytest.mark.parametrize("registry", [3, leafwise, leafwise.PyTreeRegistry])
def test_no_registry(registry: Any) -> None:
    restore, (_, state) = leafwise.tree_structure([1]).__reduce__()
    with pytest.raises(TypeError, match="registry must be a PyTreeRegistry"):
        restore(registry, state)
