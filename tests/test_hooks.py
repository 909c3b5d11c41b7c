"""User code does harm at its n-th call, for every n, whatever of leafwise is running.

The outcome is a right answer or an exception of the library's or of the hook's, never half of
something; afterwards everything works as before, and nothing is left behind.
"""

from __future__ import annotations

import inspect
from types import ModuleType

import pytest

import leafwise
from hook_calls import CALLS, OF_THE_CORE_ALONE
from hook_runs import CASES, Run, check_that_all_works, only_new_objects


@pytest.mark.parametrize(("name", "harm_name"), CASES)
def test_harm_at_each_call(lw: ModuleType, name: str, harm_name: str) -> None:
    if name in OF_THE_CORE_ALONE and lw is not leafwise:
        pytest.skip("the reference does not have it")
    with only_new_objects() as lost:
        run = Run(lw, name)
        run.undisturbed()
        count = run.count
        assert count > 0
        for at in range(count):
            run.disturbed(harm_name, at)
            assert run.count > at  # what came before was as when nobody disturbs
    assert lost == [] or (harm_name == "fail" and set(lost) == {LookupError})
    check_that_all_works(lw)


# Functions that run no user code, and why others are not called here.
NOT_CALLED = {
    "cache_info": "runs no user code",
    "clear_cache": "is among the harms",
    "field": "makes a field of a dataclass, which `dataclass` is called with",
    "register_attrs": "is `register_fields` for classes of another package",
    "treedef_children": "runs no user code",
    "treedef_is_leaf": "runs no user code",
    "treedef_is_strict_leaf": "runs no user code",
    "PyTreeDef.children": "runs no user code",
    "PyTreeDef.node_data": "runs no user code",
    "PyTreeDef.num_leaves": "runs no user code",
    "PyTreeDef.num_nodes": "runs no user code",
    "PyTreeDef.serialize_using_proto": "refuses what runs user code",
    "PyTreeDef.deserialize_using_proto": "makes nothing that runs user code",
    "PyTreeRegistry.parent": "runs no user code",
    "PyTreeRegistry.unregister_node": "is what `unregister_pytree_node` calls",
    "PyTreeRegistry.is_node": "is what `is_tree_node` calls",
}
CALLED_ALONG = {"unregister_pytree_node", "is_tree_node"}  # in each call that registers a class


def test_every_public_function_is_called() -> None:
    functions = {name for name in leafwise.__all__ if inspect.isroutine(getattr(leafwise, name))}
    for cls in (leafwise.PyTreeDef, leafwise.PyTreeRegistry):
        functions |= {f"{cls.__name__}.{name}" for name in vars(cls) if name[0] != "_"}
    called = {name.split(",")[0] for name in CALLS} | CALLED_ALONG
    assert functions - called == set(NOT_CALLED)
