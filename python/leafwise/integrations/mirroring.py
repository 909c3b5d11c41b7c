"""What the integrations share: two registries, each of which gets what the other has.

`Mirror` says when a class is taken over, and in which direction. How it is done with one library,
the peer, is said by a subclass, whose module is the only one that knows the peer.
"""

from __future__ import annotations

from threading import RLock

from leafwise import partial as _registers_partial  # noqa: F401 -- a class to be mirrored
from leafwise import registering
from leafwise._core import GetAttrKey, default_registry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Flatten = Callable[[Any], tuple[Iterable[Any], Any]]
    Unflatten = Callable[[Any, Any], Any]

__all__ = ["Mirror", "functions_of_fields", "with_keys_renamed"]

# The classes that are nodes here because a peer has them: one peer's are not passed on to another.
_from_peers: set[type[Any]] = set()

# Held while a mirror works, so that two threads do not take over the same class. Not for one mirror
# alone, since `_from_peers` is of all; and reentrant, since finalizers may run meanwhile.
_lock = RLock()


class Mirror:
    """Keeps leafwise's default registry and the registry of a peer alike.

    Args:
        peer_registry: The dict in which the peer keeps its registrations.
    """

    def __init__(self, peer_registry: dict[Any, Any]) -> None:
        self._peer_registry = peer_registry
        self._is_installed = False
        # Class -> the peer's entry with which nothing is left to do: the class was taken over, in
        # either direction, or both libraries knew it. A class that is unregistered here stays in
        # it, so that it does not come back when the peer is looked at again.
        self._settled: dict[type[Any], Any] = {}
        self._imported: set[type[Any]] = set()
        self._exported: set[type[Any]] = set()

    def peer_entries(self) -> dict[type[Any], Any]:
        """Give all classes that are nodes for the peer, each with an object that is its entry."""
        raise NotImplementedError

    def peer_entry(self, nodetype: type[Any]) -> Any:
        """Give the entry of one class, or None."""
        raise NotImplementedError

    def import_class(self, nodetype: type[Any], entry: Any) -> None:
        """Register a class in the default registry, as the peer's entry has it."""
        raise NotImplementedError

    def export_class(
        self,
        nodetype: type[Any],
        flatten: Flatten,
        unflatten: Unflatten,
        flatten_with_keys: Flatten | None,
    ) -> None:
        """Register a class with the peer; the functions are as `register_pytree_node` has them."""
        raise NotImplementedError

    def export_dataclass(
        self, nodetype: type[Any], data_fields: tuple[str, ...], meta_fields: tuple[str, ...]
    ) -> None:
        """Register a class with the peer that is described by its fields."""
        self.export_class(nodetype, *functions_of_fields(nodetype, data_fields, meta_fields))

    def withdraw_class(self, nodetype: type[Any]) -> None:
        """Take back an export, if the peer can do that."""

    def install(self) -> None:
        """Take over what is known here; from then on, what becomes known on either side."""
        with _lock:
            if self._is_installed:
                return
            for nodetype, how in default_registry._registrations().items():
                if how is not None and nodetype not in _from_peers:
                    self._export(nodetype, how)
            registering.listeners.append(self._listen)
            default_registry._add_source(self._peer_registry, self._sync)
            self._is_installed = True

    def _listen(self, nodetype: type[Any], how: tuple[Any, ...] | None) -> None:
        """Hear that a class was registered here, or, if `how` is None, unregistered."""
        with _lock:
            self._imported.discard(nodetype)
            _from_peers.discard(nodetype)
            if how is not None:
                self._export(nodetype, how)
            elif nodetype in self._exported:
                self._exported.remove(nodetype)
                if self.peer_entry(nodetype) is self._settled.get(nodetype):
                    self.withdraw_class(nodetype)

    def _export(self, nodetype: type[Any], how: tuple[Any, ...]) -> None:
        if self.peer_entry(nodetype) is None:
            if len(how) == 2:
                self.export_dataclass(nodetype, *how)
            else:
                functions = how if len(how) == 3 else functions_of_fields(nodetype, *how)
                self.export_class(nodetype, *functions)
            self._exported.add(nodetype)
        self._settled[nodetype] = self.peer_entry(nodetype)

    def _sync(self) -> None:
        """Take over what changed there: the core calls it when the dict has another length."""
        with _lock:
            entries = self.peer_entries()
            settled = self._settled.items()
            for nodetype in [kind for kind, entry in settled if entries.get(kind) is not entry]:
                self._forget(nodetype)
            known = default_registry._registrations()
            for nodetype, entry in entries.items():
                if nodetype in self._settled:
                    continue
                if nodetype not in known:
                    self._import(nodetype, entry)
                self._settled[nodetype] = entry

    def _import(self, nodetype: type[Any], entry: Any) -> None:
        try:
            self.import_class(nodetype, entry)
        except ValueError:
            # Registering first looks at all peers: another one may have the class as well.
            if nodetype not in default_registry._registrations():
                raise
        else:
            self._imported.add(nodetype)
            _from_peers.add(nodetype)

    def _forget(self, nodetype: type[Any]) -> None:
        """The peer has dropped a class, or has it by another registration than before."""
        del self._settled[nodetype]
        self._exported.discard(nodetype)
        if nodetype in self._imported:
            self._imported.remove(nodetype)
            _from_peers.discard(nodetype)
            if nodetype in default_registry._registrations():
                default_registry.unregister_node(nodetype)


