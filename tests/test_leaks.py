"""Repeated calls, successful and failing, leave memory and reference counts as they were.

The calls are those of successful_calls.py, failing_calls.py and registering_ways.py.
"""

from __future__ import annotations

import gc
import weakref
from types import ModuleType
from typing import Any

import pytest

import leafwise
from effort import Effort
from failing_calls import FAILURES
from growth import check_no_growth
from interpreter import collects_classes
from leak_trees import Case, fail_at, watched
from nodes import Constant, Pair, Plain, Record
from registering_ways import WAYS, use
from successful_calls import SUCCESSES

pytestmark = collects_classes


def swallow(lw: ModuleType, case: Case) -> None:
    try:
        case(lw)
    except NameError:
        raise  # a mistake in the test
    except Exception as error:
        del error
    else:
        raise AssertionError("the call was expected to fail")


@pytest.fixture(autouse=True)
def core_only_for_hours(lw: ModuleType) -> None:
    if Effort.torture and lw is not leafwise:
        pytest.skip("a reference that leaks would be found by fewer calls, too; these take hours")


# The reference does not look at the data of a node that is restored.
ONLY_IN_THE_CORE = {"PyTreeDef, restored: odd data", "PyTreeDef, restored: odd keys"}


def skip_what_only_the_core_has(lw: ModuleType, name: str) -> None:
    """The reference has no cache, no protocol buffers, no short names, and nothing for numpy."""
    found: Any = lw
    for part in name.split(",")[0].split("."):
        found = getattr(found, part, None)
    if (found is None or name in ONLY_IN_THE_CORE) and lw is not leafwise:
        pytest.skip("the reference does not have it")


@pytest.mark.parametrize("name", SUCCESSES)
def test_memory_after_success(lw: ModuleType, name: str) -> None:
    skip_what_only_the_core_has(lw, name)
    check_no_growth(lambda: SUCCESSES[name](lw), watched(lw))


@pytest.mark.parametrize("name", FAILURES)
def test_memory_after_failure(lw: ModuleType, name: str) -> None:
    skip_what_only_the_core_has(lw, name)
    check_no_growth(lambda: swallow(lw, FAILURES[name]), watched(lw))


def register_and_unregister(lw: ModuleType, name: str, kind: Any, registry: Any) -> None:
    WAYS[name].register(lw, kind, registry=registry)
    use(lw, [kind([1], 2)], registry)
    lw.unregister_pytree_node(kind, registry=registry)
    # What is remembered of a class keeps it, until something else takes its place.
    leafwise.clear_cache()


@pytest.mark.parametrize("name", WAYS)
def test_memory_after_registering_new_classes(lw: ModuleType, name: str) -> None:
    if name == "register_attrs":
        pytest.skip("attrs keeps the source of what it generates, for each class")

    def work() -> None:
        register_and_unregister(lw, name, WAYS[name].make(), lw.default_registry)

    check_no_growth(work, watched(lw))


@pytest.mark.parametrize("name", WAYS)
def test_memory_after_registering_the_same_class(lw: ModuleType, name: str) -> None:
    def work() -> None:
        registry = lw.PyTreeRegistry(parent=lw.default_registry)
        register_and_unregister(lw, name, kind, registry)

    kind = WAYS[name].make()
    check_no_growth(work, [*watched(lw), kind])


def test_memory_after_registries(lw: ModuleType) -> None:
    """They go with what is registered in them, and what was remembered of it."""

    def work() -> None:
        parent = lw.PyTreeRegistry(parent=lw.default_registry)
        for name in ("register_pytree_node", "register_fields"):
            WAYS[name].register(lw, kinds[name], registry=parent)
        child = lw.PyTreeRegistry(parent=parent)
        use(lw, [kinds[name]([1], 2) for name in kinds], child)
        leafwise.clear_cache()

    kinds = {name: WAYS[name].make() for name in ("register_pytree_node", "register_fields")}
    check_no_growth(work, [*watched(lw), *kinds.values()])


def test_a_cycle_is_not_leaked(lw: ModuleType) -> None:
    cycle: list[Any] = [object()]
    cycle.append(cycle)
    check_no_growth(lambda: swallow(lw, lambda lw: lw.tree_flatten(cycle)), [cycle])
    cycle.clear()


def test_all_together(lw: ModuleType) -> None:
    leaf, aux, key, other = object(), ["aux"], (1, "key"), Constant(5)

    def work() -> None:
        tree = [leaf, {key: leaf}, Plain([leaf], aux), Record(leaf, 1, tag=aux), Pair(leaf, other)]
        leaves, treedef = lw.tree_flatten(tree)
        lw.tree_flatten_with_path(tree)
        lw.tree_map(lambda x, y: x, tree, treedef.unflatten(leaves))
        treedef.flatten_up_to(tree)
        swallow(lw, lambda lw: treedef.flatten_up_to([*tree[:-1], (leaf, aux)]))
        swallow(lw, lambda lw: treedef.unflatten([leaf] * 3))
        swallow(lw, lambda lw: lw.tree_flatten(tree, is_leaf=fail_at(7)))
        assert treedef == lw.tree_structure(tree)
        repr(treedef)
        hash(treedef)
        treedef.children()

    check_no_growth(work, [*watched(lw), leaf, aux, key, other])


def test_leaves_are_released(lw: ModuleType) -> None:
    class Leaf:
        pass

    def work() -> Any:
        tree = [Leaf(), {"a": Leaf()}, Plain([Leaf()])]
        treedef = lw.tree_structure(tree)
        lw.tree_map(lambda x, y: x, tree, tree)
        treedef.flatten_up_to(tree)
        lw.tree_leaves_with_path(tree)
        swallow(lw, lambda lw: lw.tree_map(lambda x, y: x, tree, [1, 2]))
        return treedef, [weakref.ref(leaf) for leaf in lw.tree_leaves(tree)]

    treedef, dead = work()
    gc.collect()
    assert [ref() for ref in dead] == [None] * 3
    assert treedef.num_leaves == 3
