"""Callbacks of the garbage collector do harm, inside of calls that run no other user code.

Before CPython 3.12 the collector runs wherever something is allocated, in the middle of C code;
since then between two instructions of Python only.
"""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import hook_calls
import leafwise
from effort import Effort
from hook_runs import CASES, Run, check_that_all_works, only_new_objects
from hook_trees import make_quiet_tree
from hooks import FINALIZER, tick

IN_THE_MIDDLE_OF_C = sys.version_info < (3, 12)
# The first ones find the structure of their tree remembered, and allocate nothing; nor does
# `tree_any`, which goes no further than the first leaf; the last are called by Python's `copy`.
WITHOUT_COLLECTIONS = [
    *("tree_structure", "PyTreeDef.__eq__", "PyTreeDef.__hash__", "tree_any"),
    *("PyTreeDef.__copy__", "PyTreeDef.__deepcopy__"),
]
FOLDER = str(Path(leafwise.__file__).parent)


class Collections:
    """How many there were while the call ran, the code that ran being its own or leafwise's."""

    inside = 0


@contextlib.contextmanager
def ticking_collector() -> Iterator[None]:
    """Let the garbage collector run all the time, and user code with it."""

    def callback(phase: str, info: object) -> None:
        running = sys._getframe(1).f_code.co_filename
        Collections.inside += running == hook_calls.__file__ or running.startswith(FOLDER)
        tick(FINALIZER)

    thresholds = gc.get_threshold()
    gc.callbacks.append(callback)
    gc.collect()  # so that no old list or tuple is used again, which would be no allocation
    gc.set_threshold(-1)  # each time that something is allocated, however much was let go
    gc.enable()
    try:
        yield
    finally:
        gc.disable()
        gc.set_threshold(*thresholds)
        gc.callbacks.remove(callback)


@pytest.mark.parametrize(("name", "harm_name"), CASES)
def test_harm_at_each_collection(name: str, harm_name: str) -> None:
    with only_new_objects() as lost:
        run = Run(leafwise, name, make_quiet_tree, ticking_collector)
        Collections.inside = 0
        run.undisturbed()
        if IN_THE_MIDDLE_OF_C and name not in WITHOUT_COLLECTIONS:
            assert Collections.inside > 0
        step = 1 if Effort.torture else 1 + run.count // 10
        at = 0
        while run.count > at:
            run.disturbed(harm_name, at)
            at += step
    assert lost == [] or (harm_name == "fail" and set(lost) == {LookupError})
    check_that_all_works(leafwise)
