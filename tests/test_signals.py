"""Ctrl-C ends what would take for ever, and what the handler of a signal raises passes through."""

from __future__ import annotations

import gc
import itertools
import operator
import signal
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import leafwise
from nodes import Plain

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="only POSIX has timers")

SECONDS = 0.05  # of this process, so that a busy machine changes nothing


class Interrupt(BaseException):
    """As KeyboardInterrupt, but not taken for a wish to end the tests."""


@contextmanager
def a_signal_soon() -> Iterator[None]:
    """Its handler raises; what is called meanwhile has begun by then and never ends by itself."""

    def handler(number: int, frame: object) -> None:
        raise Interrupt

    before = signal.signal(signal.SIGVTALRM, handler)
    gc.disable()  # what is raised in a callback of the collector, as hypothesis has one, is lost
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        gc.enable()


def endless(wrap: Callable[[Any, Any], Any] = lambda one, two: [one, two], leaf: Any = 1) -> Any:
    """A few objects, but more leaves than anybody will ever count; no two siblings alike."""
    tree: Any = leaf
    for _ in range(60):
        tree = wrap(tree, (tree,))
    return tree


CALLS: dict[str, Callable[[], object]] = {
    "tree_flatten": lambda: leafwise.tree_flatten(endless()),
    "tree_leaves": lambda: leafwise.tree_leaves(endless(lambda one, two: {"a": one, "b": two})),
    "tree_structure": lambda: leafwise.tree_structure(endless(lambda one, two: Plain([one, two]))),
    "tree_leaves_with_path": lambda: leafwise.tree_leaves_with_path(endless()),
    "tree_all": lambda: leafwise.tree_all(endless()),
    "tree_any": lambda: leafwise.tree_any(endless(lambda one, two: OrderedDict(a=one, b=two), 0)),
    "tree_any with is_leaf": lambda: leafwise.tree_any(endless(leaf=0), is_leaf=callable),
    "a step of tree_iter": lambda: next(leafwise.tree_iter(endless(leaf=()))),
    "tree_map": lambda: leafwise.tree_map(operator.neg, endless()),
    "tree_reduce": lambda: leafwise.tree_reduce(max, endless()),
    "children": lambda: leafwise.tree_leaves(Plain(()), registry=with_endless_children()),
    "children with keys": lambda: leafwise.tree_leaves_with_path(
        Plain(()), registry=with_endless_children()
    ),
    "all_leaves with is_leaf": lambda: leafwise.all_leaves(itertools.repeat(1), callable),
    "all_leaves": lambda: leafwise.all_leaves(itertools.repeat(1)),
    "leaves of a broadcast": lambda: leafwise.tree_broadcast(1, endless()),
    "treedef_tuple": lambda: leafwise.treedef_tuple(itertools.repeat(leafwise.tree_structure(1))),
}


def with_endless_children() -> Any:
    registry = leafwise.PyTreeRegistry()
    leafwise.register_pytree_with_keys(
        Plain,
        lambda node: (zip(itertools.count(), itertools.repeat(1)), None),
        lambda name, children: Plain(children),
        lambda node: (itertools.repeat(1), None),
        registry=registry,
    )
    return registry


@pytest.mark.parametrize("name", CALLS)
def test_what_takes_for_ever_can_be_interrupted(name: str) -> None:
    with pytest.raises(Interrupt), a_signal_soon():
        CALLS[name]()
    assert leafwise.tree_leaves([1, (2, {"a": 3})]) == [1, 2, 3]