def with_keys_renamed(
    flatten_with_keys: Flatten, names: dict[type[Any], Callable[[Any], Any]]
) -> Flatten:
    """Translate the keys that a function gives from one library's classes to another's.

    Args:
        flatten_with_keys: Returns a pair of (key, child) pairs and auxiliary data.
        names: For each class of keys a function that makes the other library's key of one. Keys of
            other classes stay as they are.
    """

    def flatten(node: Any) -> tuple[Iterable[Any], Any]:
        pairs, aux_data = flatten_with_keys(node)
        return [
            (names[type(key)](key) if type(key) in names else key, child) for key, child in pairs
        ], aux_data

    return flatten


def functions_of_fields(
    nodetype: type[Any],
    data_fields: tuple[str, ...],
    meta_fields: tuple[str, ...],
    keyword_names: tuple[str, ...] | None = None,
    order: tuple[str, ...] | None = None,
) -> tuple[Flatten, Unflatten, Flatten]:
    """Make the functions that `register_pytree_node` wants from the names of a class's fields.

    Args:
        nodetype: The class.
        data_fields: The fields that are children.
        meta_fields: The fields that are auxiliary data.
        keyword_names: What the constructor calls meta, then data fields; by default the same.
        order: Where an object is not made by the constructor: all fields as they are set.
    """
    keys = [GetAttrKey(name) for name in data_fields]
    names = (*meta_fields, *data_fields)

    def flatten(node: Any) -> tuple[list[Any], tuple[Any, ...]]:
        data = [getattr(node, name) for name in data_fields]
        return data, tuple([getattr(node, name) for name in meta_fields])

    def unflatten(meta: tuple[Any, ...], data: Iterable[Any]) -> Any:
        values = dict(zip(names, (*meta, *data), strict=True))
        if order is None:
            keywords = zip(keyword_names or names, values.values(), strict=True)
            return nodetype(**dict(keywords))
        make: Callable[..., Any] = nodetype.__new__
        built = make(nodetype)
        for name in order:
            object.__setattr__(built, name, values[name])
        return built

    def flatten_with_keys(node: Any) -> tuple[list[Any], tuple[Any, ...]]:
        data, meta = flatten(node)
        return list(zip(keys, data, strict=True)), meta

    return flatten, unflatten, flatten_with_keys
