"""The type of trees, for annotations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol, TypeVar, Union

T = TypeVar("T")


class DataclassInstance(Protocol):
    """Any object of a dataclass: the types of its fields are its own affair."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


# A tree whose leaves are of type T: `PyTree[float]` is a float, a nest of lists, tuples, named
# tuples and dicts of floats, or an object of a dataclass. `Sequence` and `Mapping` instead of
# `list` and `dict`, so that a `list[float]` is one, too.
PyTree = Union[T, Sequence["PyTree[T]"], Mapping[Any, "PyTree[T]"], DataclassInstance, None]  # noqa: UP007
