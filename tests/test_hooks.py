"""User code does harm at its n-th call, for every n, whatever of leafwise is running.

The outcome is a right answer or an exception of the library's or of the hook's, never half of
something; afterwards everything works as before, and nothing is left behind.
"""

from __future__ import annotations

import gc
import itertools
import pickle
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

import leafwise
from hooks import (
    HARMS,
    Harm,
    Noisy,
    Ticks,
    giving,
    make_quiet_tree,
    make_registry,
    make_tree,
    tick,
    ticking_collector,
)
from remembering import TIMES

# With a registry, two trees that share nothing, and a treedef of both.
Call = Callable[[ModuleType, Any, Any, Any, Any], Any]


def is_leaf(node: Any) -> bool:
    tick()
    return False


def f(*leaves: Any) -> Any:
    tick()
    return leaves[0]


def add(left: Any, right: Any) -> Any:
    tick()
    return left


CALLS: dict[str, Call] = {
    "tree_flatten": lambda lw, r, tree, other, td: lw.tree_flatten(tree, registry=r),
    "tree_flatten, is_leaf": lambda lw, r, tree, other, td: lw.tree_flatten(
        tree, is_leaf, registry=r
    ),
    "tree_leaves": lambda lw, r, tree, other, td: lw.tree_leaves(tree, registry=r),
    "tree_structure": lambda lw, r, tree, other, td: lw.tree_structure(tree, registry=r),
    "tree_flatten_with_path": lambda lw, r, tree, other, td: lw.tree_flatten_with_path(
        tree, is_leaf, registry=r
    ),
    "tree_leaves_with_path": lambda lw, r, tree, other, td: lw.tree_leaves_with_path(
        tree, registry=r
    ),
    "tree_iter": lambda lw, r, tree, other, td: list(lw.tree_iter(tree, is_leaf, registry=r)),
    "tree_map": lambda lw, r, tree, other, td: lw.tree_map(f, tree, other, registry=r),
    "tree_map_with_path": lambda lw, r, tree, other, td: lw.tree_map_with_path(
        lambda path, leaf: f(leaf), tree, is_leaf=is_leaf, registry=r
    ),
    "tree_reduce": lambda lw, r, tree, other, td: lw.tree_reduce(add, tree, registry=r),
    "tree_all": lambda lw, r, tree, other, td: lw.tree_all(tree, registry=r),
    "tree_any": lambda lw, r, tree, other, td: lw.tree_any(tree, is_leaf=is_leaf, registry=r),
    "tree_broadcast": lambda lw, r, tree, other, td: lw.tree_broadcast(
        tree, other, is_leaf, registry=r
    ),
    "flatten_one_level": lambda lw, r, tree, other, td: [
        lw.flatten_one_level_with_keys(node, registry=r) for node in list(tree)[:3]
    ],
    "unflatten": lambda lw, r, tree, other, td: td.unflatten(giving(range(7))),
    "flatten_up_to": lambda lw, r, tree, other, td: td.flatten_up_to(tree),
    "walk": lambda lw, r, tree, other, td: td.walk(f, f, giving(range(7))),
    "==": lambda lw, r, tree, other, td: td == lw.tree_structure(tree, registry=r),
    "hash": lambda lw, r, tree, other, td: hash(td),
    "repr": lambda lw, r, tree, other, td: repr(td),
    "compose": lambda lw, r, tree, other, td: td.compose(lw.tree_structure(tree, registry=r)),
    "pickle": lambda lw, r, tree, other, td: pickle.dumps(td),
    "keystr": lambda lw, r, tree, other, td: [
        lw.keystr(path) for path, _ in lw.tree_leaves_with_path(tree, registry=r)
    ],
    "paths are equal": lambda lw, r, tree, other, td: (
        lw.tree_leaves_with_path(tree, registry=r) == lw.tree_leaves_with_path(other, registry=r)
    ),
    "prefix_errors": lambda lw, r, tree, other, td: [
        str(error("x")) for error in lw.prefix_errors(tree, [{}, *other[1:]], registry=r)
    ],
    "equality_errors": lambda lw, r, tree, other, td: [
        str(error) for error in lw.equality_errors(tree, [{}, *other[1:]], registry=r)
    ],
    "tree_diff": lambda lw, r, tree, other, td: str(
        lw.tree_diff(tree, [{Noisy("b"): 1}, *other[1:]], registry=r)
    ),
    "mismatch": lambda lw, r, tree, other, td: lw.tree_map(f, tree, [{}, *other[1:]], registry=r),
}


