"""All differences between two trees."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from leafwise.reference.comparing import Mismatch, Pair, compare_nodes, short
from leafwise.reference.errors import describe, short_repr
from leafwise.reference.flattening import Options, checked_options
from leafwise.reference.keys import KeyPath, short_keystr
from leafwise.reference.registry import PyTreeRegistry, default_registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NOTHING = object()  # what is in one tree where only the other has a child
_MAX_SHOWN = 20


class TreeDifference(NamedTuple):
    """A place where two trees differ, and a few words on what is there in both."""

    path: KeyPath
    expected: str
    got: str

    def __str__(self) -> str:
        place = short_keystr(self.path) if self.path else "the root"
        return f"at {place}: expected {self.expected}, got {self.got}"


class TreeDiff(tuple[TreeDifference, ...]):
    """The differences between two trees, to be printed."""

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
    is_leaf: Callable[..., Any] | None = None,
    *,
    compare: Callable[[Any, Any], object] | None = None,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> TreeDiff:
    """Find all differences. Children are matched by key, leaves compared by `compare` only."""
    if compare is not None and not callable(compare):
        raise TypeError(f"compare must be a callable or None, got {short_repr(compare)}")
    options = checked_options(is_leaf, none_is_leaf, registry)
    # By a list: a tuple would be seen half made by the garbage collector, and so by user code.
    return TreeDiff([*_differences(a, b, options, compare)])


def _differences(
    a: Any, b: Any, options: Options, compare: Callable[[Any, Any], object] | None
) -> Iterator[TreeDifference]:
    pending: list[Pair] = [((), a, b)]
    while pending:
        path, one, other = pair = pending.pop()
        if one is _NOTHING or other is _NOTHING:
            yield TreeDifference(path, _describe(one), _describe(other))
        elif options.are_leaves(pair):
            if compare is not None and not compare(one, other):
                yield TreeDifference(path, short(one), short(other))
        else:
            found = compare_nodes(path, one, other, options)
            if isinstance(found, Mismatch):
                matched = _match_by_key(found)
                if matched is None or _differ_by_more_than_keys(found, matched):
                    yield TreeDifference(path, *found.expected_and_got())
                found = matched or []
            pending.extend(reversed(found))


def _describe(child: Any) -> str:
    return "nothing" if child is _NOTHING else describe(child)


def _match_by_key(mismatch: Mismatch) -> list[Pair] | None:
    """Pair the children of two nodes, and those without a partner with `_NOTHING`."""
    if not mismatch.opened:
        return None
    mine, theirs = mismatch.opened
    try:
        children = dict(zip(mine.keys, mine.children, strict=True))
        others = dict(zip(theirs.keys, theirs.children, strict=True))
        if len(children) != len(mine.keys) or len(others) != len(theirs.keys):
            return None  # two children of the same name
        return [
            ((*mismatch.path, key), children.get(key, _NOTHING), others.get(key, _NOTHING))
            for key in {**children, **others}
        ]
    except MemoryError:
        raise
    except Exception:
        return None  # keys that cannot be hashed or compared


def _differ_by_more_than_keys(mismatch: Mismatch, matched: list[Pair]) -> bool:
    """Whether unmatched children do not yet tell all of how two nodes differ."""
    one, other = mismatch.one, mismatch.other
    if type(one) is defaultdict:
        return bool(one.default_factory != other.default_factory)
    if type(one) is dict or type(one) is OrderedDict:
        # Without unmatched keys, their order differs.
        return all(child is not _NOTHING for _, *children in matched for child in children)
    mine, theirs = mismatch.opened
    return mine.data is not theirs.data and bool(mine.data != theirs.data)
