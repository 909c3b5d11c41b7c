"""Classes registered with torch are nodes here, and those registered here are nodes in torch.

    from leafwise.integrations import torch
    torch.install()

That is, in `torch.utils._pytree`. See `leafwise.integrations` for what all integrations share.
"""

from __future__ import annotations

from leafwise._core import (
    DictKey,
    FlattenedIndexKey,
    GetAttrKey,
    SequenceKey,
    default_registry,
)
from leafwise.integrations.mirroring import Mirror, with_keys_renamed

try:
    from torch.utils import _pytree as torch_pytree
except ModuleNotFoundError as error:
    if error.name != "torch":
        raise
    raise ImportError(
        "leafwise.integrations.torch needs torch: pip install torch", name="torch"
    ) from error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from leafwise.integrations.mirroring import Flatten, Unflatten

__all__ = ["install"]

_KEYS_FROM_TORCH = {
    torch_pytree.SequenceKey: lambda key: SequenceKey(key.idx),
    torch_pytree.MappingKey: lambda key: DictKey(key.key),
    torch_pytree.GetAttrKey: lambda key: GetAttrKey(key.name),
}
_KEYS_TO_TORCH = {
    SequenceKey: lambda key: torch_pytree.SequenceKey(key.idx),
    DictKey: lambda key: torch_pytree.MappingKey(key.key),
    GetAttrKey: lambda key: torch_pytree.GetAttrKey(key.name),
    # What torch has for children that are only numbered.
    FlattenedIndexKey: lambda key: torch_pytree.SequenceKey(key.key),
}


def install() -> None:
    """Share the registered classes with torch. A second call does nothing.

    `collections.deque` is registered there, and becomes a node here. Lists, dicts and the other
    containers that are nodes in both mean in each what they meant before; None remains a node here
    and a leaf there. Keys in paths are each library's own.

    torch has no public function to take a registration back: a class that is unregistered here
    stays a node there. What torch itself drops becomes a leaf here. That is noticed by the number
    of torch's registrations; so if one is dropped and another made between two calls of leafwise,
    both are noticed only with the registration after that.

    Example:
        >>> import collections, leafwise
        >>> from leafwise.integrations import torch as integration
        >>> integration.install()
        >>> leafwise.tree_leaves(collections.deque([1, 2]))
        [1, 2]
    """
    _mirror.install()


class _TorchMirror(Mirror):
    def peer_entries(self) -> dict[type[Any], Any]:
        # The key for all named tuples is a function.
        entries = self._peer_registry.copy()
        return {key: entry for key, entry in entries.items() if isinstance(key, type)}

    def peer_entry(self, nodetype: type[Any]) -> Any:
        return self._peer_registry.get(nodetype)

    def import_class(self, nodetype: type[Any], entry: Any) -> None:
        def unflatten(context: Any, children: tuple[Any, ...]) -> Any:
            return entry.unflatten_fn(children, context)

        flatten_with_keys = entry.flatten_with_keys_fn
        if flatten_with_keys is not None:
            flatten_with_keys = with_keys_renamed(flatten_with_keys, _KEYS_FROM_TORCH)
        default_registry.register_node(nodetype, entry.flatten_fn, unflatten, flatten_with_keys)

    def export_class(
        self,
        nodetype: type[Any],
        flatten: Flatten,
        unflatten: Unflatten,
        flatten_with_keys: Flatten | None,
    ) -> None:
        def torch_flatten(node: Any) -> tuple[list[Any], Any]:
            children, aux_data = flatten(node)
            return list(children), aux_data

        def torch_unflatten(children: Iterable[Any], aux_data: Any) -> Any:
            return unflatten(aux_data, tuple(children))

        with_torch_keys = with_keys_renamed(flatten_with_keys or _numbered(flatten), _KEYS_TO_TORCH)

        def torch_flatten_with_keys(node: Any) -> tuple[list[tuple[Any, Any]], Any]:
            keys_and_children, aux_data = with_torch_keys(node)
            return list(keys_and_children), aux_data

        torch_pytree.register_pytree_node(
            nodetype,
            torch_flatten,
            torch_unflatten,
            flatten_with_keys_fn=torch_flatten_with_keys,
        )


def _numbered(flatten: Flatten) -> Flatten:
    """Make keys where there are none: torch gives no paths through nodes without."""

    def flatten_with_keys(node: Any) -> tuple[Iterable[Any], Any]:
        children, aux_data = flatten(node)
        return [(FlattenedIndexKey(i), child) for i, child in enumerate(children)], aux_data

    return flatten_with_keys


_mirror = _TorchMirror(torch_pytree.SUPPORTED_NODES)
