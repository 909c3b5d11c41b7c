"""Classes registered with jax are nodes here, and those registered here are nodes in jax.

    from leafwise.integrations import jax
    jax.install()

See `leafwise.integrations` for what all integrations share.
"""

from __future__ import annotations

import dataclasses

from leafwise._core import (
    DictKey,
    FlattenedIndexKey,
    GetAttrKey,
    SequenceKey,
    default_registry,
)
from leafwise.integrations.mirroring import Mirror, with_keys_renamed

try:
    # jax shows its registrations to nobody but itself. The functions come from there as well: those
    # in `jax.tree_util` may have been replaced, by leafwise's for instance.
    from jax._src import tree_util as jax_tree_util
except ModuleNotFoundError as error:
    if error.name != "jax":
        raise
    raise ImportError("leafwise.integrations.jax needs jax: pip install jax", name="jax") from error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from leafwise.integrations.mirroring import Flatten, Unflatten

__all__ = ["install"]

_KEYS_FROM_JAX = {
    jax_tree_util.SequenceKey: lambda key: SequenceKey(key.idx),
    jax_tree_util.DictKey: lambda key: DictKey(key.key),
    jax_tree_util.GetAttrKey: lambda key: GetAttrKey(key.name),
    jax_tree_util.FlattenedIndexKey: lambda key: FlattenedIndexKey(key.key),
}
_KEYS_TO_JAX = {
    SequenceKey: lambda key: jax_tree_util.SequenceKey(key.idx),
    DictKey: lambda key: jax_tree_util.DictKey(key.key),
    GetAttrKey: lambda key: jax_tree_util.GetAttrKey(key.name),
    FlattenedIndexKey: lambda key: jax_tree_util.FlattenedIndexKey(key.key),
}


def install() -> None:
    """Share the registered classes with jax. A second call does nothing.

    Keys in paths are each library's own: jax's `GetAttrKey` is leafwise's here, and the other way
    round. `jax.tree_util.Partial` becomes a node here, `leafwise.Partial` one there.

    jax cannot take a registration back. A class that is unregistered here stays a node there; if it
    is registered here anew, jax keeps the functions it was given first.

    Example:
        >>> import jax.tree_util, leafwise
        >>> from leafwise.integrations import jax as integration
        >>> integration.install()
        >>> leafwise.tree_leaves(jax.tree_util.Partial(pow, 2, mod=100))
        [2, 100]
    """
    _mirror.install()


class _JaxMirror(Mirror):
    def peer_entries(self) -> dict[type[Any], Any]:
        return self._peer_registry.copy()

    def peer_entry(self, nodetype: type[Any]) -> Any:
        return self._peer_registry.get(nodetype)

    def import_class(self, nodetype: type[Any], entry: Any) -> None:
        fields = _fields_of_dataclass(entry)
        if fields is not None:
            default_registry.register_dataclass_node(nodetype, *fields)
            return
        # Whether there is a function with keys only jax's C++ knows; without one it numbers them.
        flatten_with_keys = jax_tree_util.default_registry.flatten_one_level_with_keys
        default_registry.register_node(
            nodetype,
            entry.to_iter,
            entry.from_iter,
            with_keys_renamed(flatten_with_keys, _KEYS_FROM_JAX),
        )

    def export_class(
        self,
        nodetype: type[Any],
        flatten: Flatten,
        unflatten: Unflatten,
        flatten_with_keys: Flatten | None,
    ) -> None:
        if flatten_with_keys is not None:
            flatten_with_keys = with_keys_renamed(flatten_with_keys, _KEYS_TO_JAX)
        jax_tree_util.register_pytree_node(nodetype, flatten, unflatten, flatten_with_keys)

    def export_dataclass(
        self, nodetype: type[Any], data_fields: tuple[str, ...], meta_fields: tuple[str, ...]
    ) -> None:
        dropped: list[str] = []
        if dataclasses.is_dataclass(nodetype):
            kept = {*data_fields, *meta_fields}
            fields = dataclasses.fields(nodetype)
            dropped = [field.name for field in fields if field.init and field.name not in kept]
        jax_tree_util.register_dataclass(nodetype, data_fields, meta_fields, dropped)


def _fields_of_dataclass(entry: Any) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The fields by which jax's `register_dataclass` registered a class, None for other classes.

    With them the core takes objects apart without calling Python. jax keeps them in its C++, and in
    the closure of the function that it makes for the entry.
    """
    function = entry.to_iter
    if getattr(function, "__qualname__", None) != "register_dataclass.<locals>.flatten_func":
        return None
    if function.__module__ != jax_tree_util.__name__:
        return None
    closure = dict(zip(function.__code__.co_freevars, function.__closure__, strict=True))
    return closure["data_fields"].cell_contents, closure["meta_fields"].cell_contents


_mirror = _JaxMirror(jax_tree_util._registry)
