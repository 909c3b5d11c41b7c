"""Whether a constructor is the one that `dataclasses` writes, and does nothing but set the fields.

The core asks before it makes objects of a class without calling it. What `dataclasses` writes is
not the same in all versions of Python; so the constructor is compared with that of a class made for
the purpose, which has the same fields.
"""

from __future__ import annotations

import dataclasses
from types import FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["is_generated_init"]

# What makes code do what it does; the rest are names of files and numbers of lines.
_CODE_ATTRIBUTES = (
    *("co_code", "co_consts", "co_names", "co_varnames", "co_freevars", "co_cellvars", "co_flags"),
    *("co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_exceptiontable"),
)


def is_generated_init(init: Any, cls: type[Any], field_names: Sequence[str]) -> bool:
    """Tell whether to call a class means to set its fields, one after the other, and nothing else.

    Args:
        init: The `__init__` of the class.
        cls: The class.
        field_names: What should be set, in this order.

    Returns:
        True if `init` is what `dataclasses` generates for a class with these fields, without
        `__post_init__`, `InitVar` and fields with `init=False`.
    """
    if type(init) is not FunctionType or not dataclasses.is_dataclass(cls):
        return False
    fields = dataclasses.fields(cls)
    if [field.name for field in fields] != list(field_names):
        return False
    params = getattr(cls, "__dataclass_params__", None)
    is_frozen = params is not None and params.frozen
    # One that is not frozen sets its fields as anybody does.
    if not is_frozen and cls.__setattr__ is not object.__setattr__:
        return False
    try:
        twin = _twin(fields, is_frozen)
    except (TypeError, ValueError):  # fields that were changed by hand
        return False
    return _do_the_same(init, twin.__init__)


def _twin(fields: Sequence[dataclasses.Field[Any]], is_frozen: bool) -> Any:
    return dataclasses.make_dataclass(
        "Twin", [(field.name, object, _twin_of_field(field)) for field in fields], frozen=is_frozen
    )


def _twin_of_field(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        factory = field.default_factory
        return dataclasses.field(default_factory=factory, init=field.init, kw_only=field.kw_only)
    # It does not matter which default it is: all fields are given.
    default = dataclasses.MISSING if field.default is dataclasses.MISSING else None
    return dataclasses.field(default=default, init=field.init, kw_only=field.kw_only)


def _do_the_same(init: FunctionType, expected: FunctionType) -> bool:
    for name in _CODE_ATTRIBUTES:
        if getattr(init.__code__, name, None) != getattr(expected.__code__, name, None):
            return False
    cells = zip(init.__closure__ or (), expected.__closure__ or (), strict=True)
    return all(mine.cell_contents is other.cell_contents for mine, other in cells)
