"""Trees that are too deep or cyclic, and structures of any depth."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from nodes import Plain

TOO_DEEP = "maximum recursion depth exceeded in flatten; PyTree may have cyclical node references."
DOUBLINGS = 17
DEPTH = 2**DOUBLINGS


def nest(depth: int, wrap: Callable[[Any], Any] = lambda tree: [tree]) -> Any:
    tree: Any = 1
    for _ in range(depth):
        tree = wrap(tree)
    return tree


def unnest(tree: Any) -> int:
    """The depth of a nest of lists."""
    depth = 0
    while type(tree) is list:
        (tree,) = tree
        depth += 1
    return depth


WALKERS = [
    "tree_flatten",
    "tree_leaves",
    "tree_structure",
    "tree_flatten_with_path",
    "tree_leaves_with_path",
    "tree_all",
]


@pytest.mark.parametrize("function", WALKERS)
def test_a_cycle(lw: ModuleType, function: str) -> None:
    cycle: list[Any] = [1]
    cycle.append({"a": (cycle,)})
    with pytest.raises(RecursionError) as caught:
        getattr(lw, function)(cycle)
    assert str(caught.value) == TOO_DEEP
    cycle.clear()


def test_a_cycle_in_mapping(lw: ModuleType) -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    for call in (
        lambda: lw.tree_map(lambda x: x, cycle),
        lambda: lw.tree_map(lambda x, y: x, cycle, cycle),
        lambda: lw.tree_broadcast([1], cycle),
        lambda: lw.tree_reduce(lambda x, y: x, cycle),
    ):
        with pytest.raises(RecursionError) as caught:
            call()
        assert str(caught.value) == TOO_DEEP
    assert lw.tree_map(lambda x, y: x, [1], cycle) == [1]
    cycle.clear()


def test_a_cycle_through_a_class(lw: ModuleType) -> None:
    node = Plain([1])
    node.children.append(node)
    with pytest.raises(RecursionError) as caught:
        lw.tree_flatten(node)
    assert str(caught.value) == TOO_DEEP


@pytest.mark.parametrize(
    "wrap",
    [
        lambda tree: [tree],
        lambda tree: (tree,),
        lambda tree: {"a": tree},
        lambda tree: Plain([tree]),
    ],
    ids=["list", "tuple", "dict", "class"],
)
def test_the_limit_is_that_of_the_interpreter(lw: ModuleType, wrap: Any) -> None:
    limit = sys.getrecursionlimit()
    fits, too_deep = nest(limit, wrap), nest(limit + 1, wrap)
    leaves, treedef = lw.tree_flatten(fits)
    assert (leaves, treedef.num_nodes) == ([1], limit + 1)
    ((path, _),) = lw.tree_leaves_with_path(fits)
    assert len(path) == limit
    assert lw.tree_leaves(treedef.unflatten([2])) == [2]
    assert treedef.flatten_up_to(fits) == [1]
    for function in (lw.tree_flatten, lw.tree_flatten_with_path):
        with pytest.raises(RecursionError) as caught:
            function(too_deep)
        assert str(caught.value) == TOO_DEEP


def test_the_limit_can_be_raised(lw: ModuleType) -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(5000)
    try:
        leaves, treedef = lw.tree_flatten(nest(4500))
        assert (leaves, treedef.num_nodes) == ([1], 4501)
    finally:
        sys.setrecursionlimit(limit)


def test_a_caught_error_leaves_no_trace(lw: ModuleType) -> None:
    """The depth is counted anew for each call, however the call before ended."""
    too_deep = nest(sys.getrecursionlimit() + 1)
    for _ in range(3):
        with pytest.raises(RecursionError):
            lw.tree_leaves(too_deep)
        assert lw.tree_leaves(nest(sys.getrecursionlimit())) == [1]


@pytest.fixture(scope="module")
def deep(lw: ModuleType) -> Any:
    treedef = lw.tree_structure([1])
    for _ in range(DOUBLINGS):
        treedef = treedef.compose(treedef)
    return treedef


def test_a_deep_structure(deep: Any) -> None:
    assert (deep.num_leaves, deep.num_nodes) == (1, DEPTH + 1)
    tree = deep.unflatten(["leaf"])
    assert unnest(tree) == DEPTH
    assert deep.flatten_up_to(tree) == ["leaf"]


def test_deep_structures_compared(lw: ModuleType, deep: Any) -> None:
    twin = lw.tree_structure([1])
    for _ in range(DOUBLINGS):
        twin = twin.compose(twin)
    assert deep is not twin
    assert deep == twin
    assert hash(deep) == hash(twin)
    assert deep != twin.compose(lw.tree_structure((1,)))


def test_a_deep_structure_shown(deep: Any) -> None:
    assert repr(deep) == f"PyTreeDef({'[' * DEPTH}*{']' * DEPTH})"


def test_a_deep_structure_pickled(deep: Any) -> None:
    assert pickle.loads(pickle.dumps(deep)) == deep


def test_the_parts_of_a_deep_structure(lw: ModuleType, deep: Any) -> None:
    (child,) = deep.children()
    assert (child.num_nodes, child.num_leaves) == (DEPTH, 1)
    assert deep.walk(lambda children, data: children[0] + 1, None, [0]) == DEPTH
    assert lw.treedef_tuple([deep, deep]).num_nodes == 2 * DEPTH + 3


def test_a_mismatch_deep_down(lw: ModuleType, deep: Any) -> None:
    end = deep.compose(lw.tree_structure((1, 2))).unflatten([1, 2])
    treedef = deep.compose(lw.tree_structure((1, 2, 3)))
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        treedef.flatten_up_to(end)
    assert len(caught.value.path) == DEPTH
    assert len(str(caught.value)) < 8000


def test_a_deep_structure_goes_away(lw: ModuleType) -> None:
    for kind in ([1], (1,), {"a": 1}, Plain([1])):
        treedef = lw.tree_structure(kind)
        for _ in range(DOUBLINGS):
            treedef = treedef.compose(treedef)
        assert treedef.num_nodes == DEPTH + 1
        del treedef


A_MILLION_DEEP = """
import pickle, sys
import leafwise as lw

