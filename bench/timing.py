"""The clock: loops compiled from expressions, run in turns."""

from __future__ import annotations

import contextlib
import gc
import itertools
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import random

    from bench.competitors import Call
    from bench.results import Settings

# Runs a call this many times and returns the nanoseconds that took.
Loop = Callable[[int], int]

_TEMPLATE = """
def bind({parameters}):
    def loop(count):
        turns = repeat(None, count)
        start = clock()
        for _ in turns:
            {expression}
        return clock() - start
    return loop
"""


def compile_loop(call: Call) -> Loop:
    """Return a loop that evaluates the call's expression and nothing else."""
    scope: dict[str, object] = {}
    source = _TEMPLATE.format(
        parameters=", ".join(("clock", "repeat", *call.names)), expression=call.expression
    )
    exec(source, scope)
    bind = cast("Callable[..., Loop]", scope["bind"])
    return bind(time.perf_counter_ns, itertools.repeat, **call.names)


@contextlib.contextmanager
def long_lived_objects_frozen() -> Iterator[None]:
    """Spare the collections in this block the objects that are there already: all the trees."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextlib.contextmanager
def garbage_collection_paused() -> Iterator[None]:
    """Collect now and not again until the block ends."""
    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@dataclass(frozen=True)
class Pace:
    """How many calls make a stretch of a competitor, and about how long that is."""

    calls: int
    stretch_ns: float


def calibrate(loop: Loop, stretch_ns: int) -> Pace:
    """Find out how many calls take about `stretch_ns`; at least one."""
    count = 1
    while True:
        elapsed = max(loop(count), 1)
        if elapsed * 4 >= stretch_ns or count >= stretch_ns:
            calls = max(1, round(count * stretch_ns / elapsed))
            return Pace(calls, calls * elapsed / count)
        count *= 4


def affordable_rounds(paces: Collection[Pace], settings: Settings) -> int:
    """Return how many rounds there is time for: fewer where single calls outlast a stretch."""
    planned = settings.rounds * settings.stretch_ns * len(paces)
    possible = planned / sum(pace.stretch_ns for pace in paces)
    return min(settings.rounds, max(settings.least_rounds, round(possible)))


def time_in_turns(
    loops: Mapping[str, Loop], paces: Mapping[str, Pace], rounds: int, order: random.Random
) -> dict[str, list[float]]:
    """Give each loop one stretch per round, in a new order each round.

    Returns:
        The nanoseconds per call of each loop, one number per round.
    """
    times: dict[str, list[float]] = {name: [] for name in loops}
    names = list(loops)
    for _ in range(rounds):
        order.shuffle(names)
        for name in names:
            times[name].append(loops[name](paces[name].calls) / paces[name].calls)
    return times
