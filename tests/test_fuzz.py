"""The fuzzer's checks, on random bytes in place of those that atheris finds."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

import leafwise
from fuzz.one_input import report, run
from fuzz.world import Difference


def random_inputs(seed: int, count: int) -> Iterator[bytes]:
    chance = random.Random(seed)
    for _ in range(count):
        yield chance.randbytes(chance.randrange(200))


@pytest.mark.parametrize("seed", range(10))
def test_random_inputs(seed: int) -> None:
    for data in random_inputs(seed, 40):
        try:
            run(data)
        except Difference:
            pytest.fail(report(data))


@pytest.mark.parametrize("start", range(0, 256, 64))
def test_repetitive_inputs(start: int) -> None:
    """What they do to a tree they do again and again; it has to stay small enough to look at."""
    for byte in range(start, start + 64):
        run(bytes([byte]) * 200)


def test_a_difference_is_found_and_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    right = leafwise.tree_leaves
    monkeypatch.setattr(leafwise, "tree_leaves", lambda *args, **kw: right(*args, **kw)[:3])
    for data in random_inputs(0, 100):
        try:
            run(data)
        except Difference:
            break
    assert "\nDIFFERENCE tree_leaves" in report(data)


def test_no_bytes_are_an_input() -> None:
    assert report(b"").startswith("registry 0 none\ntree 0: ")
