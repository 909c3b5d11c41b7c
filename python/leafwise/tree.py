"""The functions on trees under short names: `from leafwise import tree`, then `tree.map(...)`.

Example:
    >>> from leafwise import tree
    >>> tree.map(lambda x: x + 1, {"a": [1, 2]})
    {'a': [2, 3]}
"""

from __future__ import annotations

from leafwise import broadcasting as _broadcasting
from leafwise import flattening as _flattening
from leafwise import mapping as _mapping
from leafwise import reducing as _reducing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "all",
    "any",
    "broadcast",
    "flatten",
    "flatten_with_path",
    "iter",
    "leaves",
    "leaves_with_path",
    "map",
    "map_with_path",
    "reduce",
    "reduce_associative",
    "static",
    "structure",
    "transpose",
    "unflatten",
]

all = _reducing.tree_all
any = _reducing.tree_any
broadcast = _broadcasting.tree_broadcast
flatten = _flattening.tree_flatten
flatten_with_path = _flattening.tree_flatten_with_path
iter = _flattening.tree_iter
leaves = _flattening.tree_leaves
leaves_with_path = _flattening.tree_leaves_with_path
map = _mapping.tree_map
map_with_path = _mapping.tree_map_with_path
reduce = _reducing.tree_reduce
reduce_associative = _reducing.tree_reduce_associative
structure = _flattening.tree_structure
transpose = _mapping.tree_transpose
unflatten = _flattening.tree_unflatten


def static(**kwargs: Any) -> Any:
    """Declare a field of a dataclass to be metadata: part of the structure, not a child.

    Args:
        **kwargs: What `dataclasses.field` takes. A `"static"` in its `metadata` counts.

    Returns:
        What `dataclasses.field` returns.

    Raises:
        TypeError: `dataclasses.field` does not take that.

    Example:
        >>> import dataclasses, leafwise
        >>> @leafwise.register_dataclass
        ... @dataclasses.dataclass
        ... class Layer:
        ...     weights: object
        ...     name: str = leafwise.tree.static(default="layer")
        >>> leafwise.tree_leaves(Layer([1, 2]))
        [1, 2]
        >>> leafwise.unregister_pytree_node(Layer)
    """
    from leafwise.declaring import field  # imported by few, as `dataclasses` is

    return field(static=True, **kwargs)
