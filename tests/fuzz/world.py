"""What the steps of one input work with: trees, classes, and both implementations."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from types import ModuleType
from typing import Any

import leafwise
import leafwise.reference
from fuzz.growing import Grower
from fuzz.reader import Reader
from fuzz.showing import show
from outcomes import outcome, summary
from remembering import TIMES

# Treedefs with more leaves are not kept: what is composed again and again grows fast.
MAX_LEAVES = 100


class Difference(AssertionError):
    """Core and reference did not do the same, or the core did what none of its callers expects."""


@dataclasses.dataclass
class Side:
    """One implementation, with what belongs to it."""

    lw: ModuleType
    registry: Any = None
    treedefs: list[Any] = dataclasses.field(default_factory=list)


Call = Callable[[Side], Any]


class World:
    """Each step asks for what it needs, and then calls `same`, or the core alone.

    `note(text, *values)` is told what comes next, so that the last note says where a crash was.
    """

    def __init__(self, reader: Reader, note: Callable[..., object]) -> None:
        self.reader = reader
        self.note = note
        self.classes: list[type] = []
        self.made: list[Any] = []
        self.trees: list[Any] = []
        self.tree_data: list[bytes] = []
        self.core = Side(leafwise)
        self.reference = Side(leafwise.reference)
        self.sides = [self.core, self.reference]
        self.again: Callable[[], object] = lambda: None
        self.choose_registry()
        self.add_tree()

    def choose_registry(self) -> None:
        """The default one, or one that is new."""
        kind = self.reader.randrange(4)
        flag = self.reader.choice(["none", "tuple", "list", "dict"])
        for side in self.sides:
            side.registry = side.lw.default_registry
            if kind == 1:
                side.registry = side.lw.PyTreeRegistry(parent=side.registry)
            elif kind == 2:
                side.registry = side.lw.PyTreeRegistry(
                    parent=side.registry, **{f"enable_{flag}": False}
                )
            elif kind == 3:
                side.registry = side.lw.PyTreeRegistry()
            if kind in (1, 2, 3):
                # So that its treedefs can be pickled: by name, from this module.
                side.registry.__name__ = f"registry_of_{side.lw.__name__.replace('.', '_')}"
                side.registry.__module__ = __name__
                globals()[side.registry.__name__] = side.registry
        self.note(f"registry {kind} {flag}")

    def add_tree(self) -> None:
        """One more tree: a new one, or one from almost the same bytes as an earlier one."""
        if self.trees and self.reader.yes():
            data = self.reader.changed(self.reader.choice(self.tree_data))
            tree = Grower(Reader(data), self.classes, self.made).grow()
        else:
            start = self.reader.place
            tree = Grower(self.reader, self.classes, self.made).grow()
            data = self.reader.read_since(start)
        self.trees.append(tree)
        self.tree_data.append(data)
        self.note(f"tree {len(self.trees) - 1}:", tree)

    def tree(self) -> Any:
        return self.reader.choice(self.trees)

    def twin(self) -> Any:
        """A tree that shares nothing with others."""
        return Grower(Reader(self.reader.choice(self.tree_data)), self.classes, []).grow()

    def treedef(self) -> Callable[[Side], Any]:
        """A treedef of each side; those that were made longest ago are still among them."""
        if not self.core.treedefs:
            self.structure_of(self.tree())
        number = self.reader.randrange(len(self.core.treedefs) + 1)
        if number == len(self.core.treedefs):
            self.structure_of(self.tree())
        return lambda side: side.treedefs[number]

    def structure_of(self, tree: Any) -> None:
        """Keep the structure of a tree, or that of a leaf where a tree has none."""
        made = []
        for side in self.sides:
            result = outcome(lambda side=side: side.lw.tree_structure(tree, registry=side.registry))
            made.append(result[1] if result[0] == "returned" else None)
        if None in made:
            made = [side.lw.tree_structure(0, registry=side.registry) for side in self.sides]
        self.keep(made)

    def keep(self, treedefs: Any) -> None:
        for side, treedef in zip(self.sides, treedefs):
            side.treedefs.append(treedef)

    def show(self, value: Any) -> Any:
        return show(value, self.classes)

    def same(self, name: str, call: Call, show: Callable[[Any], Any] | None = None) -> Any:
        """The values that both returned, the core asked again and again; None if both raised."""
        self.note(name)
        show = show or self.show
        theirs = outcome(lambda: call(self.reference))
        expected = comparable(theirs, show)
        for time in range(TIMES):
            ours = outcome(lambda: call(self.core))
            got = comparable(ours, show)
            if got != expected:
                place = f"{name}, time {time + 1} of {TIMES}"
                raise Difference(
                    f"{place}\n\ncore:\n    {got}\n\nreference:\n    {expected}"
                ) from (ours[1] if ours[0] == "raised" else None)
        return (ours[1], theirs[1]) if ours[0] == "returned" else None


def require(is_so: bool, what: str) -> None:
    if not is_so:
        raise Difference(what)


def comparable(result: tuple[str, Any], show: Callable[[Any], Any]) -> Any:
    try:
        verdict, *rest = summary(result, show)
    except Exception as error:  # of a class of the input's: a repr that needs what is not there
        return "cannot be shown", repr(error)
    if verdict == "raised":
        # Where a predicate raises StopIteration, the iterator of the core says more.
        rest[1] = rest[1].replace(" (while the leaves of a tree were read)", "")
    return verdict, rest
