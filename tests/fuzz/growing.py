"""Trees made from bytes."""

from __future__ import annotations

import copy
import sys
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from typing import Any

from fuzz.classes import new_class
from fuzz.reader import Reader
from fuzz.sizes import count_nodes
from nodes import Constant, Fields, Keyed, Methods, Pair, Plain, Record, SubPair, Typed
from strategies import Key, Word, odd_leaves

MAX_DEPTH = 7
MAX_NODES = 25

ODD_LEAVES = odd_leaves()
METADATA: list[Any] = ["", "a", None, 1, True, 1.0, ("a", 1), [1], Key(2), -0.0, 0.0]

KEYS: list[list[Any]] = [
    ["a", "b", "c", "d", ""],
    ["a", "é", "\u4e00", "\U0001f600", "\ud800"],
    [1, 0, -1, 300, 2**62],
    [1, True, 0, False, 2**70, -(2**63)],
    [0.5, -0.0, 0, 1.0, 1],
    [b"a", b"", b"b", b"ab"],
    [("a", 1), ("a",), (), ("b", 0)],
    [Key(1), Key(0), Key(3), Key(2)],
    [Word("a"), "a", "b", Word("b")],
    [None],
    [None, "a", 1, 1j],
    [(1, "a"), (1, 2), 1],
    [frozenset("a"), frozenset("ab"), frozenset("b")],
    [int, str],
]


def metadata(reader: Reader) -> Any:
    """Metadata; a list is made anew, because later steps may change it."""
    return copy.copy(reader.choice(METADATA))


def fresh_names(reader: Reader) -> list[str]:
    """Two letters each: only single ones are the same object whenever they are made."""
    names = [bytes([97 + reader.randrange(3), 97]).decode() for _ in range(3)]
    return list(map(sys.intern, names)) if reader.yes() else names


class Grower:
    """Makes trees; `made` are the nodes made so far, to appear again."""

    def __init__(
        self,
        reader: Reader,
        classes: list[type],
        made: list[Any],
        max_nodes: int = MAX_NODES,
    ) -> None:
        self.reader = reader
        self.classes = classes
        self.made = made
        self.left = max_nodes

    def grow(self, depth: int = 0) -> Any:
        before = self.left
        self.left -= 1
        if depth > MAX_DEPTH or self.left < 0 or self.reader.at_end():
            return self.leaf()
        node = self.reader.choice(KINDS)(self, depth + 1)
        if before - self.left > 1:
            self.made.append(node)
        return node

    def leaf(self, depth: int = 0) -> Any:
        number = self.reader.byte()
        if number < 160:
            return number - 5
        if number < 200:
            return f"leaf {number}"
        return ODD_LEAVES[number % len(ODD_LEAVES)]

    def odd_end(self, depth: int) -> Any:
        return self.reader.choice([None, (), [], {}, Constant(1), OrderedDict(), float("nan")])

    def again(self, depth: int) -> Any:
        """A node that is also elsewhere."""
        if not self.made:
            return None
        node = self.reader.choice(self.made)
        size = count_nodes(node, self.classes, limit=self.left + 1)
        if size > self.left:
            return None
        self.left -= size
        return node

    def few(self, depth: int) -> list[Any]:
        return [self.grow(depth) for _ in range(self.reader.randrange(5))]

    def alike(self, depth: int) -> list[Any]:
        """Siblings made from the same bytes, the last perhaps from others."""
        start = self.reader.place
        siblings = [self.grow(depth)]
        data = self.reader.read_since(start)
        for _ in range(self.reader.randrange(5)):
            siblings.append(self.twin(data, depth))
        if self.reader.yes():
            siblings.append(self.twin(self.reader.changed(data), depth))
        return siblings

    def twin(self, data: bytes, depth: int) -> Any:
        """What grows from these bytes."""
        reader, self.reader = self.reader, Reader(data)
        twin = self.grow(depth)
        self.reader = reader
        return twin

    def items(self, depth: int) -> list[tuple[Any, Any]]:
        style = self.reader.randrange(len(KEYS) + 3)
        keys: list[Any] = KEYS[style] if style < len(KEYS) else fresh_names(self.reader)
        chosen = [self.reader.choice(keys) for _ in range(self.reader.randrange(5))]
        return [(key, self.grow(depth)) for key in chosen]

    def letters(self, depth: int) -> list[tuple[Any, Any]]:
        return list(zip("abcde", self.few(depth)))

    def own(self, depth: int) -> Any:
        """An object of a class that only this input knows."""
        if not self.classes or (len(self.classes) < 5 and self.reader.yes(4)):
            self.classes.append(new_class(self.reader, self.classes))
        make: Any = self.reader.choice(self.classes)
        arguments = self.grow(depth), self.grow(depth), metadata(self.reader)
        try:
            return make(*arguments)
        except Exception:  # the class was changed
            return None


def _node(make: Callable[[Any], Any], kind_of_children: Any) -> Callable[[Grower, int], Any]:
    return lambda grower, depth: make(kind_of_children(grower, depth))


def _defaultdict(items: Any) -> Any:
    return defaultdict(int, items)


def _pair_of(make: Any) -> Callable[[Grower, int], Any]:
    return lambda grower, depth: make(grower.grow(depth), grower.grow(depth))


def _named(make: Any) -> Callable[[Grower, int], Any]:
    return lambda grower, depth: make(grower.few(depth), metadata(grower.reader))


def _fields(make: Any) -> Callable[[Grower, int], Any]:
    return lambda grower, depth: make(
        grower.grow(depth), grower.grow(depth), metadata(grower.reader)
    )


# A leaf comes first: it is what a byte of 0 makes, and so a tree ends where the bytes end.
KINDS: list[Callable[[Grower, int], Any]] = [
    Grower.leaf,
    Grower.leaf,
    Grower.leaf,
    Grower.odd_end,
    Grower.again,
    _node(list, Grower.few),
    _node(list, Grower.alike),
    _node(tuple, Grower.few),
    _node(tuple, Grower.alike),
    _node(dict, Grower.items),
    _node(dict, Grower.letters),
    _node(dict, Grower.letters),
    _node(OrderedDict, Grower.items),
    _node(_defaultdict, Grower.items),
    _pair_of(Pair),
    _pair_of(SubPair),
    _pair_of(Typed),
    _named(Plain),
    _named(Keyed),
    _named(Methods),
    _fields(Record),
    _fields(Record),
    _fields(Fields),
    Grower.own,
    Grower.own,
]
