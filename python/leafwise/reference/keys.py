"""Keys: the steps of a path from the root of a tree to a leaf."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from leafwise.reference.errors import UnplacedError, describe, short_repr, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@runtime_checkable
class KeyEntry(Protocol):
    """One key of a key path: any hashable object, usually of one of the four classes below."""

    def __hash__(self) -> int: ...


KeyPath = tuple[KeyEntry, ...]


class _Key:
    """What the key classes share: one read-only value, and equality within one class of keys."""

    __slots__ = ("_value",)
    __match_args__: ClassVar[tuple[str, ...]]
    _class_name: ClassVar[str]
    _value: Any

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Key) or other._class_name != self._class_name:
            return NotImplemented
        return self._value is other._value or bool(self._value == other._value)

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return f"{self._class_name}({self.__match_args__[0]}={self._value!r})"

    def __getstate__(self) -> tuple[Any]:
        return (self._value,)

    def __setstate__(self, state: tuple[Any]) -> None:
        (self._value,) = state

    def _reject(self, value: Any, wanted: str) -> TypeError:
        parameter = f"{self._class_name}: {self.__match_args__[0]}"
        return TypeError(f"{parameter} must be {wanted}, got {short_repr(value)}")

    def _index(self, value: Any) -> int:
        if hasattr(type(value), "__index__"):
            index = int(operator.index(value))
            if -(2**31) <= index < 2**31:
                return index
        raise self._reject(value, "an int of 32 bits")


_value_of = operator.attrgetter("_value")


class SequenceKey(_Key):
    """The index of an item of a list or tuple."""

    __slots__ = ()
    __match_args__ = ("idx",)
    _class_name = "SequenceKey"
    idx = property(_value_of, doc="The index.")

    def __init__(self, idx: int) -> None:
        self._value = self._index(idx)

    def __hash__(self) -> int:
        return hash(self._value + 1)

    def __str__(self) -> str:
        return f"[{self._value}]"


class DictKey(_Key):
    """The key of an item of a dict, OrderedDict or defaultdict."""

    __slots__ = ()
    __match_args__ = ("key",)
    _class_name = "DictKey"
    key = property(_value_of, doc="The key.")

    def __init__(self, key: Any) -> None:
        self._value = key

    def __str__(self) -> str:
        return f"[{self._value!r}]"


class GetAttrKey(_Key):
    """The name of a field of a named tuple or dataclass."""

    __slots__ = ()
    __match_args__ = ("name",)
    _class_name = "GetAttrKey"
    name = property(_value_of, doc="The name.")

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise self._reject(name, "a str")
        self._value = name

    def __str__(self) -> str:
        return f".{self._value}"

    def __repr__(self) -> str:
        return f"GetAttrKey(name='{self._value}')"


class FlattenedIndexKey(_Key):
    """The number of a child of a registered class that does not name its children."""

    __slots__ = ()
    __match_args__ = ("key",)
    _class_name = "FlattenedIndexKey"
    key = property(_value_of, doc="The number.")

    def __init__(self, key: int) -> None:
        self._value = self._index(key)

    def __hash__(self) -> int:
        return hash(self._value + 42)

    def __str__(self) -> str:
        return f"[<flat index {self._value}>]"


def keystr(keys: Iterable[Any], *, simple: bool = False, separator: str = "") -> str:
    """Write a key path as text: `[0].bar['a']`; or, simple and with separator "/", `0/bar/a`."""
    texts = (key._value if simple and isinstance(key, _Key) else key for key in keys)
    return separator.join(map(str, texts))


_MAX_KEYS, _MAX_KEY_CHARS, _MAX_PATH_CHARS = 60, 100, 400


def short_keystr(path: KeyPath) -> str:
    """`keystr` for errors, bounded in all directions."""
    if len(path) <= _MAX_KEYS:
        text = "".join(map(_short_key, path))
    else:
        half = _MAX_KEYS // 2
        text = "...".join("".join(map(_short_key, keys)) for keys in (path[:half], path[-half:]))
    return shortened(text, _MAX_PATH_CHARS)


def _short_key(key: Any) -> str:
    if type(key) is DictKey:
        return f"[{short_repr(key.key, _MAX_KEY_CHARS)}]"
    try:
        text = str(key)
    except MemoryError:
        raise
    except Exception:
        text = short_repr(key, _MAX_KEY_CHARS)
    return shortened(text, _MAX_KEY_CHARS)


def placed(
    unplaced: UnplacedError, value: Any, find_path: Callable[[], KeyPath] | None = None
) -> Exception:
    """The exception to raise, whose text says where what kind of value was in the tree."""
    error: Exception = unplaced.args[0]
    unplaced.args = ()  # it becomes the context of the other: they are not to keep each other
    try:
        where = "a node of the tree" if find_path is None else place(find_path())
        error.args = (f"{error}\n\nAt {where}: {describe(value)}.",)
    except MemoryError:
        raise
    except Exception:
        pass  # of user code that names the place; what is wrong is true without it
    return error


def place(path: KeyPath) -> str:
    """Where that is, in words that can follow "at"."""
    return f"key path {short_keystr(path)}" if path else "the root of the tree"
