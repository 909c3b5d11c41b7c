"""Every public name of jax.tree_util and jax.tree is here, and is called in the same way."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import leafwise

jax = pytest.importorskip("jax", reason="jax is in the extra `peers`")

MODULES = {"jax.tree_util": (jax.tree_util, leafwise), "jax.tree": (jax.tree, leafwise.tree)}
OURS = ["construct", "subclasses", "none_is_leaf", "registry"]


def names_of(module: Any) -> list[str]:
    return [name for name in dir(module) if not name.startswith("_")]


NAMES = [(where, name) for where in MODULES for name in names_of(MODULES[where][0])]


def parameters(function: Any) -> list[tuple[str, Any]]:
    return [(each.name, each.kind) for each in inspect.signature(function).parameters.values()]


def test_all_names_are_there() -> None:
    covered = {
        where: [name for name in names_of(theirs) if hasattr(ours, name)]
        for where, (theirs, ours) in MODULES.items()
    }
    assert covered == {where: names_of(theirs) for where, (theirs, _) in MODULES.items()}
    counts = {where: len(names) for where, names in covered.items()}
    print(f"\nnames covered: {counts}")
    assert counts["jax.tree_util"] >= 36
    assert counts["jax.tree"] >= 14


FUNCTIONS = [
    (where, name) for where, name in NAMES if inspect.isfunction(getattr(MODULES[where][0], name))
]


@pytest.mark.parametrize("where, name", FUNCTIONS, ids=lambda part: part)
def test_parameters(where: str, name: str) -> None:
    """Ours are those of jax, and then the keyword-only ones of leafwise."""
    theirs, ours = (getattr(module, name) for module in MODULES[where])
    known = [each for each, _ in parameters(theirs)]
    extra = [(each, kind) for each, kind in parameters(ours) if each not in known]
    assert [pair for pair in parameters(ours) if pair not in extra] == parameters(theirs)
    assert [each for each, _ in extra] == [each for each in OURS if each in dict(extra)]
    assert all(kind is inspect.Parameter.KEYWORD_ONLY for _, kind in extra)
