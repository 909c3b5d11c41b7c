"""User code that leafwise runs: at its n-th call it does what `Ticks` says.

`tick()` is called by every hook: by predicates and functions; by the flatten, unflatten and key
functions of a class; by hashing, comparing and showing keys, metadata, leaves and classes; by
iterators that give leaves or children; and by the finalizers of all of these. The trees made of
them are in hook_trees.py, what they do to harm their caller is in harms.py.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

KEY = "key"  # comparing, hashing or showing keys and metadata
FINALIZER = "finalizer"  # or a callback of the collector: nobody can catch what they raise
SIGNAL = "signal"  # the handler of one


class Ticks:
    """At which call of user code what happens."""

    count = 0
    at = -1  # -1: at none
    action: Callable[[], object] = staticmethod(lambda: None)
    where = ""  # the kind of hook in which it happened
    only = ""  # the only kind that counts

    @classmethod
    def start(cls, at: int, action: Callable[[], object]) -> None:
        cls.count, cls.at, cls.action, cls.where = 0, at, staticmethod(action), ""

    @classmethod
    def stop(cls) -> None:
        cls.at = -1


def tick(where: str = "") -> None:
    if Ticks.only and Ticks.only != where:
        return
    number, Ticks.count = Ticks.count, Ticks.count + 1
    if number == Ticks.at:
        Ticks.where = where
        Ticks.action()


class Mortal:
    """Its end is a call, too; and it is known which of them are alive."""

    born: ClassVar[list[weakref.ref[Mortal]]] = []

    def __new__(cls, *args: Any, **keywords: Any) -> Any:
        made = object.__new__(cls)
        Mortal.born.append(weakref.ref(made))
        return made

    def __del__(self) -> None:
        tick(FINALIZER)


class Noisy(Mortal):
    """Used as key, metadata and leaf; equal by its name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        tick(KEY)
        return isinstance(other, Noisy) and self.name == other.name

    def __lt__(self, other: Noisy) -> bool:
        tick(KEY)
        return self.name < other.name

    def __hash__(self) -> int:
        tick(KEY)
        return hash(self.name)

    def __repr__(self) -> str:
        tick(KEY)
        return self.name

    def __bool__(self) -> bool:
        tick()
        return True

    def __reduce__(self) -> Any:
        tick()
        return Noisy, (self.name,)


class NoisyType(type):
    """The type of classes that are hashed, compared and shown by user code."""

    def __eq__(cls, other: object) -> bool:
        tick()
        return cls is other

    def __hash__(cls) -> int:
        tick()
        return id(cls)

    def __repr__(cls) -> str:
        tick()
        return cls.__name__


class Function(Mortal):
    """A function whose end is a call."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __call__(self, *args: Any) -> Any:
        return self.function(*args)


def giving(items: Any) -> Iterator[Any]:
    """An iterator that runs user code before each item, and at its end."""
    for item in items:
        tick()
        yield item
    tick()


def is_leaf(node: Any) -> bool:
    tick()
    return False


def is_leaf_by_path(path: Any, node: Any) -> bool:
    tick()
    return False


def mapped(*leaves: Any) -> Any:
    """A function for maps: what it returns is new, and dies with a map that fails."""
    tick()
    first = leaves[0]
    return Noisy(f"mapped {first.name}") if isinstance(first, Noisy) else first


def mapped_with_path(path: Any, *leaves: Any) -> Any:
    return mapped(*leaves)


def add(left: Any, right: Any) -> Any:
    tick()
    names = [thing.name for thing in (left, right) if isinstance(thing, Noisy)]
    return Noisy(" + ".join(names))


def same(left: Any, right: Any) -> bool:
    tick()
    return type(left) is type(right)
