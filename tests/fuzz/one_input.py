"""One input of the fuzzer: trees and steps from bytes, and a `Difference` if they find a bug."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import leafwise
from fuzz import changing, comparing, hostile, untrusted
from fuzz.classes import taking_back
from fuzz.reader import Reader
from fuzz.world import Difference, World
from leafwise.reference.errors import short_repr
from outcomes import outcome

MAX_STEPS = 12
STEPS = [*comparing.STEPS, *changing.STEPS, *changing.STEPS, *untrusted.STEPS, *hostile.STEPS]


def run(data: bytes, note: Callable[..., object] = lambda text, *values: None) -> None:
    """The same bytes do the same each time, whatever other inputs came before."""
    leafwise.clear_cache()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        world = World(Reader(data), note)
        try:
            for _ in range(MAX_STEPS):
                if world.reader.at_end():
                    break
                world.reader.choice(STEPS)(world)
        finally:
            forget_classes(world)


def forget_classes(world: World) -> None:
    for side in world.sides:
        for cls in world.classes:
            outcome(lambda side=side, cls=cls: taking_back(cls)(side.lw, side.registry))


def report(data: bytes) -> str:
    """What an input does, step by step, and the difference that it ends with, if any."""
    lines: list[str] = []

    def note(text: str, *values: object) -> None:
        lines.append(" ".join([text, *map(short_repr, values)]))

    try:
        run(data, note)
    except Difference as difference:
        lines.append(f"\nDIFFERENCE {difference}")
    return "\n".join(lines)
