"""Every public name that can be called is called by the tests for leaks, and made to fail."""

from __future__ import annotations

import importlib.util
from typing import Any

import leafwise
from failing_calls import FAILURES
from registering_ways import WAYS
from successful_calls import SUCCESSES

# What is not called, or cannot be.
NO_SUCCESS = {
    "KeyEntry": "a protocol, for annotations",
    "KeyPath": "an alias, for annotations",
    "PyTree": "for annotations",
    "unregister_pytree_node": "called in each test that registers a class",
    "PyTreeRegistry.unregister_node": "`unregister_pytree_node` calls it",
}
NO_FAILURE = {
    **dict.fromkeys(["KeyEntry", "KeyPath", "PyTree"], "not called"),
    **dict.fromkeys(["cache_info", "clear_cache"], "take no arguments"),
    **dict.fromkeys(["PyTreeDef.num_leaves", "PyTreeDef.num_nodes"], "only read a number"),
}


def members(name: str) -> set[str]:
    cls = getattr(leafwise, name)
    return {f"{name}.{member}" for member in vars(cls) if not member.startswith("_")}


def public_names() -> set[str]:
    names = {name for name in leafwise.__all__ if callable(getattr(leafwise, name))}
    return names | members("PyTreeDef") | members("PyTreeRegistry") | short_names() | of_numpy()


def short_names() -> set[str]:
    """Names in `leafwise.tree`, without those that are of functions which have longer ones, too."""
    known: list[Any] = [getattr(leafwise, name) for name in leafwise.__all__]
    return {
        f"tree.{name}"
        for name in leafwise.tree.__all__
        if not any(getattr(leafwise.tree, name) is thing for thing in known)
    }


def of_numpy() -> set[str]:
    if importlib.util.find_spec("numpy") is None:
        return {name for name in SUCCESSES if name.startswith("flatten_util.")}
    module = importlib.import_module("leafwise.flatten_util")
    return {f"flatten_util.{name}" for name in module.__all__}


def called(*tables: dict[str, Any]) -> set[str]:
    return {name.split(",")[0] for table in tables for name in table}


def test_everything_is_called() -> None:
    assert public_names() - called(SUCCESSES, WAYS) - set(NO_SUCCESS) == set()


def test_everything_fails() -> None:
    assert public_names() - called(FAILURES) - set(NO_FAILURE) == set()


def test_nothing_else_is_listed() -> None:
    assert called(SUCCESSES, WAYS, FAILURES) - public_names() == set()
    assert called(SUCCESSES, WAYS) & set(NO_SUCCESS) == set()
    assert called(FAILURES) & set(NO_FAILURE) == set()
