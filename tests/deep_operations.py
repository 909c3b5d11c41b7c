"""Each operation by itself on what is as deep as can be; a program, because a crash would end it.

`python deep_operations.py nest` does them all with a nest of lists, each on the main thread and on
a new one with a small stack, and prints a line for each: where, under which recursion limit, what
was done, and what came of it.
"""

from __future__ import annotations

import gc
import itertools
import pickle
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import leafwise as lw

A_MILLION = 1_000_000
DOUBLINGS = 17
SMALL_STACK = 256 * 1024
PLACES = ["main thread", "small stack"]
USUAL_LIMIT = 1000


class Subject(NamedTuple):
    """A tree, and a structure that fits it."""

    depth: int  # of the structure
    tree: Any
    bottom: Any  # what the tree has where the structure has its leaf
    treedef: Any
    other: Any  # of the same size, and different at the bottom only
    pickled: bytes


class Operation(NamedTuple):
    """What is called on the thread in question; whether its answer is right, the main one finds."""

    call: Callable[[Subject], Any]
    is_right: Callable[[Subject, Any], bool]


def nest(depth: int, wrap: Callable[[Any], Any] = lambda tree: [tree]) -> Any:
    tree: Any = 1
    for _ in range(depth):
        tree = wrap(tree)
    return tree


def is_nest(tree: Any, depth: int, bottom: Any) -> bool:
    """Whether it is that many lists around an object; a cycle goes on beyond."""
    for _ in range(depth):
        if type(tree) is not list or len(tree) != 1:
            return False
        (tree,) = tree
    return tree is bottom


def composed() -> Any:
    treedef = lw.tree_structure([1])
    for _ in range(DOUBLINGS):
        treedef = treedef.compose(treedef)
    return treedef


def of(tree: Any, bottom: Any, treedef: Any) -> Subject:
    other = treedef.children()[0].compose(lw.tree_structure((1,)))
    return Subject(treedef.num_nodes - 1, tree, bottom, treedef, other, pickle.dumps(treedef))


def a_nest() -> Subject:
    tree = nest(A_MILLION)
    sys.setrecursionlimit(A_MILLION + 1000)
    return of(tree, 1, lw.tree_structure(tree))


def a_list_that_contains_itself() -> Subject:
    cycle: list[Any] = []
    cycle.append(cycle)
    seen = itertools.count()
    sys.setrecursionlimit(2**DOUBLINGS + 1000)
    treedef = lw.tree_structure(cycle, is_leaf=lambda node: next(seen) == 2**DOUBLINGS)
    return of(cycle, cycle, treedef)


def a_composed_structure() -> Subject:
    return of(composed().unflatten([1]), 1, composed())


SUBJECTS = {
    "nest": a_nest,
    "cycle": a_list_that_contains_itself,
    "composed": a_composed_structure,
}


def new_treedef(subject: Subject) -> Any:
    """One of which nothing is remembered, neither its hash nor what it is equal to."""
    return subject.treedef.compose(lw.tree_structure(1))


@lw.register_static
class Mark:
    """Metadata that tell by being there no more that a structure isn't either."""


def let_go(subject: Subject) -> tuple[bool, bool]:
    mark = Mark()
    alive = weakref.ref(mark)
    treedef = subject.treedef.compose(lw.tree_structure(mark))
    del mark
    before = alive() is not None
    del treedef
    return before, alive() is not None


