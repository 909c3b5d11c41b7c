"""Classes registered with optree are nodes here, and those registered here are nodes in optree.

    from leafwise.integrations import optree
    optree.install()

See `leafwise.integrations` for what all integrations share.
"""

from __future__ import annotations

import warnings

from leafwise._core import (
    DictKey,
    FlattenedIndexKey,
    GetAttrKey,
    SequenceKey,
    default_registry,
)
from leafwise.integrations.mirroring import Mirror, functions_of_fields, with_keys_renamed

try:
    import optree
    from optree import registry as optree_registry
except ModuleNotFoundError as error:
    if error.name != "optree":
        raise
    raise ImportError(
        "leafwise.integrations.optree needs optree: pip install optree", name="optree"
    ) from error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from leafwise.integrations.mirroring import Flatten, Unflatten

__all__ = ["install"]

# What optree's functions want for the global namespace: they refuse the empty string.
_GLOBAL_NAMESPACE = optree_registry.__GLOBAL_NAMESPACE


def install(*, namespace: str = "") -> None:
    """Share the registered classes with optree. A second call for a namespace does nothing.

    `collections.deque` is registered there, and becomes a node here. Dicts, named tuples and what
    else optree has built in mean in each library what they meant before; struct sequences remain
    leaves here. Keys in paths are each library's own. optree has one class of entries for each
    class of nodes: for those registered here `GetAttrEntry` if they are dataclasses, else
    `AutoEntry`.

    What is unregistered here is unregistered in optree too, if it was registered here; what is
    unregistered in optree becomes a leaf here. That is noticed by the number of optree's
    registrations; so if one is taken back and another made between two calls of leafwise, both are
    noticed only with the registration after that.

    Args:
        namespace: Classes registered in this namespace of optree become nodes here, as do those of
            the global one, and classes registered here get registered in it. The empty string means
            the global namespace only.

    Raises:
        TypeError: `namespace` is not a str.

    Example:
        >>> import collections, leafwise
        >>> from leafwise.integrations import optree as integration
        >>> integration.install()
        >>> leafwise.tree_leaves(collections.deque([1, 2]))
        [1, 2]
    """
    if not isinstance(namespace, str):
        raise TypeError(f"namespace must be a str, got {namespace!r}")
    if namespace not in _mirrors:
        _mirrors[namespace] = _OptreeMirror(namespace)
    _mirrors[namespace].install()


class _OptreeMirror(Mirror):
    def __init__(self, namespace: str) -> None:
        super().__init__(optree_registry._NODETYPE_REGISTRY)
        self._name = namespace
        self._namespace = namespace or _GLOBAL_NAMESPACE

    def peer_entries(self) -> dict[type[Any], Any]:
        entries = list(self._peer_registry.copy().values())
        mirrored = {entry.type: entry for entry in entries if entry.namespace == ""}
        mirrored.update((entry.type, entry) for entry in entries if entry.namespace == self._name)
        # Named tuples have a function as their type, struct sequences a class that none is of.
        return {
            nodetype: entry
            for nodetype, entry in mirrored.items()
            if isinstance(nodetype, type) and entry.kind != optree.PyTreeKind.STRUCTSEQUENCE
        }

    def peer_entry(self, nodetype: type[Any]) -> Any:
        entry = self._peer_registry.get((self._name, nodetype))
        return self._peer_registry.get(nodetype) if entry is None else entry

    def import_class(self, nodetype: type[Any], entry: Any) -> None:
        def flatten(node: Any) -> tuple[Any, Any]:
            children, metadata, *_ = entry.flatten_func(node)
            return children, metadata

        def flatten_with_keys(node: Any) -> tuple[list[tuple[Any, Any]], Any]:
            children, metadata, *rest = entry.flatten_func(node)
            children = list(children)
            names = rest[0] if rest and rest[0] is not None else range(len(children))
            entries = [entry.path_entry_type(name, nodetype, entry.kind) for name in names]
            return list(zip(map(_key_of, entries), children, strict=True)), metadata

        default_registry.register_node(nodetype, flatten, entry.unflatten_func, flatten_with_keys)

    def export_class(
        self,
        nodetype: type[Any],
        flatten: Flatten,
        unflatten: Unflatten,
        flatten_with_keys: Flatten | None,
    ) -> None:
        optree_flatten: Any = flatten
        if flatten_with_keys is not None:
            optree_flatten = _with_entries(flatten_with_keys)
        self._register(nodetype, optree_flatten, unflatten)

    def export_dataclass(
        self, nodetype: type[Any], data_fields: tuple[str, ...], meta_fields: tuple[str, ...]
    ) -> None:
        flatten, unflatten, _ = functions_of_fields(nodetype, data_fields, meta_fields)
        self._register(
            nodetype,
            lambda node: (*flatten(node), data_fields),
            unflatten,
            path_entry_type=optree.GetAttrEntry,
        )

    def _register(self, *arguments: Any, **options: Any) -> None:
        with warnings.catch_warnings():
            # That such a class is a node already, and will now be another one, is what is wanted.
            kinds = r"(class of `PyStructSequence`|subclass of `collections\.namedtuple`)"
            warnings.filterwarnings("ignore", rf"PyTree type .* is a {kinds}", UserWarning)
            optree.register_pytree_node(*arguments, **options, namespace=self._namespace)

    def withdraw_class(self, nodetype: type[Any]) -> None:
        optree.unregister_pytree_node(nodetype, namespace=self._namespace)


def _key_of(entry: optree.PyTreeEntry) -> Any:
    """The key for an entry of optree; for one of an unknown class it is what the entry holds."""
    if isinstance(entry, (optree.NamedTupleEntry, optree.StructSequenceEntry)):
        return GetAttrKey(entry.field)
    if isinstance(entry, optree.SequenceEntry):
        return SequenceKey(entry.index)
    if isinstance(entry, optree.GetItemEntry):
        return DictKey(entry.entry)
    if isinstance(entry, optree.GetAttrEntry):
        return GetAttrKey(entry.name)
    if isinstance(entry, optree.FlattenedEntry) and isinstance(entry.entry, int):
        return FlattenedIndexKey(entry.entry)
    return entry.entry


_KEYS_TO_OPTREE = {
    SequenceKey: lambda key: key.idx,
    DictKey: lambda key: key.key,
    GetAttrKey: lambda key: key.name,
    FlattenedIndexKey: lambda key: key.key,
}


def _with_entries(flatten_with_keys: Flatten) -> Any:
    """Flatten as optree wants it: children, metadata, and a tuple of what the keys hold."""
    flatten_with_entries = with_keys_renamed(flatten_with_keys, _KEYS_TO_OPTREE)

    def flatten(node: Any) -> tuple[list[Any], Any, tuple[Any, ...]]:
        pairs, aux_data = flatten_with_entries(node)
        return [child for _, child in pairs], aux_data, tuple([entry for entry, _ in pairs])

    return flatten


_mirrors: dict[str, _OptreeMirror] = {}
