"""Errors: what is raised when trees do not match, and how values are shown in any error."""

from __future__ import annotations

import sys
import warnings
from collections import OrderedDict
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType

    from leafwise.reference.keys import KeyPath


class PyTreeMismatchError(ValueError):
    """Two trees that had to have the same structure do not."""

    def __init__(self, message: str, path: KeyPath = (), expected: str = "", got: str = "") -> None:
        super().__init__(message)  # what is pickled is this, and `__dict__`
        self.path = path
        self.expected = expected
        self.got = got


class PyTreeMismatchTypeError(PyTreeMismatchError, TypeError):
    """A mismatch that is a TypeError, too; raised by `tree_transpose`."""


class UnmatchedError(Exception):
    """A value is not like a node of a treedef. Its arguments: (text, expected, got).

    It is raised by kinds, which do not know where in the tree they are. Without `expected` and
    `got`, the general words for the node and the value will do.
    """


# What is found where a class was expected that looks the same in a text; one may be defined twice.
ANOTHER_CLASS = "another class of that name"


class UnplacedError(Exception):
    """Something in a tree cannot be taken apart. Its argument: the exception to raise.

    It is raised by what does not know where in the tree it is; see `placed`.
    """


# As the interpreter finds special methods: a metaclass is not asked.
mro_of: Callable[[type], tuple[type, ...]] = vars(type)["__mro__"].__get__
namespace_of: Callable[[type], dict[str, Any]] = vars(type)["__dict__"].__get__


def check_iterable(wanted: str, value: Any) -> None:
    """Raise TypeError for an argument over which nobody could iterate; say what it must be."""
    for namespace in map(namespace_of, mro_of(type(value))):
        if "__iter__" in namespace or "__getitem__" in namespace:
            return
    raise TypeError(f"{wanted}, got {short_repr(value)}")


def _is_of_package(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).startswith("leafwise.")


def warn(text: str, category: type[Warning]) -> None:
    """Warn, naming the line from which the package was called."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and _is_of_package(frame):
        level, frame = level + 1, frame.f_back
    warnings.warn(text, category, stacklevel=level)


def describe(value: Any) -> str:
    """A few words on what a value is: the `expected` and `got` of mismatches."""
    if value is None:
        return "None"
    if isinstance(value, (list, tuple)):
        return describe_length(type(value), len(value))
    if not isinstance(value, dict):
        return type(value).__name__
    if type(value) is OrderedDict:
        return describe_keys(OrderedDict, value)
    keys = list(dict.keys(value))
    try:
        keys = sorted(keys)
    except MemoryError:
        raise
    except Exception:
        pass  # keys without an order are shown as they stand
    return describe_keys(type(value), keys)


def describe_length(nodetype: type, length: int) -> str:
    """`describe` for a list or tuple."""
    return f"{nodetype.__name__} of length {length}"


def describe_keys(nodetype: type, keys: Iterable[Any]) -> str:
    """`describe` for a dict."""
    return f"{nodetype.__name__} with keys {short_repr(list(keys), 300)}"


_MAX_DEPTH, _MAX_ITEMS = 6, 60
# By id, because a metaclass may make classes equal.
_BRACKETS = {id(list): "[]", id(tuple): "()", id(dict): "{}"}


def short_repr(value: Any, max_chars: int = 1000) -> str:
    """The repr of a value, without most of what is big, and without ever raising."""
    printer = _Printer(max_chars)
    printer.write(value, 0)
    return "".join(printer.texts)


def shortened(text: str, max_chars: int) -> str:
    """A text without its middle, if it is long."""
    half = max_chars // 2
    return text if len(text) <= max_chars else f"{text[:half]}...{text[-half:]}"


class _Printer:
    def __init__(self, max_chars: int) -> None:
        self.texts: list[str] = []
        self.remaining = max_chars

    def write(self, value: Any, depth: int) -> None:
        brackets = _BRACKETS.get(id(type(value)))
        if brackets is None:
            self.add(_repr(value))
            return
        self.add(brackets[0])
        if value and depth == _MAX_DEPTH:
            self.add("...")
        else:
            self.write_items(value, depth + 1)
        self.add(brackets[1])

    def write_items(self, container: Any, depth: int) -> None:
        is_dict = type(container) is dict
        items = list(islice(container.items() if is_dict else container, _MAX_ITEMS + 1))
        for number, item in enumerate(items):
            self.add(", " if number else "")
            if number == _MAX_ITEMS or self.remaining <= 0:
                self.add("...")
                return
            if is_dict:
                self.write(item[0], depth)
                self.add(": ")
            self.write(item[1] if is_dict else item, depth)
        if type(container) is tuple and len(items) == 1:
            self.add(",")

    def add(self, text: str) -> None:
        # Brackets and the like are always written, so that what is open gets closed.
        is_cut = len(text) > self.remaining and len(text) > 4
        self.texts.append(f"{text[: max(self.remaining, 0)]}..." if is_cut else text)
        self.remaining -= len(text)


def _repr(value: Any) -> str:
    try:
        return repr(value)
    except MemoryError:
        raise
    except Exception as error:
        return f"<{type(value).__name__} object (its repr raised {type(error).__name__})>"
