"""Why two trees do not match, in words."""

from __future__ import annotations

import difflib
import textwrap
from typing import TYPE_CHECKING, Any

from leafwise.reference.comparing import (
    Mismatch,
    Pair,
    mismatches,
    short,
    short_str,
    spaced,
    tell_apart,
)
from leafwise.reference.errors import (
    PyTreeMismatchError,
    PyTreeMismatchTypeError,
    describe,
    short_repr,
)
from leafwise.reference.flattening import Options, checked_options
from leafwise.reference.keys import KeyPath, place, short_keystr
from leafwise.reference.kinds.kind import LEAF
from leafwise.reference.registry import PyTreeRegistry, default_registry, kind_of
from leafwise.reference.treedef import PyTreeDef, path_to_leaf, treedef_argument

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def prefix_errors(
    prefix_tree: Any,
    full_tree: Any,
    is_leaf: Callable[..., Any] | None = None,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> list[Callable[[str], PyTreeMismatchError]]:
    """Find where a tree is not a prefix of another; name the former to get an exception each."""
    options = checked_options(is_leaf, none_is_leaf, registry)
    return list(_prefix_errors(prefix_tree, full_tree, options))


def _prefix_errors(
    prefix: Any, full: Any, options: Options, which: str = ""
) -> Iterator[Callable[[str], PyTreeMismatchError]]:
    def is_prefix(pair: Pair) -> bool:
        path, prefix, _ = pair
        return options.kind_at(path, prefix) is LEAF

    def error_maker(mismatch: Mismatch) -> Callable[[str], PyTreeMismatchError]:
        path = mismatch.path
        what, details = _TEXTS[mismatch.what](mismatch)
        expected, got = mismatch.expected_and_got()
        return lambda name: PyTreeMismatchError(
            f"pytree structure error: different {what} at key path\n"
            f"    {name}{short_keystr(path)}\n"
            f"At that key path, the prefix pytree {name} has a subtree of type{details}\n\n"
            f"At {place(path)}{which}: expected {expected}, got {got}.",
            path,
            expected,
            got,
        )

    return map(error_maker, mismatches(prefix, full, options, is_prefix))


def explained(
    error: PyTreeMismatchError,
    name: str,
    prefix: Any,
    full: Any,
    options: Options,
    which: str = "",
) -> PyTreeMismatchError:
    """The error to raise in place of that of `flatten_up_to`. The prefix is called by `name`."""
    try:
        make_error = next(_prefix_errors(prefix, full, options, which), None)
    except MemoryError:
        raise
    except Exception:  # of user code that behaved while the trees were matched
        return error
    return error if make_error is None else make_error(name)


def _different_types(mismatch: Mismatch) -> tuple[str, str]:
    return "types", (
        f"\n    {short(type(mismatch.one))}\n"
        "but at the same key path the full pytree has a subtree of different type\n"
        f"    {short(type(mismatch.other))}."
    )


def _different_lengths(mismatch: Mismatch) -> tuple[str, str]:
    name = type(mismatch.one).__name__
    return f"lengths of {name}", (
        f" {name} of length {len(mismatch.one)}, but the full pytree has a subtree of the same "
        f"type but of length {len(mismatch.other)}."
    )


def _different_children(mismatch: Mismatch) -> tuple[str, str]:
    keys, full_keys = (opened.keys for opened in mismatch.opened)
    details = (
        f"\n    {short(type(mismatch.one))}\nwith {len(keys)} child keys\n    {spaced(keys)}\n"
        "but at the same key path the full pytree has a subtree of the same type but with "
        f"{len(full_keys)} child keys\n    {spaced(full_keys)}"
    )
    unshared = mismatch.unshared_keys()
    if unshared is not None:
        details += f"\nso the symmetric difference on key sets is\n    {spaced(unshared)}"
    return "numbers of pytree children", details


def _different_metadata(mismatch: Mismatch) -> tuple[str, str]:
    data, full_data = (opened.data for opened in mismatch.opened)
    mine, theirs = tell_apart(data, full_data, short_str)
    difference = "\n".join(difflib.ndiff(mine.splitlines(), theirs.splitlines()))
    return "pytree metadata", (
        f"\n    {short(type(mismatch.one))}\nwith metadata\n    {mine}\n"
        "but at the same key path the full pytree has a subtree of the same type but with "
        f"metadata\n    {theirs}\n"
        "so the diff in the metadata at these pytree nodes is\n"
        f"{textwrap.indent(difference, '    ')}"
    )


_TEXTS = {
    "types": _different_types,
    "lengths": _different_lengths,
    "children": _different_children,
    "metadata": _different_metadata,
}


def equality_errors(
    tree1: Any,
    tree2: Any,
    is_leaf: Callable[..., Any] | None = None,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> Iterator[tuple[KeyPath, str, str, str]]:
    """Find where the structures of two trees differ: path, what is there in both, explanation."""
    options = checked_options(is_leaf, none_is_leaf, registry)
    for mismatch in mismatches(tree1, tree2, options, options.are_leaves):
        yield (mismatch.path, *_unequal(mismatch))


def equality_errors_pytreedef(
    tree1: PyTreeDef, tree2: PyTreeDef, *, registry: PyTreeRegistry = default_registry
) -> Iterator[tuple[KeyPath, str, str, str]]:
    """Find where two treedefs differ. Objects are rebuilt for this, around stand-ins."""
    for treedef in (tree1, tree2):
        treedef_argument("equality_errors_pytreedef", treedef)
    one, two = (treedef.unflatten([STAND_IN] * treedef.num_leaves) for treedef in (tree1, tree2))
    yield from equality_errors(one, two, registry=registry)


def _unequal(mismatch: Mismatch) -> tuple[str, str, str]:
    one, two = mismatch.one, mismatch.other
    shown = short(type(one))
    if mismatch.what == "types":
        return shown, short(type(two)), "their Python types differ"
    if mismatch.what == "lengths":
        name = type(one).__name__
        words = f"{name} of length {len(one)}", f"{name} of length {len(two)}"
        return *words, "the lengths do not match"
    mine, theirs = mismatch.opened
    if mismatch.what == "metadata":
        first, second = tell_apart(mine.data, theirs.data, short_str)
        texts = f"{shown} with pytree metadata {first}", f"{shown} with pytree metadata {second}"
        return *texts, "the pytree node metadata does not match"
    counts = len(mine.children), len(theirs.children)
    nouns = ["children" if count > 1 else "child" for count in counts]
    explanation = "the numbers of children do not match"
    if unshared := mismatch.unshared_keys():
        keys = spaced(unshared, _show_key)
        explanation += f", with the symmetric difference of key sets: {{{keys}}}"
    first, second = (f"{shown} with {counts[i]} {nouns[i]}" for i in range(2))
    return first, second, explanation


def _show_key(key: Any) -> str:
    return short(key.key) if hasattr(key, "key") else short_str(key)


class _LeafType(type):
    def __repr__(cls) -> str:
        return "pytree leaf"


# What stands for the leaves that a treedef does not have; messages show its type.
STAND_IN: Any = _LeafType("leaf", (), {})()


def transpose_mismatch(
    treedef: PyTreeDef, expected_treedef: PyTreeDef, tree: Any, options: Options
) -> PyTreeMismatchTypeError:
    """The error for a tree with too many or too few leaves to be transposed."""
    path: KeyPath = ()
    expected, got = (f"tree with {each.num_leaves} leaves" for each in (expected_treedef, treedef))
    try:
        subtrees = expected_treedef.flatten_up_to(tree)
    except PyTreeMismatchError as error:
        path, expected, got = error.path, error.expected, error.got
    else:
        # So the tree goes on somewhere below a leaf of the treedef, or has nothing there.
        for number, subtree in enumerate(subtrees):
            if kind_of(subtree, options.none_is_leaf, options.registry) is not LEAF:
                path = path_to_leaf(expected_treedef, number)
                expected, got = "leaf", describe(subtree)
                break
    message = (
        f"Mismatch\n{short_repr(treedef)}\n != \n{short_repr(expected_treedef)}\n\n"
        f"At {place(path)}: expected {expected}, got {got}."
    )
    return PyTreeMismatchTypeError(message, path, expected, got)
