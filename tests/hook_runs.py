"""Running a call with harm done at one call of a hook, and what has to be true of its outcome."""

from __future__ import annotations

import contextlib
import gc
import itertools
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any

from harms import HARMLESS, HARMS, Call, Given, Harm, is_from_hook
from hook_calls import CALLS, EXPLAINING, FORGIVING
from hook_trees import NAMES, describe, make_quiet_tree, make_registry, make_tree
from hooks import FINALIZER, KEY, Mortal, Ticks
from remembering import TIMES

Maker = Callable[[], Any]

# Exactly of these types is what leafwise, and Python's own containers, raise about trees that
# change. SystemError, RecursionError and the like would say that something went wrong inside.
ERRORS = (ValueError, TypeError, KeyError, IndexError, RuntimeError, AttributeError)


def errors_of(lw: ModuleType) -> list[type[Exception]]:
    return [*ERRORS, lw.PyTreeMismatchError, lw.PyTreeMismatchTypeError]


# In these, it is Python's own `copy` that has a half-made tuple for everybody to find.
UNFINISHED_BY_PYTHON = [("PyTreeDef.__deepcopy__", "look_around")]
CASES = [case for case in itertools.product(CALLS, HARMS) if case not in UNFINISHED_BY_PYTHON]


def make_given(lw: ModuleType, make: Maker) -> Given:
    registry = make_registry(lw)
    registry.__name__, registry.__module__ = "registry", __name__  # so that it can be pickled
    globals()["registry"] = registry
    tree, other = make(), make()
    for _ in range(TIMES if make is make_quiet_tree else 1):
        treedef = lw.tree_structure(other, registry=registry)
    return Given(lw, registry, tree, other, treedef)


class Run:
    """`outcome` is what came of a call, `count` how often user code was called meanwhile."""

    def __init__(
        self,
        lw: ModuleType,
        name: str,
        make: Maker = make_tree,
        during: Callable[[], AbstractContextManager[object]] = contextlib.nullcontext,
    ) -> None:
        self.lw, self.name, self.make = lw, name, make
        self.during = during  # what is so while the call runs
        self.outcome: tuple[str, Any]
        self.from_hook = False
        self.expected: Any = None

    def undisturbed(self) -> tuple[str, Any]:
        self.disturbed("", -1)
        self.expected = self.outcome
        return self.outcome

    def disturbed(self, harm_name: str, at: int) -> None:
        """Call, with harm done at one call of user code, and check what comes of it."""
        Mortal.born.clear()
        wrong = self.call(CALLS[self.name], harm_name, at)
        assert wrong == [], (harm_name, at, wrong)
        if self.expected is not None:
            self.check(harm_name, at)
        check_that_nothing_is_left(self.lw)

    def call(self, call: Call, harm_name: str, at: int) -> list[str]:
        given = make_given(self.lw, self.make)
        harm = Harm(call, given, self.expected)
        action = getattr(harm, harm_name) if harm_name else lambda: None
        self.from_hook = False
        try:
            try:
                with self.during():
                    Ticks.start(at, action)
                    result = call(given)
            finally:
                self.count = Ticks.count
                Ticks.stop()
            self.outcome = "returned", describe(self.lw, result)
        except Exception as error:
            self.count = Ticks.count
            Ticks.stop()  # a signal may have come before the other was called
            self.from_hook = is_from_hook(error)
            self.outcome = "raised", (type(error), str(error))
        Ticks.action = staticmethod(lambda: None)  # it knows the trees
        return harm.wrong

    def check(self, harm_name: str, at: int) -> None:
        """The outcome is a right answer or an exception of the library's or of the hook's."""
        how, what = self.outcome
        where = harm_name, at, Ticks.where, self.outcome
        failed = harm_name == "fail" and at < self.count
        if at >= self.count or harm_name in HARMLESS or (failed and Ticks.where == FINALIZER):
            assert self.outcome == self.expected, where
        elif failed and Ticks.where == KEY and self.name in FORGIVING:
            assert how == "returned" or self.from_hook, where
        elif failed:
            explained = self.name in EXPLAINING and what[0] is self.expected[1][0]
            assert how == "raised" and (self.from_hook or explained), where
        elif how == "raised":
            assert what[0] in errors_of(self.lw), where


def check_that_nothing_is_left(lw: ModuleType) -> None:
    """What the run made is gone; treedefs as well, which would keep its registry."""
    globals().pop("registry", None)
    getattr(lw, "clear_cache", lambda: None)()
    if alive():  # in cycles, maybe; to look for these takes a free-threaded build very long
        gc.collect()
    left = alive()
    assert left == [], [gc.get_referrers(thing) for thing in left]


def alive() -> list[Any]:
    """What of it has not come to its end."""
    return [thing for thing in [reference() for reference in Mortal.born] if thing is not None]


@contextlib.contextmanager
def only_new_objects() -> Iterator[list[Any]]:
    """Keep the collector from what was there before; gives what finalizers raise meanwhile."""
    lost: list[Any] = []
    hook, sys.unraisablehook = sys.unraisablehook, lambda what: lost.append(what.exc_type)
    enabled = gc.isenabled()
    gc.disable()  # so that finalizers are called where things are let go, and nowhere else
    gc.collect()
    gc.freeze()  # for good: to collect everything again and again would take most of the time
    try:
        yield lost
    finally:
        sys.unraisablehook = hook
        if enabled:
            gc.enable()


def check_that_all_works(lw: ModuleType) -> None:
    gc.collect()
    assert [thing for thing in gc.get_objects() if type(thing) is lw.PyTreeDef] == []
    registry = make_registry(lw)
    leaves, treedef = lw.tree_flatten(make_tree(), registry=registry)
    assert [leaf.name for leaf in leaves] == NAMES
    assert treedef.flatten_up_to(treedef.unflatten(leaves)) == leaves
