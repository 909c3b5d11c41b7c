"""Decisions taken from bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Reader:
    """One byte for each decision; all are 0 when there are no more.

    The decisions stand one after another, without lengths before them, so that a fuzzer which
    changes one byte changes one decision. `random`, `randrange` and `choice` are called as those of
    `random.Random` are: what draws from one can draw from the other.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = 0

    def at_end(self) -> bool:
        return self.place >= len(self.data)

    def byte(self) -> int:
        place = self.place
        self.place += 1
        return self.data[place] if place < len(self.data) else 0

    def randrange(self, limit: int) -> int:
        """A number below a limit, which is 256 at most."""
        return self.byte() % limit

    def random(self) -> float:
        return self.byte() / 256

    def choice(self, options: Sequence[T]) -> T:
        return options[self.randrange(len(options))]

    def yes(self, one_in: int = 2) -> bool:
        """No, when there are no more bytes."""
        return self.randrange(one_in) == one_in - 1

    def read_since(self, start: int) -> bytes:
        """The bytes that were read since the place was `start`."""
        return self.data[start : self.place]

    def changed(self, data: bytes) -> bytes:
        """The bytes, some of them changed; how, is read here."""
        changed = bytearray(data)
        for _ in range(self.randrange(4)):
            place = self.randrange(256) % (len(changed) + 1)
            length, byte = self.randrange(3), self.byte()
            changed[place : place + length] = bytes([byte]) * self.randrange(3)
        return bytes(changed)