# Those of which a part is written in Python: there, CPython itself has half-made tuples, such as
# those of zip, and whoever looks at them crashes.
IN_PYTHON = {
    "tree_broadcast",
    "prefix_errors",
    "equality_errors",
    "tree_diff",
    "mismatch",
    "tree_map",
    "tree_map_with_path",
}


# Nobody can catch what a callback of the collector raises.
AT_COLLECTIONS = [
    (name, harm)
    for name, harm in itertools.product(CALLS, HARMS)
    if harm != "fail" and not (harm == "look_around" and name in IN_PYTHON)
]


def is_from_hook(error: BaseException | None) -> bool:
    """Whether what the hook raised is the error, its cause or its context."""
    while error is not None:
        if isinstance(error, LookupError) and error.args == ("of the hook",):
            return True
        error = error.__cause__ or error.__context__
    return False


def run(
    lw: ModuleType, name: str, harm_name: str, at: int, make: Callable[[], Any] = make_tree
) -> int:
    """Run a call with harm done at one call of a hook; how many calls there were."""
    Ticks.stop()
    registry = make_registry(lw)
    registry.__name__, registry.__module__ = "registry", __name__  # so that it can be pickled
    globals()["registry"] = registry
    tree = make()
    for _ in range(TIMES):
        treedef = lw.tree_structure(make(), registry=registry)
    sentinel = Noisy("sentinel")
    tree[4] = sentinel
    owners = [tree]
    del tree
    before = sys.getrefcount(sentinel)

    def call() -> Any:
        # The only reference to the tree is that of the call, once its list of owners is empty.
        tree = owners.pop() if owners else make()
        return CALLS[name](lw, registry, tree, make(), treedef)

    harm = Harm(lw, registry, owners[0], call)
    Ticks.set(at, getattr(harm, harm_name))
    result: Any = None
    try:
        result = call()
    except Exception as error:
        assert not isinstance(error, SystemError), (at, error)
        if harm_name == "fail":
            expected = name == "mismatch" and isinstance(error, lw.PyTreeMismatchError)
            assert expected or is_from_hook(error), (at, error)
    finally:
        count = Ticks.count
        Ticks.stop()
    look_at(lw, result)
    del result, harm
    gc.collect()
    assert sys.getrefcount(sentinel) <= before, (at, gc.get_referrers(sentinel))
    return count


def look_at(lw: ModuleType, result: Any) -> None:
    """Use what came back, so that a half-built container would be noticed."""
    for item in result if isinstance(result, (list, tuple)) else [result]:
        repr(item)
        if isinstance(item, lw.PyTreeDef):
            item.unflatten([0] * item.num_leaves)


@pytest.mark.parametrize("harm_name", HARMS)
@pytest.mark.parametrize("name", CALLS)
def test_harm_at_each_call(
    lw: ModuleType, name: str, harm_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a finalizer raises nobody can catch; it would be kept to be reported.
    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)
    at = 0
    gc.freeze()  # what was there before need not be looked at each time
    try:
        while run(lw, name, harm_name, at) > at:
            at += 1
    finally:
        gc.unfreeze()
    assert at > 0
    check_that_all_works(lw)


@pytest.mark.parametrize("name, harm_name", AT_COLLECTIONS)
def test_harm_at_each_collection(name: str, harm_name: str) -> None:
    """The garbage collector's callbacks do it, inside of calls that run no user code otherwise."""
    at = 0
    with ticking_collector():
        while run(leafwise, name, harm_name, at, make_quiet_tree) > at:
            at += 1
    check_that_all_works(leafwise)


def check_that_all_works(lw: ModuleType) -> None:
    Ticks.stop()
    registry = make_registry(lw)
    leaves, treedef = lw.tree_flatten(make_tree(), registry=registry)
    names = [leaf.name for leaf in leaves]
    assert names == [f"leaf {number}" for number in (2, 1, 3, 4, 5, 6, 7)]
    assert treedef.flatten_up_to(treedef.unflatten(leaves)) == leaves
