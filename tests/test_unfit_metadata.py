"""Static fields that hold arrays, or what has no hash: named by a warning."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from remembering import TIMES, check
from spans import Span


@pytest.fixture
def registry(lw: ModuleType) -> Any:
    return lw.PyTreeRegistry()


class NoHash:
    def __eq__(self, other: object) -> bool:
        return isinstance(other, NoHash)

    __hash__ = None  # type: ignore[assignment]


class HashedArray(np.ndarray):  # type: ignore[type-arg]
    def __hash__(self) -> int:  # type: ignore[override]
        return 0


@pytest.mark.parametrize(
    "value, trouble",
    [
        (np.zeros(3), "of type ndarray, is an array"),
        (np.zeros(3).view(HashedArray), "of type HashedArray, is an array"),
        ([1], "of type list, cannot be hashed"),
        ({"a": 1}, "of type dict, cannot be hashed"),
        (NoHash(), "of type NoHash, cannot be hashed"),
    ],
    ids=lambda x: type(x).__name__,
)
def test_the_field_is_named_once(lw: ModuleType, registry: Any, value: Any, trouble: str) -> None:
    @lw.dataclass(registry=registry)
    class Model:
        x: Any
        name: Any = lw.field(static=True, default="m")
        table: Any = lw.field(static=True, default=None)

    tree = [Model(1), Model(2, table=value)]
    with pytest.warns(UserWarning) as caught:
        assert lw.tree_leaves(tree, registry=registry) == [1, 2]
    assert [str(warning.message) for warning in caught] == [
        f"The field 'table' of {Model!r} is metadata, a part of the treedef that is compared, "
        f"but its value, {trouble}. Make it a data field, or keep what has a hash in it, such "
        "as a tuple."
    ]
    assert caught[0].filename == __file__
    for _ in range(TIMES):
        assert lw.tree_leaves(tree, registry=registry) == [1, 2]


def test_as_an_error(lw: ModuleType, registry: Any) -> None:
    lw.register_fields(Span, ["start", "end"], ["label"], registry=registry)
    with pytest.raises(UserWarning, match=r"The field 'label' of .*Span"):
        lw.tree_leaves([Span(1, 2), Span(3, 4, [])], registry=registry)
    assert lw.tree_leaves([Span(1, 2), Span(3, 4, [])], registry=registry) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "value",
    [
        None,
        "a",
        1.5,
        (1, "a"),
        frozenset(),
        bytes,
        len,
        np.float32(1),
        np.dtype("f4"),
        range(3),
    ],
    ids=repr,
)
def test_fit(lw: ModuleType, registry: Any, value: Any) -> None:
    lw.register_fields(Span, ["start", "end"], ["label"], registry=registry)
    check(lw, registry, Span(1, [2], value), [1, 2])
