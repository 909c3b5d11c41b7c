"""Handlers of signals do harm, inside of loops in C++ that run no other user code.

`_thread.interrupt_main` is a function in C: it makes a signal arrive, but does not run its handler.
Where an iterator calls it, as `map` does, the handler is run by leafwise itself, which looks for
signals every 65536 rounds of a loop; no clock decides. A timer interrupts the other functions: what
they do is right whether or not, and wherever, a signal comes.
"""

from __future__ import annotations

import _thread
import contextlib
import functools
import signal
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, filterfalse, repeat
from typing import Any

import pytest

import leafwise
from harms import HARMLESS, HARMS, Given, Harm, outcome_of
from hook_runs import (
    Run,
    check_that_all_works,
    check_that_nothing_is_left,
    errors_of,
    only_new_objects,
)
from hook_trees import make_registry, make_tree
from hooks import SIGNAL, Mortal, Noisy, Ticks, tick

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="only POSIX has timers")

ROUNDS = 70_000  # so many that leafwise looks for signals meanwhile
NUM_SIGNALS = 2
SECONDS = 0.0001


@contextlib.contextmanager
def handling(number: int, handler: Callable[[int, object], None]) -> Iterator[None]:
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)


class Signalling(Mortal):
    """A node with a child that is None; a signal arrives when the child is visited."""


def interrupt(*_: object) -> Iterator[None]:
    return map(_thread.interrupt_main, [int(signal.SIGUSR1)])


def make_long_tree() -> Any:
    inner = [Signalling(), *repeat(1, ROUNDS), {"b": [Noisy("last")]}]
    return [Signalling(), *repeat(1, ROUNDS), {"a": inner}]


class Children:
    """A node that gets its children from a long iterator."""


def make_long_iterator() -> Iterator[int]:
    """Numbers, with a signal in front of each long run of them."""
    numbers = [int(signal.SIGUSR1)]
    runs = [chain(filterfalse(_thread.interrupt_main, numbers), repeat(1, ROUNDS)) for _ in "12"]
    return chain.from_iterable(runs)


class LongHarm(Harm):
    def parts(self) -> list[Any]:
        """The containers alone: there are too many leaves to look at each."""
        outer = self.given.tree
        inner = outer[-1]["a"]
        return [outer, outer[-1], inner, inner[-1], inner[-1]["b"]]


def in_c(*functions: Callable[[Any], Any]) -> Callable[[Any], Iterator[Any]]:
    """Call one function after the other, without an instruction of Python in between."""
    return lambda argument: functools.reduce(lambda made, f: map(f, made), functions, [argument])


def of_tree(name: str, *more: Callable[[Any], Any]) -> Callable[[Given], Iterable[Any]]:
    def call(given: Given) -> Iterable[Any]:
        function = functools.partial(getattr(given.lw, name), registry=given.registry)
        return in_c(function, *more)(given.tree)

    return call


# What they return does nothing before it is asked for the answer.
LOOPS: dict[str, Callable[[Given], Iterable[Any]]] = {
    "tree_flatten": of_tree("tree_flatten"),
    "tree_leaves": of_tree("tree_leaves"),
    "tree_structure": of_tree("tree_structure"),
    "tree_leaves_with_path": of_tree("tree_leaves_with_path"),
    "tree_all": of_tree("tree_all"),
    "tree_iter": of_tree("tree_iter", list),
    "all_leaves": lambda given: in_c(given.lw.all_leaves)(make_long_iterator()),
    "children": lambda given: in_c(
        functools.partial(given.lw.tree_leaves, registry=given.registry)
    )(Children()),
    "PyTreeDef.unflatten": lambda given: in_c(given.treedef.unflatten)(make_long_iterator()),
}


def make_given() -> Given:
    registry = make_registry(leafwise)
    registry.register_node(Signalling, lambda node: (interrupt(), None), lambda *_: Signalling())
    registry.register_node(Children, lambda _: (make_long_iterator(), None), lambda *_: Children())
    treedef = leafwise.tree_structure([0] * NUM_SIGNALS * (ROUNDS + 1), registry=registry)
    return Given(leafwise, registry, make_long_tree(), [], treedef)


