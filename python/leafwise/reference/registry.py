"""Registry: which types are nodes, and of which kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from leafwise.reference.errors import short_repr
from leafwise.reference.kinds.dicts import DICTS
from leafwise.reference.kinds.first_sight import first_sight
from leafwise.reference.kinds.kind import LEAF, NONE, Kind
from leafwise.reference.kinds.registered import CustomKind, DataclassKind
from leafwise.reference.kinds.sequences import LIST, NAMEDTUPLE, TUPLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

# Whether subclasses are nodes as well: True, or a function from one to how it is registered.
Subclasses: TypeAlias = "bool | Callable[[type], tuple[Any, ...]]"

_FLAGS = ("enable_none", "enable_tuple", "enable_namedtuple", "enable_list", "enable_dict")


class PyTreeRegistry:
    """Says which types are nodes. What is not found here is looked up in the parent, if any."""

    __name__: str

    def __init__(
        self,
        enable_none: bool | None = None,
        enable_tuple: bool | None = None,
        enable_namedtuple: bool | None = None,
        enable_list: bool | None = None,
        enable_dict: bool | None = None,
        *,
        parent: PyTreeRegistry | None = None,
    ) -> None:
        """Make a registry. With a parent, only flags that are False differ from the parent."""
        flags = (enable_none, enable_tuple, enable_namedtuple, enable_list, enable_dict)
        self._parent = parent
        # By id, because a metaclass may make classes equal. The kinds keep the classes alive.
        self._kinds: dict[int, Kind] = {}
        self._leaves: set[int] = set()  # what is a leaf here, whatever the parent says
        if parent is not None:
            _check_registry(parent, "parent")
        # Named tuples are always nodes: JAX accepts `enable_namedtuple`, and ignores it.
        built_in: list[tuple[Kind, ...]] = [(NONE,), (TUPLE,), (), (LIST,), DICTS]
        for name, flag, kinds in zip(_FLAGS, flags, built_in, strict=True):
            if flag is not None and not isinstance(flag, bool):
                raise TypeError(f"{name} must be a bool, got {short_repr(flag)}")
            if flag is False:
                self._leaves.update(id(kind.nodetype) for kind in kinds)
            elif parent is None:
                self._kinds.update((id(kind.nodetype), kind) for kind in kinds)

    @property
    def parent(self) -> PyTreeRegistry | None:
        """Where to look up what is not found here."""
        return self._parent

    def register_node(
        self,
        nodetype: type,
        flatten_func: Callable[..., Any],
        unflatten_func: Callable[..., Any],
        flatten_with_keys_func: Callable[..., Any] | None = None,
        *,
        subclasses: Subclasses = False,
    ) -> None:
        """Register a class; see `register_pytree_node`."""
        check_class("nodetype", nodetype)
        _check_callable(flatten_func, "flatten_func")
        _check_callable(unflatten_func, "unflatten_func")
        if flatten_with_keys_func is not None:
            _check_callable(flatten_with_keys_func, "flatten_with_keys_func")
        kind = CustomKind(nodetype, flatten_func, unflatten_func, flatten_with_keys_func)
        self._add(kind, subclasses)

    def register_dataclass_node(
        self,
        nodetype: type,
        data_fields: Iterable[str],
        meta_fields: Iterable[str],
        *,
        construct: str = "init",
        order: Iterable[str] | None = None,
        aliases: Mapping[str, str] | None = None,
        subclasses: Subclasses = False,
    ) -> None:
        """Register a class by the names of its fields; see `register_dataclass`.

        `order`: in which the fields are set by `construct="new"`. `aliases`: what the constructor
        calls a field, where that is not its name.
        """
        check_class("nodetype", nodetype)
        kind = DataclassKind(nodetype, data_fields, meta_fields, construct, order, aliases)
        self._add(kind, subclasses)

    def _add(self, kind: CustomKind | DataclassKind, subclasses: Subclasses) -> None:
        if not isinstance(subclasses, bool) and not callable(subclasses):
            raise TypeError(
                f"subclasses must be a bool or a callable, got {short_repr(subclasses)}"
            )
        if subclasses and kind.nodetype is object:
            raise ValueError(
                f"subclasses=True is not for {kind.nodetype!r}: nothing would be a leaf"
            )
        kind.subclasses = subclasses
        known = _registered_kind(self, kind.nodetype)
        # One step, because several threads may come so far: only the first is to win.
        if known not in (None, LEAF) or self._kinds.setdefault(id(kind.nodetype), kind) is not kind:
            what = kind.noun.removesuffix("node")
            raise ValueError(f"Duplicate {what}PyTreeDef type registration for {kind.nodetype!r}.")

    def unregister_node(self, nodetype: type) -> None:
        """Take a registration back. Treedefs that were made before keep working."""
        check_class("nodetype", nodetype)
        kind = self._kinds.get(id(nodetype))
        if kind is None:
            raise ValueError(f"Cannot unregister {nodetype!r}: it is not registered.")
        if not isinstance(kind, (CustomKind, DataclassKind)):
            raise ValueError(f"Cannot unregister built-in node type {nodetype!r}.")
        del self._kinds[id(nodetype)]

    def is_node(self, nodetype: type) -> bool:
        """Whether values of exactly this type are nodes."""
        if not isinstance(nodetype, type):
            return False
        if find_kind(self, nodetype) is not None:
            return True
        return issubclass(nodetype, tuple) and hasattr(nodetype, "_fields")

    def __reduce__(self) -> str:
        # For pickle, a string is a reference: this name, in the module that __module__ names.
        name: str | None = getattr(self, "__name__", None)
        if name is None:
            raise TypeError("Cannot pickle a PyTreeRegistry without a __name__")
        return name


default_registry = PyTreeRegistry()
default_registry.__name__ = "default_registry"


def registry_argument(registry: PyTreeRegistry | None) -> PyTreeRegistry:
    """The registry to use for an argument `registry`."""
    return default_registry if registry is None else _check_registry(registry)


def find_kind(registry: PyTreeRegistry, nodetype: type) -> Kind | None:
    """The kind of a type: what it is registered as, else what its methods make it."""
    kind = _registered_kind(registry, nodetype)
    if kind is LEAF:
        return None
    if kind is not None:
        return kind
    return first_sight(nodetype, lambda base: _registered_kind(registry, base))


def _registered_kind(registry: PyTreeRegistry, nodetype: type) -> Kind | None:
    """The kind of a type that is in a registry or its parents."""
    place: PyTreeRegistry | None = registry
    while place is not None:
        kind = place._kinds.get(id(nodetype))  # one step: other threads may unregister it
        if kind is not None:
            return kind
        if id(nodetype) in place._leaves:
            return LEAF
        place = place._parent
    return None


def kind_of(value: Any, none_is_leaf: bool, registry: PyTreeRegistry) -> Kind:
    """The kind of a value: what its type is by itself, else named tuple or leaf."""
    if value is None and none_is_leaf:
        return LEAF
    kind = find_kind(registry, type(value))
    if kind is not None:
        return kind
    return NAMEDTUPLE if NAMEDTUPLE.is_mine(value) else LEAF


def is_tree_node(typ: type, *, registry: PyTreeRegistry = default_registry) -> bool:
    """Say whether values of exactly this type are nodes."""
    return registry_argument(registry).is_node(typ)


def checked_bool(argument: str, value: bool) -> bool:
    """An argument of public functions that is a flag."""
    if not isinstance(value, bool):
        raise TypeError(f"{argument} must be a bool, got {short_repr(value)}")
    return value


def check_class(argument: str, value: Any) -> None:
    """Raise TypeError for an argument that is no class."""
    if not isinstance(value, type):
        raise TypeError(f"{argument} must be a class, got {short_repr(value)}")


def _check_registry(registry: Any, argument: str = "registry") -> PyTreeRegistry:
    if not isinstance(registry, PyTreeRegistry):
        raise TypeError(f"{argument} must be a PyTreeRegistry, got {short_repr(registry)}")
    return registry


def _check_callable(function: Any, argument: str) -> None:
    if not callable(function):
        raise TypeError(f"{argument} must be callable, got {short_repr(function)}")


none_leaf_registry = PyTreeRegistry(enable_none=False, parent=default_registry)
none_leaf_registry.__name__ = "none_leaf_registry"
