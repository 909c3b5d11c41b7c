"""Protocol buffers that nobody should have trusted: an error, or a treedef that works."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import leafwise
from effort import rounds
from forging import MALFORMED_PROTOS, PLAIN_TREES, changed_bytes, check

PROTOS = [leafwise.tree_structure(tree).serialize_using_proto() for tree in PLAIN_TREES]
NUMBERS = pytest.mark.parametrize("number", range(len(PROTOS)))


def read(data: bytes) -> Any:
    return leafwise.PyTreeDef.deserialize_using_proto(leafwise.default_registry, data)


@pytest.mark.parametrize("name", MALFORMED_PROTOS)
def test_malformed_protos(name: str) -> None:
    with pytest.raises(ValueError, match="Could not deserialize PyTreeDefProto"):
        read(MALFORMED_PROTOS[name])


def is_accepted(data: bytes) -> bool:
    """Whether they make a treedef, which then is the same when it is written and read once more."""
    try:
        treedef = read(data)
    except ValueError as error:
        assert str(error)
        return False
    check(treedef)
    again = read(treedef.serialize_using_proto())
    assert again == treedef
    assert repr(again) == repr(treedef)
    return True


@NUMBERS
def test_truncated(number: int) -> None:
    """An error; but the first child of all stands first, and alone it is a tree, too."""
    data = PROTOS[number]
    accepted = [data[:length] for length in range(len(data)) if is_accepted(data[:length])]
    assert accepted == ([] if len(data) == 4 else [data[:4]])


@NUMBERS
@pytest.mark.parametrize("seed", range(rounds(1, torture=500)))
def test_changed_bytes(number: int, seed: int) -> None:
    chance = random.Random(f"{number} {seed}")
    accepted = 0
    for _ in range(2000):
        forged = changed_bytes(PROTOS[number], chance.choice(PROTOS), chance)
        accepted += is_accepted(forged)
    assert 0 < accepted < 2000


@NUMBERS
def test_each_byte_changed(number: int) -> None:
    data = PROTOS[number][:150]  # what comes then is more of the same
    for place in range(len(data)):
        for byte in range(256):
            is_accepted(data[:place] + bytes([byte]) + PROTOS[number][place + 1 :])


def test_nothing_is_imported_or_called() -> None:
    """Whatever the bytes say: they hold data only, and name nothing that could be called."""
    program = Path(__file__).with_name("reading_watched.py")
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    noticed = json.loads(done.stdout)
    assert noticed["protos"] == ["called: deserialize_using_proto"]
    # What it looks for it would find: pickles do all of it.
    assert {
        "audited: import",
        "audited: pickle.find_class",
        "called: import_noticed",
        "called: __init__",  # of a registered class
    } <= set(noticed["pickles"])
