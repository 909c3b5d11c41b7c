"""The exceptions of leafwise.

This module imports nothing: the C++ core imports it when it is loaded.
"""

from __future__ import annotations

__all__ = ["PyTreeMismatchError", "PyTreeMismatchTypeError"]


class PyTreeMismatchError(ValueError):
    """Two trees that had to have the same structure do not.

    Args:
        message: The whole text of the error.
        path: The key path of the place where the trees differ; `()` is the root.
        expected: A few words on what had to be there, such as `"list of length 2"`.
        got: A few words on what was there.

    Attributes:
        path: The key path, a tuple of keys such as `SequenceKey(idx=0)`.
        expected: What had to be there.
        got: What was there.

    Example:
        >>> import leafwise
        >>> try:
        ...     leafwise.tree_map(lambda x, y: x + y, {"a": [1, 2]}, {"a": [1]})
        ... except leafwise.PyTreeMismatchError as error:
        ...     print(leafwise.keystr(error.path), "|", error.expected, "|", error.got)
        ['a'] | list of length 2 | list of length 1
    """

    path: tuple[object, ...]
    expected: str
    got: str

    def __init__(
        self,
        message: str,
        path: tuple[object, ...] = (),
        expected: str = "",
        got: str = "",
    ) -> None:
        super().__init__(message)
        self.path = path
        self.expected = expected
        self.got = got

    def __reduce__(self) -> tuple[object, ...]:
        # BaseException would call the class with the message alone. The instance's dictionary goes
        # along for what others put there, notes among them.
        arguments = (self.args[0], self.path, self.expected, self.got)
        return (type(self), arguments, self.__dict__)


class PyTreeMismatchTypeError(PyTreeMismatchError, TypeError):
    """A mismatch that is a TypeError, too, where the same call in JAX raises a TypeError.

    `tree_transpose` raises it; see `PyTreeMismatchError` for what it carries.

    Example:
        >>> import leafwise
        >>> pair = leafwise.tree_structure((0, 0))
        >>> try:
        ...     leafwise.tree_transpose(pair, pair, ((1, 2), (3,)))
        ... except TypeError as error:
        ...     print(leafwise.keystr(error.path), "|", error.expected, "|", error.got)
        [1] | tuple of length 2 | tuple of length 1
    """
