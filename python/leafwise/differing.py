"""All differences between two trees, to be read by whoever wants to know why they do not match."""

from __future__ import annotations

from collections import OrderedDict, defaultdict

from leafwise._core import default_registry, describe, short_keystr
from leafwise.comparing import Comparison, Mismatch
from leafwise.registering import check_callable_or_none
from leafwise.wording import expected_and_got, short

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from leafwise._core import PyTreeRegistry
    from leafwise.key_types import KeyEntry, KeyPath

__all__ = ["TreeDiff", "TreeDifference", "tree_diff"]

_NOTHING = object()  # what is in one tree where only the other has a child
_MAX_SHOWN = 20


class TreeDifference:
    """A place where two trees differ.

    Args:
        path: The key path of the place; `()` is the root.
        expected: A few words on what is there in the first tree, such as `"list of length 2"`.
        got: A few words on what is there in the second tree.

    Example:
        >>> import leafwise
        >>> leafwise.TreeDifference((leafwise.DictKey("a"),), "leaf", "None")
        TreeDifference(path=(DictKey(key='a'),), expected='leaf', got='None')
        >>> print(_)
        at ['a']: expected leaf, got None
    """

    __slots__ = {  # noqa: RUF023 - the order of the arguments
        "path": "The key path.",
        "expected": "What is there in the first tree.",
        "got": "What is there in the second tree.",
    }

    def __init__(self, path: KeyPath, expected: str, got: str) -> None:
        self.path = path
        self.expected = expected
        self.got = got

    def __str__(self) -> str:
        place = short_keystr(self.path) if self.path else "the root"
        return f"at {place}: expected {self.expected}, got {self.got}"

    def __repr__(self) -> str:
        return f"TreeDifference(path={self.path!r}, expected={self.expected!r}, got={self.got!r})"


class TreeDiff(tuple["TreeDifference", ...]):
    """The differences between two trees, as `tree_diff` gives them: a tuple that prints well.

    Like every tuple it is true if there is something in it.

    Example:
        >>> import leafwise
        >>> leafwise.TreeDiff()
        no differences
        >>> leafwise.TreeDiff([leafwise.TreeDifference((), "int", "None")])
        1 difference:
          at the root: expected int, got None
    """

    __slots__ = ()

    def __repr__(self) -> str:
        if not self:
            return "no differences"
        lines = [f"{len(self)} difference{'s' if len(self) > 1 else ''}:"]
        lines += [f"  {difference}" for difference in self[:_MAX_SHOWN]]
        if len(self) > _MAX_SHOWN:
            lines.append(f"  and {len(self) - _MAX_SHOWN} more")
        return "\n".join(lines)


def tree_diff(
    a: Any,
    b: Any,
    is_leaf: Callable[[Any], bool | None] | None = None,
    *,
    compare: Callable[[Any, Any], object] | None = None,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> TreeDiff:
    """Find all differences between two trees, path by path.

    Children are matched by their keys, so that a key which only one of two dicts has is a
    difference of its own. The items of lists and tuples of different lengths are not matched.

    Args:
        a: A tree, which says what is expected.
        b: Another tree.
        is_leaf: See `leafwise.flattening`; asked about both trees.
        compare: Called with two leaves that are at the same place; they differ if it returns
            something false. Without it, a leaf does not differ from another. For arrays,
            `numpy.array_equal`: the `==` of two arrays is an array, of no truth.
        none_is_leaf: See `leafwise.flattening`.
        registry: See `leafwise.flattening`.

    Returns:
        The differences, from left to right. It is true if there are any.

    Raises:
        RecursionError: A tree is too deep, or contains itself.
        TypeError: `compare` cannot be called.

    Example:
        >>> import leafwise
        >>> a = {"layers": [(1, 2), (3, 4)], "name": "a", "step": 0}
        >>> b = {"layers": [(1, 2), [3, 4]], "rate": 0.1, "step": 1}
        >>> leafwise.tree_diff(a, b)
        3 differences:
          at ['layers'][1]: expected tuple of length 2, got list of length 2
          at ['name']: expected str, got nothing
          at ['rate']: expected nothing, got float
        >>> [difference.got for difference in leafwise.tree_diff(a, b)]
        ['list of length 2', 'nothing', 'float']
        >>> leafwise.tree_diff([1, 2.5], [1, 3.5], compare=lambda x, y: x == y)
        1 difference:
          at [1]: expected 2.5, got 3.5
        >>> bool(leafwise.tree_diff([1, 2], [3, 4]))
        False
    """
    check_callable_or_none("compare", compare)
    how = Comparison(is_leaf, none_is_leaf=none_is_leaf, registry=registry)
    # By a list: a tuple would be seen half made by the garbage collector, and so by user code.
    return TreeDiff([*_differences(a, b, how, compare)])


def _differences(
    a: Any, b: Any, how: Comparison, compare: Callable[[Any, Any], object] | None
) -> Iterator[TreeDifference]:
    pending: list[tuple[KeyPath, Any, Any]] = [((), a, b)]
    while pending:
        path, one, other = pending.pop()
        if one is _NOTHING or other is _NOTHING:
            yield TreeDifference(path, _describe(one), _describe(other))
            continue
        if how.is_leaf_at(path, one) and how.is_leaf_at(path, other):
            if compare is not None and not compare(one, other):
                yield TreeDifference(path, short(one), short(other))
            continue
        found = how.compare_nodes(path, one, other)
        if isinstance(found, Mismatch):
            matched = _match_by_key(found)
            if matched is None or _differ_by_more_than_keys(found, matched):
                yield TreeDifference(path, *expected_and_got(found))
            found = matched or []
        pending.extend(reversed(found))


def _describe(child: Any) -> str:
    return "nothing" if child is _NOTHING else describe(child)


def _match_by_key(mismatch: Mismatch) -> list[tuple[KeyPath, Any, Any]] | None:
    """Pair the children of two nodes, or those without a partner with `_NOTHING`."""
    if not mismatch.opened:
        return None
    (pairs, _), (other_pairs, _) = mismatch.opened
    try:
        children: dict[KeyEntry, Any] = dict(pairs)
        others: dict[KeyEntry, Any] = dict(other_pairs)
        if len(children) != len(pairs) or len(others) != len(other_pairs):
            return None  # Two children of the same name.
        keys = [*children, *(key for key in others if key not in children)]
        return [
            ((*mismatch.path, key), children.get(key, _NOTHING), others.get(key, _NOTHING))
            for key in keys
        ]
    except MemoryError:
        raise
    except Exception:
        return None  # Keys that cannot be hashed or compared.


def _differ_by_more_than_keys(mismatch: Mismatch, matched: list[tuple[KeyPath, Any, Any]]) -> bool:
    """Say whether unmatched children do not yet tell all of how two nodes differ."""
    one, other = mismatch.one, mismatch.other
    if type(one) is defaultdict:
        return bool(one.default_factory != other.default_factory)
    if type(one) in (dict, OrderedDict):  # Without unmatched keys, their order differs.
        return not any(_NOTHING in children for _, *children in matched)
    (_, metadata), (_, other_metadata) = mismatch.opened
    return metadata is not other_metadata and bool(metadata != other_metadata)
