"""Structseqs, such as `time.struct_time`, registered by the names of their fields."""

from __future__ import annotations

import gc
import os
import sys
import time
import weakref
from types import ModuleType
from typing import Any

import pytest

from remembering import TIMES, check


@pytest.fixture
def registry(lw: ModuleType) -> Any:
    return lw.PyTreeRegistry()


TIME = time.struct_time((2026, 1, 2, 3, 4, 5, 6, 7, 0), {"tm_zone": ["CET"], "tm_gmtoff": 3600})
TIME_FIELDS = [
    "tm_year", "tm_mon", "tm_mday", "tm_hour", "tm_min", "tm_sec", "tm_wday", "tm_yday", "tm_isdst",
    "tm_zone", "tm_gmtoff",
]  # fmt: skip


@pytest.mark.parametrize("construct", ["init", "new"])
def test_fields(lw: ModuleType, registry: Any, construct: Any) -> None:
    lw.register_fields(
        os.terminal_size, ["lines", "columns"], construct=construct, registry=registry
    )
    tree = [os.terminal_size((80, [24])), os.terminal_size((1, 2))]  # type: ignore[arg-type, type-var]
    check(lw, registry, tree, [24, 80, 2, 1],
          ["[0].lines[0]", "[0].columns", "[1].lines", "[1].columns"])  # fmt: skip


def test_metadata_and_fields_behind_the_tuple(lw: ModuleType, registry: Any) -> None:
    data = [name for name in TIME_FIELDS if name != "tm_wday"]
    lw.register_fields(time.struct_time, data, ["tm_wday"], registry=registry)
    check(lw, registry, [TIME], [2026, 1, 2, 3, 4, 5, 7, 0, "CET", 3600])
    leaves, treedef = lw.tree_flatten(TIME, registry=registry)
    other = lw.tree_structure(time.gmtime(0), registry=registry)
    for _ in range(TIMES):
        built = treedef.unflatten(leaves)
        assert [getattr(built, name) for name in TIME_FIELDS] == [*TIME, ["CET"], 3600]
        assert type(built) is time.struct_time
        assert len(built) == 9
        assert gc.is_tracked(built)
        assert treedef != other


def test_a_field_that_is_not_there(lw: ModuleType, registry: Any) -> None:
    lw.register_fields(time.struct_time, TIME_FIELDS, registry=registry)
    tree = time.struct_time(range(9))
    for _ in range(TIMES):
        leaves, treedef = lw.tree_flatten(tree, registry=registry, none_is_leaf=True)
        assert leaves == [*range(9), None, None]
        assert treedef.unflatten(leaves) == tree
        assert treedef.unflatten(leaves).tm_zone is None


@pytest.mark.parametrize(
    "kind, data, text",
    [
        (
            os.terminal_size,
            ["lines"],
            "a structseq is rebuilt from all of its fields, which for <class "
            "'os.terminal_size'> are ('columns', 'lines'), got ('lines',)",
        ),
        (
            os.terminal_size,
            ["lines", "columns", "rows"],
            "a structseq is rebuilt from all of its fields, which for <class "
            "'os.terminal_size'> are ('columns', 'lines'), got ('lines', 'columns', 'rows')",
        ),
        (
            os.stat_result,
            ["st_mode"],
            "a structseq is rebuilt from all of its fields, and some of <class "
            "'os.stat_result'> have no names",
        ),
    ],
)
def test_refused(lw: ModuleType, registry: Any, kind: Any, data: Any, text: str) -> None:
    with pytest.raises(ValueError) as caught:
        lw.register_fields(kind, data, registry=registry)
    assert str(caught.value) == text
    assert not registry.is_node(kind)


def test_one_that_nobody_can_make(lw: ModuleType, registry: Any) -> None:
    lw.register_fields(type(sys.flags), ["debug"], registry=registry)
    treedef = lw.tree_structure(sys.flags, registry=registry)
    for _ in range(TIMES):
        with pytest.raises(TypeError, match=r"cannot create 'sys\.flags' instances"):
            treedef.unflatten([0])


def test_one_whose_fields_were_replaced(
    lw: ModuleType, registry: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lw.register_fields(os.terminal_size, ["lines", "columns"], registry=registry)
    leaves, treedef = lw.tree_flatten(os.terminal_size((1, 2)), registry=registry)
    monkeypatch.setattr(os.terminal_size, "columns", property(lambda size: 7))
    for _ in range(TIMES):
        with pytest.raises(TypeError):
            treedef.unflatten(leaves)
    monkeypatch.undo()
    assert treedef.unflatten(leaves) == (1, 2)


def test_a_leaf_without_registration(lw: ModuleType, registry: Any) -> None:
    assert lw.tree_leaves([TIME], registry=registry) == [TIME]


def test_cycles_are_collected(lw: ModuleType, registry: Any) -> None:
    class Leaf:
        pass

    lw.register_fields(os.terminal_size, ["lines", "columns"], registry=registry)
    treedef = lw.tree_structure(os.terminal_size((1, 2)), registry=registry)
    gone = []
    for _ in range(TIMES):
        leaf: Any = Leaf()
        leaf.size = treedef.unflatten([leaf, 1])
        gone.append(weakref.ref(leaf))
    del leaf
    gc.collect()
    assert [leaf() for leaf in gone] == [None] * TIMES