def summary(answer: Any) -> Any:
    """What can be compared in no time."""
    if isinstance(answer, tuple):
        leaves, treedef = answer
        assert len(leaves) == treedef.num_leaves
        return [summary(part) for part in answer]
    if isinstance(answer, leafwise.PyTreeDef):
        return answer.num_leaves, answer.num_nodes
    return len(answer) if isinstance(answer, list) else answer


def run_loop(name: str, harm_name: str, at: int, expected: Any = None) -> tuple[str, Any]:
    """The outcome of a loop in which the handler of a signal does harm when it is called."""
    running: list[list[Any]] = []  # the answers of each call that has begun
    finished: list[int] = []  # how many the first call had whenever a signal came

    def call(given: Given) -> Any:
        answers: list[Any] = []
        running.append(answers)
        answers.extend(LOOPS[name](given))  # in C as well
        return summary(answers[0])

    def handler(number: int, frame: object) -> None:
        finished.append(len(running[0]))
        tick()

    given = make_given()
    harm = LongHarm(call, given, expected)
    with handling(signal.SIGUSR1, handler):
        Ticks.start(at, getattr(harm, harm_name) if harm_name else lambda: None)
        outcome = outcome_of(call, given)
        Ticks.stop()
    Ticks.action = staticmethod(lambda: None)
    assert finished[: at + 1] == [0] * (at + 1)  # so it was leafwise that ran the handler
    assert harm.wrong == [], (at, harm.wrong)
    return outcome


@pytest.mark.parametrize("harm_name", HARMS)
@pytest.mark.parametrize("name", LOOPS)
def test_harm_at_each_signal_in_a_loop(name: str, harm_name: str) -> None:
    with only_new_objects():
        expected = run_loop(name, "", -1)
        assert expected[0] == "returned"
        for at in range(NUM_SIGNALS):
            Mortal.born.clear()
            how, what = run_loop(name, harm_name, at, expected)
            if harm_name == "fail":
                assert (how, what) == ("raised", (LookupError, "of the hook"))
            elif harm_name in HARMLESS:
                assert (how, what) == expected, at
            else:
                assert how == "returned" or what[0] in errors_of(leafwise), (at, what)
            check_that_nothing_is_left(leafwise)
    check_that_all_works(leafwise)


@contextlib.contextmanager
def ticking_timer() -> Iterator[None]:
    """Let signals come all the time."""
    Ticks.only = SIGNAL
    with handling(signal.SIGALRM, lambda number, frame: tick(SIGNAL)):
        signal.setitimer(signal.ITIMER_REAL, SECONDS, SECONDS)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            Ticks.only = ""


@pytest.fixture
def timer_that_ends() -> Iterator[None]:
    """What a handler raises may come when the timer is about to be stopped."""
    before = signal.getsignal(signal.SIGALRM)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
    Ticks.only = ""


class TimedRun(Run):
    """Harm may be done at each instruction of Python, those of the hooks included."""

    def check(self, harm_name: str, at: int) -> None:
        how, what = self.outcome
        if harm_name in HARMLESS:
            assert self.outcome == self.expected, (harm_name, at, self.outcome)
        elif harm_name == "fail":  # which is lost if a finalizer was running
            assert self.outcome == self.expected or self.from_hook, (at, self.outcome)
        else:
            assert how == "returned" or what[0] in errors_of(leafwise), (
                harm_name,
                at,
                self.outcome,
            )


def make_wide_tree() -> Any:
    return [make_tree() for _ in range(20)]


@pytest.mark.usefixtures("timer_that_ends")
@pytest.mark.parametrize("harm_name", HARMS)
@pytest.mark.parametrize(
    "name",
    ["tree_map", "tree_map_with_path", "tree_reduce", "tree_broadcast", "PyTreeDef.flatten_up_to"],
)
def test_harm_at_some_signals(name: str, harm_name: str) -> None:
    with only_new_objects():
        run = TimedRun(leafwise, name, make_wide_tree)
        run.undisturbed()
        run.during = ticking_timer
        for at in range(2):  # though there may be fewer signals
            run.disturbed(harm_name, at)
    check_that_all_works(leafwise)
