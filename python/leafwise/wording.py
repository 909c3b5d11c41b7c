"""How the parts of trees are shown in messages: briefly, so that a message fits on a screen."""

from __future__ import annotations

from collections import OrderedDict, defaultdict

from leafwise._core import describe, short_keystr, short_repr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from leafwise.comparing import Mismatch

__all__ = [
    "expected_and_got",
    "short",
    "short_join",
    "short_str",
    "tell_apart",
    "unshared_keys",
]

# Bounds of what a message shows of one thing, so that the whole fits on a screen.
_MAX_CHARS = 400
_MAX_LINES = 12
_MAX_KEYS = 60
_DICT_TYPES = (dict, OrderedDict, defaultdict)


def expected_and_got(mismatch: Mismatch) -> tuple[str, str]:
    """Say in a few words what had to be at a place, and what was there.

    Args:
        mismatch: What differs; the first tree says what had to be there.

    Returns:
        The `expected` and the `got` of an error.
    """
    one, other = mismatch.one, mismatch.other
    if mismatch.what == "children":
        (pairs, _), (other_pairs, _) = mismatch.opened
        return _describe_keys(one, pairs), _describe_keys(other, other_pairs)
    if mismatch.what == "metadata":
        (_, metadata), (_, other_metadata) = mismatch.opened
        what, texts = "metadata", tell_apart(metadata, other_metadata, short)
        if type(one) in (dict, OrderedDict) and type(metadata) is type(other_metadata) is tuple:
            what, texts = "keys", tell_apart(list(metadata), list(other_metadata), short)
        name = type(one).__name__
        return f"{name} with {what} {texts[0]}", f"{name} with {what} {texts[1]}"
    expected, got = describe(one), describe(other)
    if expected == got:
        expected, got = short(type(one)), short(type(other))
    # Such as one that was defined again, in a notebook.
    return expected, "another class of that name" if expected == got else got


def unshared_keys(mismatch: Mismatch) -> list[Any] | None:
    """Give the keys of children that only one of two nodes has.

    Args:
        mismatch: Nodes with different numbers of children.

    Returns:
        The keys, or None if they cannot be hashed or compared.
    """
    keys, other_keys = ([key for key, _ in pairs] for pairs, _ in mismatch.opened)
    try:
        known, other_known = set(keys), set(other_keys)
        unshared = [key for key in keys if key not in other_known]
        return unshared + [key for key in other_keys if key not in known]
    except MemoryError:
        raise
    except Exception:
        return None


def tell_apart(expected: Any, got: Any, show: Callable[[Any], str]) -> tuple[str, str]:
    """Show two unequal objects, narrowed down to where they differ if they look alike."""
    opening, closing = "", ""
    while (text := show(expected)) == (other_text := show(got)):
        if type(expected) not in (tuple, list) or type(got) is not type(expected):
            break
        both = zip(expected, got, strict=False)
        different = ((one, other) for one, other in both if one is not other and one != other)
        if (pair := next(different, None)) is None:
            break
        start, end = "()" if type(expected) is tuple else "[]"
        opening, closing = f"{opening}{start}..., ", f", ...{end}{closing}"
        expected, got = pair
    return f"{opening}{text}{closing}", f"{opening}{other_text}{closing}"


def short(value: object) -> str:
    """`repr(value)`, bounded."""
    return short_repr(value, _MAX_CHARS)


def short_str(value: object) -> str:
    """`str(value)`, bounded."""
    if type(value).__str__ is object.__str__:
        text = short(value)  # What `str` would do, but without making all of it first.
    else:
        try:
            text = str(value)
        except MemoryError:
            raise
        except Exception:
            text = short(value)
    lines = _cut(text).splitlines(keepends=True)
    return "".join(lines) if len(lines) <= _MAX_LINES else "".join([*lines[:_MAX_LINES], "..."])


def short_join(keys: list[Any], show: Callable[[Any], str] | None = None) -> str:
    """Show keys with spaces between them, bounded; without `show`, each as in a key path."""
    texts = [show(key) if show is not None else short_keystr((key,)) for key in keys[:_MAX_KEYS]]
    text = _cut(" ".join(texts))
    return text if len(keys) <= _MAX_KEYS else f"{text} ..."


def _describe_keys(node: Any, pairs: list[tuple[Any, Any]]) -> str:
    name = type(node).__name__
    if type(node) not in _DICT_TYPES:
        return f"{name} with {len(pairs)} children"
    text = short([getattr(key, "key", key) for key, _ in pairs])
    # Long lists of keys may look alike when they are shortened.
    count = f"{len(pairs)} " if len(pairs) > _MAX_KEYS else ""
    return f"{name} with {count}keys {text}"


def _cut(text: str) -> str:
    half = _MAX_CHARS // 2
    return text if len(text) <= _MAX_CHARS else f"{text[:half]}...{text[-half:]}"
