"""Why one tree is not a prefix of another, in words.

The fast path fails tersely; this module then walks the two trees together, finds the place and
explains it. Whatever it shows of the trees is shortened, so that an error fits on a screen whatever
their size.
"""

from __future__ import annotations

from leafwise._core import (
    all_leaves,
    default_registry,
    describe,
    leaf_paths,
    locate,
    short_keystr,
    short_repr,
)
from leafwise.comparing import Comparison
from leafwise.errors import PyTreeMismatchError, PyTreeMismatchTypeError
from leafwise.wording import (
    expected_and_got,
    short,
    short_join,
    short_str,
    tell_apart,
    unshared_keys,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from leafwise._core import PyTreeDef, PyTreeRegistry
    from leafwise.comparing import Mismatch
    from leafwise.key_types import KeyPath

__all__ = ["PrefixError", "explain_mismatch", "explain_transpose", "prefix_errors"]


class PrefixError:
    """A place where one tree is not a prefix of another.

    Calling it with the name of the tree makes the exception.
    """

    __slots__ = ("details", "expected", "got", "path", "what")

    def __init__(self, mismatch: Mismatch) -> None:
        self.path = mismatch.path
        self.what, self.details = _TEXTS[mismatch.what](mismatch)
        self.expected, self.got = expected_and_got(mismatch)

    def __call__(self, name: str, further: int | None = None) -> PyTreeMismatchError:
        """Make the exception.

        Args:
            name: What to call the tree.
            further: Which of the further trees of a call it does not match, counted from 1.
        """
        message = (
            f"pytree structure error: different {self.what} at key path\n"
            f"    {name}{short_keystr(self.path)}\n"
            f"At that key path, the prefix pytree {name} has a subtree of type{self.details}\n\n"
            f"{_summary(self.path, self.expected, self.got, further)}"
        )
        return PyTreeMismatchError(message, self.path, self.expected, self.got)

    def __repr__(self) -> str:
        place = locate(self.path)
        return f"<PrefixError at {place}: expected {self.expected}, got {self.got}>"


def prefix_errors(
    prefix_tree: Any,
    full_tree: Any,
    is_leaf: Callable[[Any], bool | None] | None = None,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry = default_registry,
) -> list[Callable[[str], PyTreeMismatchError]]:
    """Find all places where one tree is not a prefix of another.

    Args:
        prefix_tree: The tree that ought to be the upper part of `full_tree`.
        full_tree: The other tree.
        is_leaf: See `leafwise.flattening`; asked about `prefix_tree` only.
        none_is_leaf: See `leafwise.flattening`.
        registry: See `leafwise.flattening`.

    Returns:
        One item for each pair of subtrees whose roots differ, from left to right. Called with a
        name for `prefix_tree`, it makes an exception that can be raised.

    Raises:
        RecursionError: A tree is too deep, or contains itself.

    Example:
        >>> import leafwise
        >>> make_error, = leafwise.prefix_errors({"a": 1, "b": [2]}, {"a": (1, 2), "b": [2, 3]})
        >>> print(make_error("settings"))
        pytree structure error: different lengths of list at key path
            settings['b']
        At that key path, the prefix pytree settings has a subtree of type list of length 1, but the full pytree has a subtree of the same type but of length 2.
        <BLANKLINE>
        At key path ['b']: expected list of length 1, got list of length 2.
    """  # noqa: E501
    how = Comparison(is_leaf, none_is_leaf=none_is_leaf, registry=registry)
    return list(_find_prefix_errors(prefix_tree, full_tree, how))


def _find_prefix_errors(prefix_tree: Any, full_tree: Any, how: Comparison) -> Iterator[PrefixError]:
    # A leaf is a prefix of every tree.
    mismatches = how.mismatches(
        prefix_tree, full_tree, lambda path, prefix, _: how.is_leaf_at(path, prefix)
    )
    return map(PrefixError, mismatches)


def explain_mismatch(
    error: PyTreeMismatchError,
    name: str,
    tree: Any,
    other: Any,
    *,
    is_leaf: Callable[..., bool | None] | None,
    none_is_leaf: bool,
    registry: PyTreeRegistry,
    is_leaf_takes_path: bool = False,
    further: int | None = None,
) -> PyTreeMismatchError:
    """Make the exception for a tree that did not match.

    Args:
        error: What the core said.
        name: What the message calls `tree`.
        tree: The tree whose structure was expected.
        other: The tree that did not have it.
        is_leaf: As in the call that failed; so are `none_is_leaf`, `registry`,
            `is_leaf_takes_path`.
        none_is_leaf: See there.
        registry: See there.
        is_leaf_takes_path: See there.
        further: Which of the further trees of the call `other` is, counted from 1.

    Returns:
        The exception to raise; `error` itself if nothing was found, as happens when user code
        answers differently the second time or raised `error` itself.
    """
    try:
        how = Comparison(
            is_leaf,
            is_leaf_takes_path=is_leaf_takes_path,
            none_is_leaf=none_is_leaf,
            registry=registry,
        )
        found = next(_find_prefix_errors(tree, other, how), None)
    except MemoryError:
        raise
    except Exception:
        # User code that fails now, but did not before. It must not hide the mismatch.
        return error
    return error if found is None else found(name, further)


def explain_transpose(
    treedef: PyTreeDef,
    expected_treedef: PyTreeDef,
    tree: Any,
    *,
    none_is_leaf: bool,
    registry: PyTreeRegistry,
) -> PyTreeMismatchTypeError:
    """Make the exception for a tree that has too many or too few leaves to be transposed.

    Args:
        treedef: The structure of the tree.
        expected_treedef: The structure it ought to have.
        tree: The tree.
        none_is_leaf: As in the call that failed; so is `registry`.
        registry: See there.

    Returns:
        The exception to raise.
    """
    try:
        subtrees = expected_treedef.flatten_up_to(tree)
    except PyTreeMismatchError as error:
        path, expected, got = error.path, error.expected, error.got
    else:
        # So the tree goes on somewhere below a leaf of the treedef, or has nothing there.
        path, expected, got = (), _count(expected_treedef), _count(treedef)
        for place, subtree in zip(leaf_paths(expected_treedef), subtrees, strict=True):
            if not all_leaves([subtree], none_is_leaf=none_is_leaf, registry=registry):
                path, expected, got = place, "leaf", describe(subtree)
                break
    message = (
        f"Mismatch\n{short_repr(treedef)}\n != \n{short_repr(expected_treedef)}\n\n"
        f"{_summary(path, expected, got)}"
    )
    return PyTreeMismatchTypeError(message, path, expected, got)


def _count(treedef: PyTreeDef) -> str:
    return f"tree with {treedef.num_leaves} leaves"


def _summary(path: KeyPath, expected: str, got: str, further: int | None = None) -> str:
    which = "" if further is None else f" (further tree {further})"
    return f"At {locate(path)}{which}: expected {expected}, got {got}."


def _different_types(mismatch: Mismatch) -> tuple[str, str]:
    return "types", (
        f"\n    {short(type(mismatch.one))}\n"
        "but at the same key path the full pytree has a subtree of different type\n"
        f"    {short(type(mismatch.other))}."
    )


def _different_lengths(mismatch: Mismatch) -> tuple[str, str]:
    name = type(mismatch.one).__name__
    return f"lengths of {name}", (
        f" {name} of length {len(mismatch.one)}, "
        "but the full pytree has a subtree of the same type "
        f"but of length {len(mismatch.other)}."
    )


def _different_children(mismatch: Mismatch) -> tuple[str, str]:
    keys, full_keys = ([key for key, _ in pairs] for pairs, _ in mismatch.opened)
    details = (
        f"\n    {short(type(mismatch.one))}\n"
        f"with {len(keys)} child keys\n"
        f"    {short_join(keys)}\n"
        "but at the same key path the full pytree has a subtree of the same type "
        f"but with {len(full_keys)} child keys\n"
        f"    {short_join(full_keys)}"
    )
    unshared = unshared_keys(mismatch)
    if unshared is not None:
        details += f"\nso the symmetric difference on key sets is\n    {short_join(unshared)}"
    return "numbers of pytree children", details


def _different_metadata(mismatch: Mismatch) -> tuple[str, str]:
    # Both are slow to import, and needed only here.
    import difflib
    import textwrap

    (_, metadata), (_, full_metadata) = mismatch.opened
    text, full_text = tell_apart(metadata, full_metadata, short_str)
    lines = difflib.ndiff(text.splitlines(), full_text.splitlines())
    difference = textwrap.indent("\n".join(lines), "    ")
    return "pytree metadata", (
        f"\n    {short(type(mismatch.one))}\n"
        "with metadata\n"
        f"    {text}\n"
        "but at the same key path the full pytree has a subtree of the same type "
        "but with metadata\n"
        f"    {full_text}\n"
        "so the diff in the metadata at these pytree nodes is\n"
        f"{difference}"
    )


_TEXTS: dict[str, Callable[[Mismatch], tuple[str, str]]] = {
    "types": _different_types,
    "lengths": _different_lengths,
    "children": _different_children,
    "metadata": _different_metadata,
}
