"""Where two trees differ: the walk behind all that is said about trees which do not match."""

from __future__ import annotations

import sys
from collections import OrderedDict, defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from leafwise.reference.errors import ANOTHER_CLASS, UnplacedError, describe, short_repr, shortened
from leafwise.reference.flattening import too_deep
from leafwise.reference.keys import KeyEntry, KeyPath, placed, short_keystr
from leafwise.reference.registry import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from leafwise.reference.flattening import Options
    from leafwise.reference.kinds.kind import Kind

# Bounds of what a message shows of one thing, so that the whole fits on a screen.
_MAX_CHARS, _MAX_LINES, _MAX_KEYS = 400, 12, 60

Pair = tuple[KeyPath, Any, Any]  # a path, and what is there in both trees


class Opened(NamedTuple):
    """What is in a node."""

    children: tuple[Any, ...]
    data: Any
    keys: tuple[KeyEntry, ...]


class Mismatch(NamedTuple):
    """Two nodes that differ at the same place of two trees."""

    path: KeyPath
    what: str  # "types", "lengths", "children" (their number) or "metadata"
    one: Any
    other: Any
    opened: tuple[Opened, ...] = ()  # both of them, if "children" or "metadata" differ

    def unshared_keys(self) -> list[Any] | None:
        """The keys that only one of the two has; None if they cannot be hashed or compared."""
        keys, other_keys = (opened.keys for opened in self.opened)
        try:
            known, other_known = set(keys), set(other_keys)
            unshared = [key for key in keys if key not in other_known]
            return unshared + [key for key in other_keys if key not in known]
        except MemoryError:
            raise
        except Exception:
            return None

    def expected_and_got(self) -> tuple[str, str]:
        """A few words on each of the two: the `expected` and `got` of errors."""
        nodetype = type(self.one)
        if self.what == "children":
            first, second = (_describe_keys(nodetype, opened.keys) for opened in self.opened)
            return first, second
        if self.what == "metadata":
            what, (data, other_data) = "metadata", (opened.data for opened in self.opened)
            if nodetype is dict or nodetype is OrderedDict:
                what, data, other_data = "keys", list(data), list(other_data)
            start = f"{nodetype.__name__} with {what}"
            first, second = tell_apart(data, other_data, short)
            return f"{start} {first}", f"{start} {second}"
        words = describe(self.one), describe(self.other)
        if words[0] == words[1]:
            words = short(nodetype), short(type(self.other))
        return words if words[0] != words[1] else (words[0], ANOTHER_CLASS)


def compare_nodes(path: KeyPath, one: Any, other: Any, options: Options) -> Mismatch | list[Pair]:
    """What differs between two nodes; if nothing does, where their children are, and these."""
    if len(path) >= sys.getrecursionlimit():
        raise placed(too_deep(), one, lambda: path)
    if type(one) is not type(other):
        return Mismatch(path, "types", one, other)
    if isinstance(one, (list, tuple)) and len(one) != len(other):
        return Mismatch(path, "lengths", one, other)
    kind = kind_of(one, options.none_is_leaf, options.registry)
    mine, theirs = (_open(kind, node, path) for node in (one, other))
    if len(mine.children) != len(theirs.children):
        return Mismatch(path, "children", one, other, (mine, theirs))
    if mine.data is not theirs.data and mine.data != theirs.data:
        return Mismatch(path, "metadata", one, other, (mine, theirs))
    places = [(*path, key) for key in mine.keys]
    return list(zip(places, mine.children, theirs.children, strict=True))


def _open(kind: Kind, node: Any, path: KeyPath) -> Opened:
    try:
        return Opened(*kind.open_with_keys(node))
    except UnplacedError as unplaced:
        raise placed(unplaced, node, lambda: path) from unplaced.__cause__


def mismatches(
    tree: Any, other: Any, options: Options, are_leaves: Callable[[Pair], bool]
) -> Iterator[Mismatch]:
    """The nodes that differ, from left to right, but nothing below them."""
    pending: list[Pair] = [((), tree, other)]
    while pending:
        pair = pending.pop()
        if are_leaves(pair):
            continue
        found = compare_nodes(*pair, options)
        if isinstance(found, Mismatch):
            yield found
        else:
            pending.extend(reversed(found))


def short(value: Any) -> str:
    """The repr of a value, bounded."""
    return short_repr(value, _MAX_CHARS)


def tell_apart(mine: Any, theirs: Any, show: Callable[[Any], str]) -> tuple[str, str]:
    """Two values that differ, in words; if these are the same, only the first items that differ."""
    before, after = "", ""
    while (text := show(mine)) == (other_text := show(theirs)):
        if type(mine) not in (tuple, list) or type(theirs) is not type(mine):
            break
        pairs = zip(mine, theirs, strict=False)
        pair = next((pair for pair in pairs if pair[0] is not pair[1] and pair[0] != pair[1]), None)
        if pair is None:
            break
        start, end = "()" if type(mine) is tuple else "[]"
        before, after = f"{before}{start}..., ", f", ...{end}{after}"
        mine, theirs = pair
    return f"{before}{text}{after}", f"{before}{other_text}{after}"


def short_str(value: Any) -> str:
    """The str of a value, bounded."""
    try:
        # The str of most things is their repr, of which not all has to be made.
        text = str(value) if _has_str(type(value)) else short(value)
    except MemoryError:
        raise
    except Exception:
        text = short(value)
    lines = shortened(text, _MAX_CHARS).splitlines(keepends=True)
    return "".join(lines if len(lines) <= _MAX_LINES else [*lines[:_MAX_LINES], "..."])


def spaced(keys: Sequence[Any], show: Callable[[Any], str] | None = None) -> str:
    """Keys with spaces between them, bounded; without `show` they look as in a key path."""
    texts = [show(key) if show else short_keystr((key,)) for key in keys[:_MAX_KEYS]]
    text = shortened(" ".join(texts), _MAX_CHARS)
    return text if len(keys) <= _MAX_KEYS else f"{text} ..."


def _has_str(cls: Any) -> bool:
    return cls.__str__ is not object.__str__


def _describe_keys(nodetype: type, keys: KeyPath) -> str:
    if not any(nodetype is mapping for mapping in (dict, OrderedDict, defaultdict)):
        return f"{nodetype.__name__} with {len(keys)} children"
    # Long lists of keys may look alike when they are shortened.
    count = f"{len(keys)} " if len(keys) > _MAX_KEYS else ""
    return (
        f"{nodetype.__name__} with {count}keys {short([getattr(key, 'key', key) for key in keys])}"
    )
