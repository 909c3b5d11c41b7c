"""Trees of numbers as vectors, for numpy: what `jax.flatten_util` is for jax.

The only module of the library that imports numpy, apart from the examples.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

try:
    import numpy as np
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "leafwise.flatten_util needs numpy: run `pip install numpy`", name=error.name
    ) from error

from leafwise._core import (
    PyTreeDef,
    PyTreeRegistry,
    default_registry,
    describe,
    locate,
    tree_flatten,
    tree_leaves_with_path,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

__all__ = ["Unravel", "ravel_pytree"]

_SCALAR_TYPES = (bool, int, float, complex)
_NUMERIC_KINDS = "biufc"
_REGISTERED = 2  # `isbuiltin` of dtypes that other packages add, such as bfloat16.


@dataclass(frozen=True)
class Unravel:
    """The way back from a vector to a tree; made by `ravel_pytree`.

    Two of them are equal, and hash alike, if they make trees of the same structure, shapes and
    dtypes. They can be pickled if their treedef can.

    Attributes:
        treedef: The structure of the tree.
        shapes: The shape of each leaf.
        dtypes: The dtype of each leaf, or None if leaves take that of the vector.
        dtype: The dtype that the vector must have, or None if it may have any.

    Example:
        >>> from leafwise.flatten_util import ravel_pytree
        >>> _, unravel = ravel_pytree([1.0, 2.0])
        >>> _, other = ravel_pytree([3.0, 4.0])
        >>> unravel == other, hash(unravel) == hash(other)
        (True, True)
    """

    treedef: PyTreeDef
    shapes: tuple[tuple[int, ...], ...]
    dtypes: tuple[np.dtype[Any], ...] | None
    dtype: np.dtype[Any] | None

    def __call__(self, vector: NDArray[Any]) -> Any:
        """Make a tree of the numbers in a vector.

        All leaves are arrays; those that were scalars have no dimensions. They are views of the
        vector, so that writing to one writes to the other, except where the dtype of a leaf is not
        that of the vector; that one is a copy.

        Args:
            vector: As many numbers as the tree had that was given to `ravel_pytree`.

        Returns:
            The tree.

        Raises:
            TypeError: `vector` is no array, or not of the dtype `self.dtype`.
            ValueError: `vector` has another length or more or fewer dimensions than one.
        """
        if not hasattr(type(vector), "__array__"):
            raise TypeError(f"unravel function given {describe(vector)}, but expected an array")
        array = np.asarray(vector)
        if self.dtype is not None and array.dtype != self.dtype:
            raise TypeError(
                f"unravel function given array of dtype {array.dtype}, "
                f"but expected dtype {self.dtype}"
            )
        sizes = [math.prod(shape) for shape in self.shapes]
        if array.shape != (sum(sizes),):
            raise ValueError(
                f"unravel function given array of shape {array.shape}, "
                f"but expected shape {(sum(sizes),)}"
            )
        leaves, end = [], 0
        for shape, size in zip(self.shapes, sizes, strict=True):
            leaves.append(array[end : end + size].reshape(shape))
            end += size
        if self.dtypes is not None:
            leaves = [_cast(leaf, dtype) for leaf, dtype in zip(leaves, self.dtypes, strict=True)]
        return self.treedef.unflatten(leaves)


def ravel_pytree(
    pytree: Any, *, none_is_leaf: bool = False, registry: PyTreeRegistry = default_registry
) -> tuple[NDArray[Any], Unravel]:
    """Put all numbers of a tree into one vector, and say how to get back.

    The dtype of the vector is that which `numpy.result_type` gives for the dtypes of the leaves;
    those of Python's bool, int, float and complex are numpy's default ones. If all leaves have one
    dtype, the way back takes vectors of any dtype, and the leaves have that dtype. Otherwise it
    takes vectors of the common dtype only, and gives each leaf its own.

    Args:
        pytree: A tree whose leaves are numbers and arrays of numbers, of Python and of numpy;
            other objects with a method `__array__` count as arrays.
        none_is_leaf: See `leafwise.flattening`. None is no number.
        registry: See `leafwise.flattening`.

    Returns:
        The vector, which is a copy and of dtype float32 if the tree has no leaves, and the function
        that makes a tree of such a vector: an `Unravel`. The leaves that it makes are arrays, if
        possible views of the vector; those for scalars have no dimensions.

    Raises:
        TypeError: A leaf is no number and no array of numbers, or dtypes have none in common.
        OverflowError: An int is too large for numpy's default dtype.

    Example:
        >>> import numpy as np
        >>> from leafwise.flatten_util import ravel_pytree
        >>> vector, unravel = ravel_pytree({"w": np.ones((2, 2)), "b": 0.5})
        >>> vector.tolist()
        [0.5, 1.0, 1.0, 1.0, 1.0]
        >>> unravel(vector * 10)["w"].tolist()
        [[10.0, 10.0], [10.0, 10.0]]
    """
    leaves, treedef = tree_flatten(pytree, none_is_leaf=none_is_leaf, registry=registry)
    arrays: list[NDArray[Any]] = []
    for leaf in leaves:
        try:
            arrays.append(_numbers(leaf))
        except (_NoNumbersError, OverflowError) as error:
            entries = tree_leaves_with_path(pytree, none_is_leaf=none_is_leaf, registry=registry)
            where = locate(entries[len(arrays)][0])
            kind = OverflowError if isinstance(error, OverflowError) else TypeError
            raise kind(f"{error} at {where}") from None
    shapes = tuple([array.shape for array in arrays])
    if not arrays:
        return np.zeros(0, np.float32), Unravel(treedef, shapes, None, None)
    dtypes = tuple([array.dtype for array in arrays])
    dtype = np.result_type(*dict.fromkeys(dtypes))
    # With `axis=None` numpy flattens while it copies; `ravel` may copy once more.
    vector = np.concatenate(arrays, axis=None, dtype=dtype)
    if all(each == dtype for each in dtypes):
        return vector, Unravel(treedef, shapes, None, None)
    return vector, Unravel(treedef, shapes, dtypes, dtype)


class _NoNumbersError(Exception):
    """A leaf is no number and no array of numbers."""


def _numbers(leaf: Any) -> NDArray[Any]:
    """Make an array of a leaf, without copying one."""
    if hasattr(type(leaf), "__array__") and not isinstance(leaf, np.ma.MaskedArray):
        array = np.asarray(leaf)
        if array.dtype.kind in _NUMERIC_KINDS or array.dtype.isbuiltin == _REGISTERED:
            return array
        what = f"{describe(leaf)} of dtype {array.dtype}"
    else:
        for kind in _SCALAR_TYPES:
            if isinstance(leaf, kind):
                return np.asarray(leaf, kind)
        what = describe(leaf)
    raise _NoNumbersError(f"ravel_pytree takes numbers and arrays of numbers, but got {what}")


def _cast(array: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Convert to a dtype that was promoted before; no imaginary parts are lost then."""
    if array.dtype == dtype:
        return array
    if dtype.kind != "c":
        array = np.real(array)  # `astype` would warn.
    return array.astype(dtype)
