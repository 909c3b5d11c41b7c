"""Random trees: nests of every kind of container and class, with odd keys and odd leaves."""

from __future__ import annotations

import functools
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from nodes import Constant, Fields, Keyed, Methods, Pair, Plain, Record, SubPair, Typed

Tree = Any


@functools.total_ordering
class Key:
    """A key of a user's type: hashable and orderable in Python code."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and self.number == other.number

    def __lt__(self, other: Key) -> bool:
        return self.number < other.number

    def __hash__(self) -> int:
        return hash(self.number)

    def __repr__(self) -> str:
        return f"Key({self.number})"


class Word(str):
    """A leaf and a key whose type is a subclass of str."""


def odd_leaves() -> list[Any]:
    """One leaf of each kind that looks like a node and is none; made anew for each tree."""
    return [
        object(),
        {1, 2},
        frozenset({3}),
        deque([1, (2,)]),
        Counter("aab"),
        Word("leaf"),
        range(3),
        list,
        Pair,
        len,
        type("ListSubclass", (list,), {})([1, [2]]),
        type("DictSubclass", (dict,), {})(a=1),
        type("TupleSubclass", (tuple,), {})((1, 2)),
        b"bytes",
        1j,
        ...,
    ]


leaves = st.one_of(
    st.integers(-3, 3),
    st.floats(allow_nan=True),
    st.booleans(),
    st.text(max_size=3),
    st.integers(0, len(odd_leaves()) - 1).map(lambda index: odd_leaves()[index]),
)

orderable_keys = st.one_of(
    st.lists(st.text(max_size=3), max_size=4),
    st.lists(st.integers(-3, 300), max_size=4),
    st.lists(
        st.one_of(st.integers(-2, 2), st.booleans(), st.sampled_from([0.5, -1.5])), max_size=4
    ),
    st.lists(st.tuples(st.integers(0, 2), st.text(max_size=1)), max_size=3),
    st.lists(st.integers(0, 5).map(Key), max_size=3),
    st.lists(st.one_of(st.text(max_size=2), st.text(max_size=2).map(Word)), max_size=3),
    st.just([None]),
)
unorderable_keys = st.sampled_from(
    [["a", 1], [None, "a"], [(1, "a"), (1, 2)], [1j, 2j], [Key(1), 1], [b"a", "a"]]
)
names = st.one_of(
    st.text(max_size=2), st.none(), st.integers(0, 2), st.just(("a", 1)), st.just([1])
)


@st.composite
def keyed(draw: Any, children: Any, keys: Any, make: Callable[[Any], Tree]) -> Tree:
    """A mapping of drawn keys, in a drawn order, to drawn children."""
    return make([(key, draw(children)) for key in draw(keys)])


def default_mapping(items: Any) -> Tree:
    return defaultdict(int, items)


def some(children: Any) -> Any:
    """A few children; often several in a row are alike, as records are."""
    alike = st.builds(
        lambda child, count, others: [child] * count + others,
        children,
        st.integers(2, 4),
        st.lists(children, max_size=1),
    )
    return st.one_of(st.lists(children, max_size=3), alike)


def containers(children: Any, keys: Any = orderable_keys) -> Any:
    """One more level: a container of any kind around `children`."""
    few = some(children)
    return st.one_of(
        few,
        few.map(tuple),
        keyed(children, keys, dict),
        keyed(children, keys, OrderedDict),
        keyed(children, keys, default_mapping),
        st.builds(Pair, children, children),
        st.builds(SubPair, children, children),
        st.builds(Typed, children, children),
        st.builds(Plain, few, names),
        st.builds(Keyed, st.lists(children, max_size=2), names),
        st.builds(Methods, few, names),
        st.builds(Record, children, children, names),
        st.builds(Fields, children, children, names),
    )


no_leaves = st.one_of(st.none(), st.integers(0, 2).map(Constant))
ends = st.one_of(leaves, no_leaves)

trees = st.recursive(ends, containers, max_leaves=12)

trees_with_any_keys = st.recursive(
    ends,
    lambda children: containers(children, st.one_of(orderable_keys, unorderable_keys)),
    max_leaves=8,
)


def _grow(pairs: Any) -> Any:
    """From pairs of alike subtrees to pairs of alike trees; one in four differ at this place."""

    def build(
        children: list[tuple[Tree, Tree]], kind: int, other: int, damage: int
    ) -> tuple[Tree, Tree]:
        lefts = [left for left, _ in children]
        rights = [right for _, right in children]
        if damage == 0:
            return KINDS[kind](lefts), KINDS[other](rights)
        if damage == 1:
            return KINDS[kind](lefts), KINDS[kind](rights[:-1])
        if damage == 2:
            return KINDS[kind](lefts), rights[0] if rights else 1
        return KINDS[kind](lefts), KINDS[kind](rights)

    kinds = st.integers(0, len(KINDS) - 1)
    return st.builds(build, some(pairs), kinds, kinds, st.integers(0, 11))


def _letters(children: list[Any], reverse: bool = False) -> list[tuple[str, Any]]:
    items = [("abcde"[index], child) for index, child in enumerate(children)]
    return items[::-1] if reverse else items


KINDS: list[Callable[[list[Any]], Tree]] = [
    list,
    tuple,
    lambda children: dict(_letters(children)),
    lambda children: dict(_letters(children, reverse=True)),
    lambda children: {str(index): child for index, child in enumerate(children)},
    lambda children: OrderedDict(_letters(children)),
    lambda children: OrderedDict(_letters(children, reverse=True)),
    lambda children: defaultdict(int, _letters(children)),
    lambda children: defaultdict(list, _letters(children)),
    lambda children: Pair(children, None),
    lambda children: Typed(children),
    lambda children: Plain(children, "one"),
    lambda children: Plain(children, "two"),
    lambda children: Keyed(children[:2], "one"),
    lambda children: Record(children, 1),
    lambda children: Record(children, 1, tag="other"),
    lambda children: Fields(children, None),
]

tree_pairs = st.recursive(
    st.one_of(
        st.tuples(leaves, ends),
        st.tuples(st.none(), st.sampled_from([None, None, 3])),
        st.tuples(st.just(Constant(1)), st.integers(1, 2).map(Constant)),
    ),
    _grow,
    max_leaves=10,
)
