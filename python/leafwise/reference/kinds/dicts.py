"""dict, OrderedDict and defaultdict, exactly these types."""

from __future__ import annotations

import operator
from collections import OrderedDict, defaultdict
from typing import Any

from leafwise.reference.errors import UnmatchedError, UnplacedError, describe_keys, short_repr
from leafwise.reference.keys import DictKey, KeyPath
from leafwise.reference.kinds.kind import Children, Kind, Node, Template, listed
from leafwise.reference.kinds.registered import MetadataKind


class _MappingKind(Kind):
    def dict_keys(self, data: Any) -> Children:
        return tuple(data)

    def keys(self, data: Any, arity: int) -> KeyPath:
        return tuple(map(DictKey, self.dict_keys(data)))

    def describe(self, node: Node) -> str:
        return describe_keys(self.nodetype, self.dict_keys(node.data))


class _DictKind(_MappingKind):
    """Dicts are read, and rebuilt, in the order of their sorted keys. These are the data."""

    name = "dict"
    nodetype = dict
    one_level_type = tuple

    def open(self, value: Any) -> tuple[Children, Any]:
        try:
            keys, children = _sorted_items(value)
        except MemoryError:
            raise
        except Exception as error:
            text = "Comparator raised exception while sorting pytree dictionary keys."
            raise UnplacedError(ValueError(text)) from error
        return children, keys

    def build(self, data: Any, children: Children) -> Any:
        return dict(zip(data, children, strict=True))

    def match(self, node: Node, value: Any) -> Children:
        if type(value) is not dict:
            raise UnmatchedError(f"Expected dict, got {short_repr(value)}.")
        children = _values_at(value, node.data)
        if children is None:
            _, present = self.open(value)
            expected, got = short_repr(list(node.data)), short_repr(list(present))
            raise UnmatchedError(
                f"Dict key mismatch; expected keys: {expected}; present keys: {got}.",
                f"dict with keys {expected}",
                f"dict with keys {got}",
            )
        return children

    def template(self, node: Node) -> Template:
        return listed("{", [f"{key!r}: " for key in node.data], "}")

    def walk_data(self, data: Any) -> Any:
        return list(data)

    def same_data(self, mine: Any, theirs: Any) -> bool:
        return not any(a is not b and a != b for a, b in zip(mine, theirs, strict=True))

    def data_hash(self, data: Any) -> int:
        return hash(data)


class _OrderedDictKind(_MappingKind, MetadataKind):
    """OrderedDicts keep their order. The keys are the data."""

    name = "OrderedDict"
    nodetype = OrderedDict

    def open(self, value: Any) -> tuple[Children, Any]:
        # Not `items()`, which puts a KeyError in the place of what the hash of a key raises.
        keys = (*value,)
        children = tuple([dict.get(value, key, _MISSING) for key in keys])
        if any(child is _MISSING for child in children):
            raise RuntimeError("OrderedDict mutated while it was read")
        return children, keys

    def build(self, data: Any, children: Children) -> Any:
        return OrderedDict(zip(data, children, strict=True))


class _DefaultDictKind(_MappingKind, MetadataKind):
    """Defaultdicts are sorted like dicts. The data are (default_factory, keys)."""

    name = "defaultdict"
    nodetype = defaultdict

    def dict_keys(self, data: Any) -> Children:
        return tuple(data[1])

    def open(self, value: Any) -> tuple[Children, Any]:
        factory = value.default_factory
        keys, children = _sorted_items(value)
        return children, (factory, keys)

    def match(self, node: Node, value: Any) -> Children:
        if type(value) is defaultdict and value.default_factory == node.data[0]:
            children = _values_at(value, node.data[1])
            if children is not None:
                return children
        return super().match(node, value)

    def build(self, data: Any, children: Children) -> Any:
        factory, keys = data
        return defaultdict(factory, zip(keys, children, strict=True))


def _sorted_items(mapping: dict[Any, Any]) -> tuple[Children, Children]:
    """Keys and values as they are now, in the order of the keys: a stable sort by `<` alone."""
    items = sorted(mapping.items(), key=operator.itemgetter(0))
    return tuple([key for key, _ in items]), tuple([value for _, value in items])


_MISSING = object()


def _values_at(mapping: dict[Any, Any], keys: Children) -> Children | None:
    """The values of a mapping that has exactly these keys, in any order."""
    if len(mapping) != len(keys):
        return None
    values = [mapping.get(key, _MISSING) for key in keys]
    return None if any(value is _MISSING for value in values) else tuple(values)


DICTS = (_DictKind(), _OrderedDictKind(), _DefaultDictKind())
