from __future__ import annotations

import gc
import random

import pytest

from bench.competitors import Call
from bench.results import Settings
from bench.timing import (
    Pace,
    affordable_rounds,
    calibrate,
    compile_loop,
    garbage_collection_paused,
    long_lived_objects_frozen,
    time_in_turns,
)


def test_a_loop_evaluates_its_expression_as_often_as_told():
    given = []
    loop = compile_loop(Call("note(tree)", {"note": given.append, "tree": "tree"}))
    assert loop(7) >= 0
    assert given == ["tree"] * 7


def test_calibration_aims_at_the_length_of_a_stretch():
    assert calibrate(lambda count: 100 * count, stretch_ns=10_000) == Pace(100, 10_000)


def test_calibration_calls_what_is_slow_once():
    assert calibrate(lambda count: 1_000_000 * count, stretch_ns=10) == Pace(1, 1_000_000)


@pytest.mark.parametrize(
    ("stretches", "rounds"),
    [([100, 100], 40), ([90, 90], 40), ([100, 300], 20), ([100, 100_000], 5)],
)
def test_slow_rows_get_fewer_rounds(stretches, rounds):
    settings = Settings(rounds=40, least_rounds=5, stretch_ns=100)
    assert affordable_rounds([Pace(1, stretch) for stretch in stretches], settings) == rounds


def test_calibration_ends_when_the_clock_stands_still():
    assert calibrate(lambda count: 0, stretch_ns=100).calls >= 1


def test_each_competitor_gets_one_stretch_per_round():
    turns = []

    def loop(name):
        def run(count):
            turns.append(name)
            return 10 * count

        return run

    loops = {name: loop(name) for name in "abc"}
    paces = {name: Pace(calls, 10.0 * calls) for calls, name in enumerate("abc", start=1)}
    times = time_in_turns(loops, paces, rounds=20, order=random.Random(0))
    assert times == {name: [10.0] * 20 for name in "abc"}
    rounds = [tuple(turns[start : start + 3]) for start in range(0, 60, 3)]
    assert {frozenset(names) for names in rounds} == {frozenset("abc")}
    assert len(set(rounds)) > 1, "the order should change from round to round"


def test_garbage_collection_is_off_only_inside():
    with long_lived_objects_frozen(), garbage_collection_paused():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
