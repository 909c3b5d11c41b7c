"""What a call did, in a form that two implementations of one specification can be compared by."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

from nodes import describe

# Values in texts are shortened somewhere beyond this; where exactly is not part of the contract.
LONG = 400


def outcome(call: Callable[[], Any]) -> tuple[str, Any]:
    """`("returned", value)`, or `("raised", the exception)`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            return "returned", call()
        except Exception as error:
            return "raised", error


def summary(result: tuple[str, Any], show: Callable[[Any], Any] = describe) -> Any:
    """An outcome without what belongs to one implementation: the class itself, addresses."""
    verdict, value = result
    if verdict == "returned":
        return verdict, show(value)
    path = show_path(getattr(value, "path", ()))
    return verdict, type(value).__name__, without_place(str(value))[:LONG], path


def ids(leaves: Any) -> Any:
    return [id(leaf) for leaf in leaves]


def show_path(path: Any) -> list[str]:
    return [repr(key) for key in path]


def show_paths(pairs: Any) -> Any:
    return [(show_path(path), id(leaf)) for path, leaf in pairs]


def show_flat(result: Any) -> Any:
    leaves, treedef = result
    return ids(leaves), show_treedef(treedef)


def show_treedef(treedef: Any) -> Any:
    return repr(treedef), treedef.num_leaves, treedef.num_nodes, repr(treedef.node_data())


def without_place(text: str) -> str:
    """An error's text without what leafwise adds to JAX's: the place, or how many leaves came."""
    text = re.sub(r"(; expected \d+\.) Got (?:at least )?\d+\.$", r"\1", text)
    return re.split(r"\n\nAt (?:key path|the root|a node)", text)[0].rstrip()
