"""The types of keys and key paths, for annotations.

Apart from `paths.py` because it imports `typing`, which costs more than the rest of `import
leafwise` together. It is loaded when one of its names is first asked for.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

__all__ = ["KeyEntry", "KeyPath"]


@runtime_checkable
class KeyEntry(Protocol):
    """One key of a key path: any hashable object.

    `SequenceKey`, `DictKey`, `GetAttrKey` and `FlattenedIndexKey` are the keys of leafwise.
    Registered classes may name their children by other objects; `keystr` prints those with `str`.

    Example:
        >>> import leafwise
        >>> isinstance(leafwise.DictKey("a"), leafwise.KeyEntry)
        True
    """

    def __hash__(self) -> int: ...


KeyPath = tuple[KeyEntry, ...]