# These follow a tree to its end, and raise where it is deeper than the recursion limit.
WALKS = {
    "flatten": Operation(
        lambda subject: lw.tree_flatten(subject.tree),
        lambda subject, answer: answer == ([1], subject.treedef),
    ),
    "paths": Operation(
        lambda subject: lw.tree_leaves_with_path(subject.tree),
        lambda subject, answer: (
            [(len(path), leaf) for path, leaf in answer] == [(subject.depth, 1)]
        ),
    ),
    "map": Operation(
        lambda subject: lw.tree_map(max, subject.tree, subject.tree),
        lambda subject, answer: is_nest(answer, subject.depth, 1),
    ),
    "iterate": Operation(
        lambda subject: list(lw.tree_iter(subject.tree)),
        lambda subject, answer: answer == [1],
    ),
    "all": Operation(
        lambda subject: lw.tree_all(subject.tree),
        lambda subject, answer: answer is True,
    ),
    "reduce": Operation(
        lambda subject: lw.tree_reduce(max, subject.tree),
        lambda subject, answer: answer == 1,
    ),
    "broadcast": Operation(
        lambda subject: lw.broadcast_prefix([5], subject.tree),
        lambda subject, answer: answer == [5],
    ),
}
# These follow a structure, and have an answer at any depth.
OF_A_STRUCTURE = {
    "unflatten": Operation(
        lambda subject: subject.treedef.unflatten([subject]),
        lambda subject, answer: is_nest(answer, subject.depth, subject),
    ),
    "flatten_up_to": Operation(
        lambda subject: subject.treedef.flatten_up_to(subject.tree),
        lambda subject, answer: len(answer) == 1 and answer[0] is subject.bottom,
    ),
    "from_iterable_tree": Operation(
        lambda subject: subject.treedef.from_iterable_tree(subject.tree),
        lambda subject, answer: is_nest(answer, subject.depth, subject.bottom),
    ),
    "repr": Operation(
        lambda subject: repr(subject.treedef),
        lambda subject, answer: answer == f"PyTreeDef({'[' * subject.depth}*{']' * subject.depth})",
    ),
    "==": Operation(
        lambda subject: (new_treedef(subject) == subject.treedef, subject.treedef == subject.other),
        lambda subject, answer: answer == (True, False),
    ),
    "hash": Operation(
        lambda subject: hash(new_treedef(subject)),
        lambda subject, answer: answer == hash(subject.treedef),
    ),
    "pickle.dumps": Operation(
        lambda subject: pickle.dumps(subject.treedef),
        lambda subject, answer: answer == subject.pickled,
    ),
    "pickle.loads": Operation(
        lambda subject: pickle.loads(subject.pickled),
        lambda subject, answer: answer == subject.treedef,
    ),
    "dealloc": Operation(let_go, lambda subject, answer: answer == (True, False)),
}
OPERATIONS = {**WALKS, **OF_A_STRUCTURE}


def outcome(operation: Operation, subject: Subject, place: str) -> str:
    """`answer`, `RecursionError`, or what it should not be."""
    results: list[Any] = []

    def call() -> None:
        # The trees that come of it are dropped by the main thread: CPython 3.13 crashes when a
        # thread with a small stack drops lists in lists, with no library involved.
        try:
            results.append(operation.call(subject))
        except Exception as error:
            results.append(error)

    if place == "main thread":
        call()
    else:
        thread = threading.Thread(target=call)
        thread.start()
        thread.join()
    (result,) = results
    if isinstance(result, RecursionError):
        return "RecursionError"
    if isinstance(result, Exception):
        return repr(result)
    return "answer" if operation.is_right(subject, result) else "a wrong answer"


def report(subject: Subject) -> Iterator[tuple[str, str, str, str]]:
    # The usual limit first: a structure that was seen is known again, even if it is deeper.
    for limit, operations in ("usual limit", OPERATIONS), ("high limit", WALKS):
        sys.setrecursionlimit(USUAL_LIMIT if limit == "usual limit" else subject.depth + 1000)
        for place in PLACES:
            for name, operation in operations.items():
                yield place, limit, name, outcome(operation, subject, place)


if __name__ == "__main__":
    threading.stack_size(SMALL_STACK)
    subject = SUBJECTS[sys.argv[1]]()
    # There is no garbage, but a million lists that would be searched for it again and again.
    gc.disable()
    for line in report(subject):
        print(*line, sep="\t", flush=True)
