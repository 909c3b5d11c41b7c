"""What the interpreter notices while treedefs are read; a program, because an audit hook stays.

It prints, as JSON, what was audited (such as imports) and what was called, C functions included,
while thousands of protocol buffers were read that are changed ones mostly; and, to show that all of
it is noticed where it happens, while a pickle was read.
"""

from __future__ import annotations

import builtins
import json
import pickle
import random
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import leafwise
from forging import PLAIN_TREES, changed_bytes

# Keys that would do something if anybody took them for more than keys.
NAMES = ["__main__.Trap", "__reduce__", "builtins.eval", "cos\nsystem\n(S'true'\ntR.", "this"]


class Trap:
    """Registered, and named by what is read: so it could be found, but there is no reason to."""

    def __init__(self, *children: Any) -> None:
        pass

    def __reduce__(self) -> Any:
        return Trap, ()

    def flatten(self) -> Any:
        return (), None

    @classmethod
    def unflatten(cls, metadata: Any, children: Any) -> Any:
        return cls(*children)


leafwise.register_pytree_node(Trap, Trap.flatten, Trap.unflatten)


class Imports:
    """Pickled as a call that imports something."""

    def __reduce__(self) -> Any:
        return builtins.__import__, ("no_such_module",)


def protos() -> Iterator[bytes]:
    chance = random.Random(0)
    trees = [*PLAIN_TREES, {name: {name: [1]} for name in NAMES}]
    originals = [leafwise.tree_structure(tree).serialize_using_proto() for tree in trees]
    yield from originals
    for _ in range(5000):
        yield changed_bytes(chance.choice(originals), chance.choice(originals), chance)


def noticed(read: Callable[[Any, bytes], Any], inputs: list[bytes]) -> list[str]:
    """What happens while all of it is read."""
    found: set[str] = set()
    watching = False

    def audit(event: str, arguments: Any) -> None:
        if watching:
            found.add(f"audited: {event}")

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        if watching and event == "call":
            found.add(f"called: {frame.f_code.co_name}")
        elif watching and event == "c_call":
            found.add(f"called: {argument.__name__}")

    registry = leafwise.default_registry
    sys.addaudithook(audit)
    sys.setprofile(profile)
    watching = True
    for data in inputs:
        try:
            read(registry, data)
        except (ValueError, ImportError):
            pass
    watching = False
    sys.setprofile(None)
    return sorted(found)


def import_noticed(*arguments: Any, **keywords: Any) -> Any:
    """Called for each import, also of what is there already."""
    return original_import(*arguments, **keywords)


original_import = builtins.__import__

if __name__ == "__main__":
    inputs = list(protos())
    pickles = [pickle.dumps(thing) for thing in (Trap(), Imports())]
    builtins.__import__ = import_noticed
    report = {
        "protos": noticed(leafwise.PyTreeDef.deserialize_using_proto, inputs),
        "pickles": noticed(lambda registry, data: pickle.loads(data), pickles),
    }
    print(json.dumps(report))
