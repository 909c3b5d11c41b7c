"""What hooks do to harm their caller, and which outcomes it may have."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from hook_trees import Box, Labelled, Opening, describe, parts_of
from hooks import FINALIZER, Noisy, Ticks
from nodes import Pair


class Given:
    """What a call is given: a registry, and two equal trees; the treedef is that of the other."""

    def __init__(self, lw: ModuleType, registry: Any, tree: Any, other: Any, treedef: Any) -> None:
        self.lw, self.registry = lw, registry
        self.tree, self.other, self.treedef = tree, other, treedef
        # What was begun and is taking a step whenever a hook is called.
        self.walks: list[Iterator[Any]] = []


Call = Callable[[Given], Any]


def outcome_of(call: Call, given: Given) -> tuple[str, Any]:
    """What a call returns, or the type and the text of what it raises."""
    try:
        return "returned", describe(given.lw, call(given))
    except Exception as error:
        return "raised", (type(error), str(error))


class Harm:
    """What the hooks may do while `call` runs; undisturbed, it has the outcome `expected`."""

    def __init__(self, call: Call, given: Given, expected: Any) -> None:
        self.call, self.given, self.expected = call, given, expected
        self.wrong: list[str] = []  # what hooks saw, and nobody should

    def parts(self) -> list[Any]:
        return parts_of(self.given.tree) + parts_of(self.given.other)

    def fail(self) -> None:
        raise LookupError("of the hook")

    def clear(self) -> None:
        """Let everything go, from the root down: nothing else refers to most of it."""
        parts = self.parts()[::-1]
        while parts:
            parts.pop().clear()

    def grow(self) -> None:
        for part in self.parts():
            if isinstance(part, list):
                part[:0] = [[0], 1]
            else:
                part.update({"more": [0], 3: 1})

    def replace(self) -> None:
        for part in self.parts():
            if isinstance(part, list):
                part[:] = [() for _ in part]
            else:
                for key in list(part):
                    part[key] = ()

    def call_again(self) -> None:
        """Do the same with the very objects that are being walked."""
        # The collector may come between two steps as well.
        for walk in self.given.walks if Ticks.where != FINALIZER else []:
            try:
                self.wrong.append(f"a step inside of a step: {next(walk)}")
            except (ValueError, StopIteration):  # as of a generator; it may be about to end
                pass
        outcome = outcome_of(self.call, self.given)
        # As everywhere in Python, what is being shown is not shown again inside of that.
        if outcome != self.expected and "..." not in str(outcome):
            self.wrong.append(f"called again: {outcome}")

    def unregister(self) -> None:
        """Forget the classes that are being walked, and make nodes of the leaves."""
        registry = self.given.registry
        registry.unregister_node(Box)
        registry.unregister_node(Labelled)
        registry.register_node(Opening, lambda node: ((), None), lambda aux, children: None)
        registry.register_node(Noisy, lambda noisy: ((), noisy.name), lambda name, _: name)

    def register(self) -> None:
        """Know other classes, so that the registry moves what it has, and forget some of them."""
        for number in range(20):
            cls = type("New", (), {})
            self.given.registry.register_node(cls, lambda node: ((), None), lambda *_: None)
            if number % 2:
                self.given.registry.unregister_node(cls)
        getattr(self.given.lw, "clear_cache", lambda: None)()

    def look_around(self) -> None:
        """Look at everything there is, as a debugger might: nothing may be unfinished."""
        for thing in gc.get_objects():
            if type(thing) in (list, tuple, Pair):
                if is_unfinished(thing):
                    self.wrong.append("a half-built container")
            elif isinstance(thing, dict):
                list(dict.items(thing))
            elif type(thing) is self.given.lw.PyTreeDef:
                assert thing.num_leaves <= thing.num_nodes
                type(thing.node_data())

    def collect(self) -> None:
        gc.collect()


def is_unfinished(thing: Any) -> bool:
    """Whether items are missing: there are null pointers, and whoever takes one crashes."""
    present = gc.get_referents(thing)
    missing = len(thing) + (type(thing) is Pair) - len(present)  # a Pair refers to its class, too
    # CPython's `zip` and `map` fill a tuple of iterators that everybody can find.
    made_by_zip = type(thing) is tuple and all(isinstance(item, Iterator) for item in present)
    return missing > 0 and not made_by_zip


# They change nothing that is being walked, so the outcome is that of an undisturbed call.
HARMLESS = ["call_again", "register", "look_around", "collect"]
HARMS = ["fail", "clear", "grow", "replace", "unregister", *HARMLESS]


def is_from_hook(error: BaseException | None) -> bool:
    """Whether what the hook raised is the error, its cause or its context."""
    while error is not None:
        if isinstance(error, LookupError) and error.args == ("of the hook",):
            return True
        error = error.__cause__ or error.__context__
    return False
