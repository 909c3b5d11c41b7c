"""Pickles of treedefs of which the bytes were changed or cut off.

Unpickling may call anything that a pickle names, and that is pickle's own affair; so here it finds
only what the unchanged pickle names, and what is looked at is what leafwise makes of its arguments.
"""

from __future__ import annotations

import contextlib
import io
import pickle
import random
import struct
from typing import Any

import pytest

import leafwise
from effort import rounds
from forging import TREES, changed_bytes, check, restore

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
CASES = [(number, protocol) for number in range(len(TREES)) for protocol in PROTOCOLS]
# Of pickle itself; its documentation says that there may be others as well.
ERRORS_OF_PICKLE = (
    pickle.UnpicklingError,
    AttributeError,
    EOFError,
    ImportError,
    IndexError,
    KeyError,
    TypeError,
    ValueError,
    struct.error,
)


def pickled(number: int, protocol: int) -> bytes:
    return pickle.dumps(leafwise.tree_structure(TREES[number]), protocol)


# The one in Python: that in C asks for as much memory as changed bytes say.
class Unpickler(pickle._Unpickler):  # type: ignore[name-defined, misc]
    """Finds only what the unchanged pickle names, and notes what leafwise does with the rest."""

    dispatch = dict(pickle._Unpickler.dispatch)  # type: ignore[attr-defined]
    del dispatch[pickle.BYTEARRAY8[0]]  # so does this one here, and no treedef needs it

    def __init__(self, data: bytes, allowed: set[tuple[str, str]] | None = None) -> None:
        super().__init__(io.BytesIO(data))
        self.allowed = allowed
        self.named: set[tuple[str, str]] = set()
        self.given: list[Any] = []
        self.outcomes: list[Any] = []

    def find_class(self, module: str, name: str) -> Any:
        if self.allowed is not None and (module, name) not in self.allowed:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed")
        self.named.add((module, name))
        found = super().find_class(module, name)
        return self.restore if name == "restore_treedef" else found

    def restore(self, *arguments: Any) -> Any:
        self.given.append(arguments)
        try:
            self.outcomes.append(restore(*arguments))
        except Exception as error:
            self.outcomes.append(error)
            raise
        return self.outcomes[-1]


def is_accepted(data: bytes, allowed: set[tuple[str, str]]) -> bool:
    """Whether there is a treedef, which then is the one that leafwise was told of."""
    unpickler = Unpickler(data, allowed)
    with contextlib.suppress(ERRORS_OF_PICKLE):
        unpickler.load()
    for arguments, outcome in zip(unpickler.given, unpickler.outcomes, strict=True):
        if isinstance(outcome, Exception):
            assert isinstance(outcome, (ValueError, TypeError)), outcome
            assert str(outcome)
        else:
            check(outcome)
            registry, state = arguments
            assert outcome.__reduce__()[1] == (registry or leafwise.default_registry, state)
    return any(type(outcome) is leafwise.PyTreeDef for outcome in unpickler.outcomes)


@pytest.mark.parametrize(("number", "protocol"), CASES)
def test_truncated(number: int, protocol: int) -> None:
    data = pickled(number, protocol)
    for length in range(len(data)):
        with pytest.raises(ERRORS_OF_PICKLE):
            pickle.loads(data[:length])


@pytest.mark.parametrize(("number", "protocol"), CASES)
@pytest.mark.parametrize("seed", range(rounds(1, torture=500)))
def test_changed_bytes(number: int, protocol: int, seed: int) -> None:
    chance = random.Random(f"{number} {protocol} {seed}")
    data = pickled(number, protocol)
    unchanged = Unpickler(data)
    unchanged.load()
    others = [pickled(other, protocol) for other in range(len(TREES))]
    accepted = 0
    for _ in range(300):
        forged = changed_bytes(data, chance.choice(others), chance)
        accepted += is_accepted(forged, unchanged.named)
    assert 0 < accepted < 300
