"""Key paths: where in a tree something is.

A key path is a tuple with one key per level, from the root down; the path of the root is `()`.
Lists and tuples name their children by `SequenceKey`, dicts by `DictKey`, named tuples and
dataclasses by `GetAttrKey`. A registered class names them itself, or they are numbered by
`FlattenedIndexKey`.
"""

from __future__ import annotations

from leafwise._core import DictKey, FlattenedIndexKey, GetAttrKey, SequenceKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from leafwise.key_types import KeyPath

__all__ = ["DictKey", "FlattenedIndexKey", "GetAttrKey", "SequenceKey", "keystr"]


def keystr(keys: KeyPath, *, simple: bool = False, separator: str = "") -> str:
    """Write a key path as text.

    Args:
        keys: The key path.
        simple: Write only the index, key or name that is in a key, without brackets, quotes and
            dots.
        separator: What to write between two keys.

    Returns:
        The keys, each converted by `str`, joined by the separator.

    Raises:
        TypeError: `keys` is not iterable.

    Example:
        >>> import leafwise
        >>> [(path, leaf)] = leafwise.tree_leaves_with_path({"layers": [{"bias": 1.0}]})
        >>> leafwise.keystr(path)
        "['layers'][0]['bias']"
        >>> leafwise.keystr(path, simple=True, separator="/")
        'layers/0/bias'
    """
    return separator.join(map(_simple_str if simple else str, keys))


def _simple_str(key: object) -> str:
    if isinstance(key, SequenceKey):
        return str(key.idx)
    if isinstance(key, (DictKey, FlattenedIndexKey)):
        return str(key.key)
    if isinstance(key, GetAttrKey):
        return str(key.name)
    return str(key)
