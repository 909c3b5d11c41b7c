"""What may be asked at each node of a tree, and called with each leaf."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fuzz.reader import Reader


class Counting:
    """A predicate that answers what `answers` says, call after call, then False."""

    def __init__(self, answers: list[Any]) -> None:
        self.answers = answers
        self.calls = 0

    def __call__(self, *arguments: Any) -> Any:
        self.calls += 1
        if self.calls > len(self.answers):
            return False
        answer = self.answers[self.calls - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer


def predicate(reader: Reader) -> Callable[[], Any]:
    """A predicate, made anew for each call of a function that takes one."""
    kind = reader.randrange(10)
    if kind >= len(PREDICATES):
        odd = [True, None, 0, KeyError("odd"), StopIteration(), False, False, True]
        answers = [False] * reader.randrange(6) + [reader.choice(odd), reader.choice(odd)]
        return lambda: Counting(answers)
    return lambda: PREDICATES[kind]


# Mostly none: with a predicate nothing is remembered.
PREDICATES: list[Any] = [
    None,
    None,
    None,
    None,
    lambda *arguments: None,
    lambda *arguments: isinstance(arguments[-1], tuple),
    lambda *arguments: isinstance(arguments[-1], (dict, str)),
    lambda *arguments: arguments[-1] is None,
]


def function(reader: Reader) -> Callable[[], Callable[..., Any]]:
    """Something to map over leaves, made anew for each call."""
    kind = reader.randrange(7)
    if kind == 0:
        return lambda: lambda *leaves: list(leaves)
    if kind == 1:
        return lambda: lambda *leaves: leaves[-1]
    if kind == 2:
        return lambda: lambda *leaves: None
    if kind == 3:
        return lambda: lambda leaf: leaf
    error = reader.choice([KeyError("mapped"), StopIteration("mapped"), ValueError("mapped")])
    answers = [None] * reader.randrange(6) + [error]
    return lambda: Counting(answers)