DEPTH = 1_000_000
tree = 1
for _ in range(DEPTH):
    tree = [tree]

def calls(treedef):
    yield lambda: lw.tree_leaves(tree) == [1]
    yield lambda: lw.tree_structure(tree) == treedef
    yield lambda: len(lw.tree_leaves_with_path(tree)[0][0]) == DEPTH
    yield lambda: lw.tree_leaves(lw.tree_map(max, tree, tree)) == [1]
    yield lambda: lw.tree_all(tree) and lw.tree_reduce(max, tree) == 1
    yield lambda: list(lw.tree_iter(tree)) == [1]
    yield lambda: lw.broadcast_prefix([5], tree) == [5]

for call in calls(None):
    try:
        call()
    except RecursionError:
        continue
    raise AssertionError("an answer beyond the limit")
sys.setrecursionlimit(DEPTH + 1000)
treedef = lw.tree_structure(tree)
for call in calls(treedef):
    assert call()
sys.setrecursionlimit(1000)
assert treedef.flatten_up_to(tree) == [1]
assert lw.tree_structure([[1]]).flatten_up_to(tree)[0] is tree[0][0]
assert lw.tree_map(lambda x: x, treedef.unflatten([1]), is_leaf=lambda node: True)
assert len(repr(treedef)) == 2 * DEPTH + 12
assert pickle.loads(pickle.dumps(treedef)) == treedef
assert hash(treedef) == hash(lw.treedef_tuple([treedef]).children()[0])
del tree, treedef
print("done")
"""


def test_a_nest_a_million_deep() -> None:
    """The C++ core only: the reference takes the time and memory of plain Python."""
    result = subprocess.run(
        [sys.executable, "-c", A_MILLION_DEEP], capture_output=True, text=True, timeout=280
    )
    assert (result.returncode, result.stdout) == (0, "done\n"), result.stderr[-2000:]


SMALL_STACK = """
import pickle, sys, threading
import leafwise

def work():
    tree = 1
    for _ in range(20_000):
        tree = [tree]
    keep.append(tree)
    for limit in (1000, 100_000):
        sys.setrecursionlimit(limit)
        try:
            leaves, treedef = leafwise.tree_flatten(tree)
            leafwise.tree_leaves_with_path(tree[0])
            keep.append(leafwise.tree_map(max, tree, tree))
        except RecursionError:
            pass
    sys.setrecursionlimit(1000)
    treedef = leafwise.tree_structure([1])
    for _ in range(17):
        treedef = treedef.compose(treedef)
    tree = treedef.unflatten([1])
    keep.append(tree)
    try:
        treedef.flatten_up_to(tree)
        assert len(repr(treedef)) == 2 * 2**17 + 12
        assert pickle.loads(pickle.dumps(treedef)) == treedef
        hash(treedef)
    except RecursionError:
        pass
    done.append(True)

# What is deep is dropped by the main thread: CPython 3.13 crashes when a thread with a small stack
# drops a list that is nested so deeply, with no library involved.
keep = []
done = []
threading.stack_size(256 * 1024)
thread = threading.Thread(target=work)
thread.start()
thread.join()
print("done" if done else "failed")
"""


def test_a_small_stack() -> None:
    """The C++ core only: how deep Python code goes on a small stack is the interpreter's affair."""
    result = subprocess.run(
        [sys.executable, "-c", SMALL_STACK], capture_output=True, text=True, timeout=120
    )
    assert (result.returncode, result.stdout) == (0, "done\n"), result.stderr
