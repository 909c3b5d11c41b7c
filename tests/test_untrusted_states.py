"""Pickled treedefs of which the state was changed: an error, or the treedef that it describes."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

import leafwise
from effort import rounds
from forging import ODD, TREES, changed, changes, check, restore, swapped

NUMBERS = pytest.mark.parametrize("number", range(len(TREES)))
SEEDS = pytest.mark.parametrize("seed", range(rounds(3, torture=500)))


def state_of(number: int) -> Any:
    return leafwise.tree_structure(TREES[number]).__reduce__()[1][1]


def is_accepted(state: Any, original: Any) -> bool:
    """Whether it makes a treedef, which then is the one that was described and no other."""
    registry = leafwise.default_registry
    try:
        treedef = restore(registry, state)
    except (ValueError, TypeError) as error:
        assert str(error)
        return False
    check(treedef)
    assert treedef.__reduce__()[1] == (registry, state)
    assert (treedef == restore(registry, original)) is (state == original)
    return True


@NUMBERS
def test_a_change_in_any_place(number: int) -> None:
    state = state_of(number)
    accepted = [is_accepted(forged, state) for forged in changes(state)]
    assert 0 < sum(accepted) < len(accepted)


def check_forged(
    number: int, chance: random.Random, forge: Callable[[Any, random.Random], Any]
) -> None:
    """Check a thousand states that were forged one to three times; some are accepted."""
    state = state_of(number)
    accepted = 0
    for _ in range(1000):
        forged = state
        for _ in range(chance.randint(1, 3)):
            forged = forge(forged, chance)
        accepted += is_accepted(forged, state)
    assert 0 < accepted < 1000


@NUMBERS
@SEEDS
def test_changed_states(number: int, seed: int) -> None:
    check_forged(number, random.Random(f"{number} {seed}"), changed)


@NUMBERS
@SEEDS
def test_states_with_parts_of_others(number: int, seed: int) -> None:
    def swap(state: Any, chance: random.Random) -> Any:
        return swapped(state, state_of(chance.randrange(len(TREES))), chance)

    check_forged(number, random.Random(f"{number} {seed}"), swap)


@NUMBERS
def test_another_number_of_children(number: int) -> None:
    state = state_of(number)
    for place, (kind, arity, aux, cls) in enumerate(state):
        for other in [odd for odd in ODD if odd is True or odd != arity]:
            with pytest.raises(ValueError, match=r"^Malformed pickled PyTreeDef: "):
                restore(None, (*state[:place], (kind, other, aux, cls), *state[place + 1 :]))


@pytest.mark.parametrize("keys", [("a",), ("a", "a"), ("b", "a"), ["a", "b"], None])
def test_other_keys_than_children(keys: Any) -> None:
    (kind, arity, _, cls), *leaves = leafwise.tree_structure({"a": 1, "b": 2}).__reduce__()[1][1]
    with pytest.raises(ValueError, match=r"^Malformed pickled PyTreeDef: ") as caught:
        restore(None, ((kind, arity, keys, cls), *leaves))
    assert "keys" in str(caught.value.__cause__)


@NUMBERS
def test_nodes_left_out_at_an_end(number: int) -> None:
    state = state_of(number)
    missing = r"^Malformed pickled PyTreeDef: (nodes are missing|impossible number of children)"
    for length in range(len(state)):
        with pytest.raises(ValueError, match=missing):
            restore(None, state[:length])
        if length > 0:
            is_accepted(state[length:], state)
        with pytest.raises(ValueError, match=r"^Malformed pickled PyTreeDef: nodes after the end"):
            restore(None, (*state, *state[: length + 1]))


@NUMBERS
def test_fields_left_out(number: int) -> None:
    state = state_of(number)
    for place, node in enumerate(state):
        for field in range(len(node)):
            shorter = (*node[:field], *node[field + 1 :])
            with pytest.raises(ValueError, match=r"a node is \(kind, arity, aux, type\)"):
                restore(None, (*state[:place], shorter, *state[place + 1 :]))


class PretendsToBeARegistry:
    __class__ = leafwise.PyTreeRegistry  # type: ignore[assignment]


@pytest.mark.parametrize(
    "registry",
    [odd for odd in ODD if odd is not None]
    + [leafwise, leafwise.PyTreeRegistry, leafwise.tree_structure(1), PretendsToBeARegistry()],
    ids=lambda value: type(value).__name__,
)
def test_no_registry(registry: Any) -> None:
    with pytest.raises(TypeError, match="registry must be a PyTreeRegistry"):
        restore(registry, state_of(0))


@NUMBERS
def test_another_registry(number: int) -> None:
    """It decides which classes are known: those of the state, or it is an error that names one."""
    state = state_of(number)
    classes = {node[3] for node in state} - {None}
    for registry in (
        None,
        leafwise.PyTreeRegistry(parent=leafwise.default_registry),
        leafwise.PyTreeRegistry(),
    ):
        knows = all(leafwise.is_tree_node(kind, registry=registry) for kind in classes)
        if knows:
            treedef = restore(registry, state)
            expected = leafwise.tree_structure(TREES[number], registry=registry)
            assert treedef == expected
            assert repr(treedef) == repr(expected)
            assert treedef.__reduce__()[1][0] is expected.__reduce__()[1][0]
        else:
            with pytest.raises(ValueError, match=r"^Unknown custom type in pickled PyTreeDef: <"):
                restore(registry, state)
