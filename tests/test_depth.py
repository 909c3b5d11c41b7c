"""Trees that are too deep or cyclic, and structures of any depth."""

from __future__ import annotations

import functools
import pickle
import subprocess
import sys
import weakref
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from deep_operations import DOUBLINGS, OPERATIONS, PLACES, SMALL_STACK, SUBJECTS, WALKS, nest
from nodes import Plain

TOO_DEEP = "maximum recursion depth exceeded in flatten; PyTree may have cyclical node references."
DEPTH = 2**DOUBLINGS


def check_text(error: BaseException, where: str = "key path [") -> None:
    text, place = str(error).split("\n\n")
    assert text == TOO_DEEP
    assert place.startswith(f"At {where}")
    assert len(place) < 1000


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
    # The walk that stops at the first false leaf knows no path.
    check_text(caught.value, "a node of the tree: " if function == "tree_all" else "key path [")
    cycle.clear()


def test_it_is_said_where_a_cycle_is(lw: ModuleType) -> None:
    limit = sys.getrecursionlimit()
    cycle: list[Any] = [1]
    cycle.append({"a": (cycle, 2)})
    keys = "".join(["[1]", "['a']", "[0]"][level % 3] for level in range(limit))
    last = ["list of length 2", "dict with keys ['a']", "tuple of length 2"][limit % 3]
    for function in (
        lw.tree_leaves,
        lw.tree_leaves_with_path,
        lambda tree: lw.tree_diff(tree, tree),
    ):
        with pytest.raises(RecursionError) as caught:
            function(cycle)
        path, what = str(caught.value).split("\n\nAt key path ")[1].split(": ")
        begin, end = path.split("...")
        assert keys.startswith(begin) and keys.endswith(end) and len(begin) > 50 < len(end)
        assert what == f"{last}."
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
        check_text(caught.value)
    assert lw.tree_map(lambda x, y: x, [1], cycle) == [1]
    cycle.clear()


def test_a_cycle_through_a_class(lw: ModuleType) -> None:
    node = Plain([1])
    node.children.append(node)
    with pytest.raises(RecursionError) as caught:
        lw.tree_flatten(node)
    check_text(caught.value)


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
        check_text(caught.value)


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


def test_a_deep_tree_goes_away(deep: Any) -> None:
    """CPython sees to that, list by list; nothing that was made together is kept together."""

    class Leaf:
        pass

    leaf = Leaf()
    alive = weakref.ref(leaf)
    tree = deep.unflatten([leaf])
    del leaf
    assert alive() is not None
    del tree
    assert alive() is None


CASES = [("usual limit", name) for name in OPERATIONS] + [("high limit", name) for name in WALKS]


@functools.cache
def outcomes(subject: str) -> tuple[dict[tuple[str, ...], str], str]:
    """What came of each operation, and how the process ended."""
    command = [sys.executable, str(Path(__file__).with_name("deep_operations.py")), subject]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=280)
    except subprocess.TimeoutExpired as error:
        return {}, str(error)  # waited for once, and not by each test again
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    ending = f"exit status {done.returncode} after {lines[-1:]}: {done.stderr[-2000:]}"
    return {tuple(case): outcome for *case, outcome in lines}, ending


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("limit", "operation"), CASES)
def test_each_operation_by_itself(subject: str, place: str, limit: str, operation: str) -> None:
    """The C++ core only: how deep Python code goes on a small stack is the interpreter's affair."""
    found, ending = outcomes(subject)
    raises = operation in WALKS and (limit == "usual limit" or subject == "cycle")
    expected = "RecursionError" if raises else "answer"
    assert found.get((place, limit, operation), ending) == expected


@pytest.mark.parametrize("subject", SUBJECTS)
def test_after_all_operations(subject: str) -> None:
    """What is left of them is dropped, too, when the process ends."""
    assert outcomes(subject)[1].startswith("exit status 0 ")


def on_a_small_stack(program: str, operation: str) -> str:
    """What is printed by `work` of the program, on a thread with a small stack."""
    start = f"""
import threading
threading.stack_size({SMALL_STACK})
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""
    done = subprocess.run(
        [sys.executable, "-c", program.replace("OPERATION", operation) + start],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


WITHIN_EACH_OTHER = """
import leafwise
from nodes import Plain

def nested():
    treedef = leafwise.tree_structure([1])
    for _ in range(300):
        treedef = leafwise.tree_structure(Plain([1], treedef))
    return treedef

def work():
    try:
        OPERATION
    except (RecursionError, ValueError) as error:
        while error.__cause__ is not None:  # one for each level that cannot be compared
            error = error.__cause__
        print(type(error).__name__)
    else:
        print("answer")

one, other = nested(), nested()"""


@pytest.mark.parametrize(
    "operation",
    [
        "one == other",
        "repr(one)",
        "hash(one)",
        "nested()",  # and letting go of it
    ],
)
def test_structures_in_the_metadata_of_structures(operation: str) -> None:
    assert on_a_small_stack(WITHIN_EACH_OTHER, operation) in ("answer\n", "RecursionError\n")


WITHOUT_END = """
import dataclasses
import leafwise as lw

class Node:
    pass

flattening, rebuilding = lw.PyTreeRegistry(), lw.PyTreeRegistry()
flattening.register_node(Node, lambda node: lw.tree_flatten(node, registry=flattening), print)
rebuilding.register_node(Node, lambda node: ((), None), lambda aux, children: node.unflatten([]))
node = lw.tree_structure(Node(), registry=rebuilding)

@lw.register_dataclass
@dataclasses.dataclass
class Fields:
    x: int
    def __post_init__(self):
        if self.x:
            lw.tree_structure(Fields(0)).unflatten([1])

def is_leaf(node):
    return lw.tree_leaves([1], is_leaf)

def map_again(leaf):
    return lw.tree_map(map_again, [leaf])

def reduce_again(left, right):
    return lw.tree_reduce(reduce_again, [left, right])

def work():
    try:
        OPERATION
    except RecursionError:
        print("RecursionError")
"""


@pytest.mark.parametrize(
    "operation",
    [
        "lw.tree_flatten(Node(), registry=flattening)",
        "node.unflatten([])",
        "Fields(1)",
        "lw.tree_leaves([1], is_leaf)",
        "map_again(1)",
        "reduce_again(1, 2)",
    ],
)
def test_callbacks_that_call_again_without_end(operation: str) -> None:
    """On a small stack, which is full before the interpreter's limit is reached."""
    assert on_a_small_stack(WITHOUT_END, operation) == "RecursionError\n"
