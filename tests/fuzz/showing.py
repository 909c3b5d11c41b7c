"""What is compared of values: everything but the identity of containers."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from typing import Any

from fuzz.classes import NAMES
from nodes import Fields, Pair, Plain, Record, SubPair, Typed

DICTS = (dict, OrderedDict, defaultdict)
SEQUENCES = (list, tuple, Pair, SubPair, Typed)
# What objects of any other class are made of, as far as it has to be rebuilt.
ATTRIBUTES = {Record: ["x", "y", "tag"], Fields: ["left", "right", "label"]}


def show(tree: Any, own: list[type]) -> Any:
    """Like `nodes.describe`, but tells equal keys apart, and knows the classes `own`."""
    kind = type(tree)
    if kind is str:  # may be made anew in each call
        return kind, tree
    if kind in SEQUENCES:
        return kind, [show(child, own) for child in tree]
    if kind in DICTS:
        items = [(type(key), repr(key), show(value, own)) for key, value in tree.items()]
        return kind, items, repr(getattr(tree, "default_factory", None))
    if isinstance(tree, Plain):
        name, children = (_attribute(tree, name) for name in ("name", "children"))
        return kind, repr(name), show(children, own)
    if kind not in ATTRIBUTES and kind not in own:
        return kind, id(tree)
    parts: list[Any] = [show(part, own) for part in attributes_of(tree)]
    parts.append(sorted(_attribute(tree, "__dict__") or []))
    if isinstance(tree, (tuple, list)):
        parts += [show(child, own) for child in tree]
    return kind, parts


def attributes_of(node: Any) -> list[Any]:
    """What an object is made of that is not one of the built-in containers."""
    return [_attribute(node, name) for name in ATTRIBUTES.get(type(node), NAMES)]


def _attribute(value: Any, name: str) -> Any:
    try:
        return getattr(value, name)
    except Exception:  # a field that is not there, or a class that was changed
        return None
