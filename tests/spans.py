"""A class with slots that nobody has registered."""

from __future__ import annotations

from typing import Any


class Span:
    __slots__ = ("end", "label", "start")

    def __init__(self, start: Any, end: Any, label: Any = None) -> None:
        self.start, self.end, self.label = start, end, label

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Span) and (self.start, self.end, self.label) == (
            other.start,
            other.end,
            other.label,
        )

    __hash__ = None  # type: ignore[assignment]
