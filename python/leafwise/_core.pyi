# What the C++ extension gives. It changes in the same commit as `csrc/binding/`.

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, TypeVar, final

from typing_extensions import Self, disjoint_base

from leafwise.key_types import KeyPath

_T = TypeVar("_T")
_IsLeaf = Callable[[Any], bool | None]

__version__: Final[str]

@disjoint_base
class SequenceKey:
    __match_args__: Final = ("idx",)
    def __new__(cls, idx: int) -> Self: ...
    @property
    def idx(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@disjoint_base
class DictKey:
    __match_args__: Final = ("key",)
    def __new__(cls, key: Any) -> Self: ...
    @property
    def key(self) -> Any: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@disjoint_base
class GetAttrKey:
    __match_args__: Final = ("name",)
    def __new__(cls, name: str) -> Self: ...
    @property
    def name(self) -> str: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@disjoint_base
class FlattenedIndexKey:
    __match_args__: Final = ("key",)
    def __new__(cls, key: int) -> Self: ...
    @property
    def key(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@disjoint_base
class PyTreeDef:
    @property
    def num_leaves(self) -> int: ...
    @property
    def num_nodes(self) -> int: ...
    def children(self) -> list[PyTreeDef]: ...
    def node_data(self) -> tuple[type[Any], Any] | None: ...
    def unflatten(self, leaves: Iterable[Any], /) -> Any: ...
    def flatten_up_to(self, tree: Any) -> list[Any]: ...
    def compose(self, inner: PyTreeDef, /) -> PyTreeDef: ...
    def walk(
        self,
        f_node: Callable[[tuple[Any, ...], Any], Any],
        f_leaf: Callable[[Any], Any] | None,
        leaves: Iterable[Any],
    ) -> Any: ...
    def from_iterable_tree(self, iterables: Any, /) -> Any: ...
    @staticmethod
    def from_node_data_and_children(
        registry: PyTreeRegistry | None,
        node_data: tuple[type[Any], Any] | None,
        children: Iterable[PyTreeDef],
    ) -> PyTreeDef: ...
    def serialize_using_proto(self) -> bytes: ...
    @staticmethod
    def deserialize_using_proto(registry: PyTreeRegistry | None, data: bytes) -> PyTreeDef: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@disjoint_base
class PyTreeRegistry:
    # Set them to pickle treedefs of this registry: where the registry can be imported from.
    __name__: str
    __module__: str

    def __new__(
        cls,
        enable_none: bool = True,
        enable_tuple: bool = True,
        enable_namedtuple: bool = True,
        enable_list: bool = True,
        enable_dict: bool = True,
        *,
        parent: PyTreeRegistry | None = None,
    ) -> PyTreeRegistry: ...
    @property
    def parent(self) -> PyTreeRegistry | None: ...
    def register_node(
        self,
        nodetype: type[_T],
        flatten_func: Callable[[_T], tuple[Iterable[Any], Any]],
        unflatten_func: Callable[[Any, tuple[Any, ...]], _T],
        flatten_with_keys_func: (
            Callable[[_T], tuple[Iterable[tuple[Any, Any]], Any]] | None
        ) = None,
        *,
        subclasses: bool | Callable[[type[Any]], tuple[Any, ...]] = False,
    ) -> None: ...
    def register_dataclass_node(
        self,
        nodetype: type[Any],
        data_fields: Iterable[str],
        meta_fields: Iterable[str],
        *,
        construct: Literal["init", "new"] = "init",
        order: Iterable[str] | None = None,
        aliases: Mapping[str, str] | None = None,
        subclasses: bool | Callable[[type[Any]], tuple[Any, ...]] = False,
    ) -> None: ...
    def unregister_node(self, nodetype: type[Any]) -> None: ...
    def is_node(self, nodetype: type[Any]) -> bool: ...
    def flatten(
        self, tree: Any, leaf_predicate: _IsLeaf | None = None
    ) -> tuple[list[Any], PyTreeDef]: ...
    def flatten_with_path(
        self, tree: Any, leaf_predicate: Callable[[KeyPath, Any], bool | None] | None = None
    ) -> tuple[list[tuple[KeyPath, Any]], PyTreeDef]: ...
    def flatten_one_level(self, tree: Any, /) -> tuple[Iterable[Any], Any] | None: ...
    def flatten_one_level_with_keys(
        self, tree: Any, /
    ) -> tuple[Iterable[tuple[Any, Any]], Any] | None: ...
    # For `leafwise.integrations`. `sync` is called before a walk if the dict has another length
    # than when it was last called; what it raises, the walk raises.
    def _add_source(self, mapping: dict[Any, Any], sync: Callable[[], object]) -> None: ...
    # The node types that this registry has itself: (flatten_func, unflatten_func,
    # flatten_with_keys_func) or (data_fields, meta_fields); None for built-in ones.
    def _registrations(self) -> dict[type[Any], tuple[Any, ...] | None]: ...

default_registry: Final[PyTreeRegistry]

def tree_flatten(
    tree: Any,
    is_leaf: _IsLeaf | None = None,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry | None = None,
) -> tuple[list[Any], PyTreeDef]: ...
def tree_leaves(
    tree: Any,
    is_leaf: _IsLeaf | None = None,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry | None = None,
) -> list[Any]: ...
def tree_structure(
    tree: Any,
    is_leaf: _IsLeaf | None = None,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry | None = None,
) -> PyTreeDef: ...
def tree_unflatten(treedef: PyTreeDef, leaves: Iterable[Any]) -> Any: ...
def tree_flatten_with_path(
    tree: Any,
    is_leaf: Callable[..., bool | None] | None = None,
    is_leaf_takes_path: bool = False,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry | None = None,
) -> tuple[list[tuple[KeyPath, Any]], PyTreeDef]: ...
def tree_leaves_with_path(
    tree: Any,
    is_leaf: Callable[..., bool | None] | None = None,
    is_leaf_takes_path: bool = False,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry | None = None,
) -> list[tuple[KeyPath, Any]]: ...
def all_leaves(
    iterable: Iterable[Any],
    is_leaf: _IsLeaf | None = None,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry | None = None,
) -> bool: ...
def tree_iter(
    tree: Any,
    is_leaf: _IsLeaf | None = None,
    *,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry | None = None,
) -> Iterator[Any]: ...
def tree_all(
    tree: Any,
    *,
    is_leaf: _IsLeaf | None = None,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry | None = None,
) -> bool: ...
def tree_any(
    tree: Any,
    *,
    is_leaf: _IsLeaf | None = None,
    none_is_leaf: bool = False,
    registry: PyTreeRegistry | None = None,
) -> bool: ...

# Not public: what `leafwise.mapping` and `leafwise.reducing` build upon.
def flatten_and_paths(
    tree: Any,
    is_leaf: Callable[..., bool | None] | None,
    is_leaf_takes_path: bool,
    none_is_leaf: bool,
    registry: PyTreeRegistry,
) -> tuple[tuple[KeyPath, ...], list[Any], PyTreeDef]: ...
def call_each(
    f: Callable[..., Any], treedef: PyTreeDef, columns: tuple[Sequence[Any], ...], /
) -> list[Any]: ...
def fold(f: Callable[[Any, Any], Any], leaves: list[Any], initial: Any = ..., /) -> Any: ...

# Not public: what `leafwise.flattening` and `leafwise.mismatch` build upon, and pickles name.
def treedef_tuple(treedefs: Iterable[PyTreeDef], /) -> PyTreeDef: ...
def treedef_children(treedef: PyTreeDef, /) -> list[PyTreeDef]: ...
def treedef_is_leaf(treedef: PyTreeDef, /) -> bool: ...
def treedef_is_strict_leaf(treedef: PyTreeDef, /) -> bool: ...
def flatten_one_level(
    tree: Any, none_is_leaf: bool, registry: PyTreeRegistry, /
) -> tuple[Iterable[Any], Any]: ...
def flatten_one_level_with_keys(
    tree: Any, none_is_leaf: bool, registry: PyTreeRegistry, path: KeyPath | None = None
) -> tuple[Iterable[tuple[Any, Any]], Any]: ...
def is_tree_node(typ: type[Any], registry: PyTreeRegistry, /) -> bool: ...
def restore_treedef(registry: PyTreeRegistry, state: Any) -> PyTreeDef: ...  # by unpickling

@final
class CacheInfo(tuple[int, int, int, int]):
    __match_args__: Final = ("hits", "misses", "entries", "nodes")
    hits: int
    misses: int
    entries: int
    nodes: int
    n_fields: int
    n_sequence_fields: int
    n_unnamed_fields: int

def clear_cache() -> None: ...
def cache_info() -> CacheInfo: ...
def check_treedef(function: str, treedef: object, /) -> None: ...  # raises TypeError
def leaf_paths(treedef: PyTreeDef, /) -> tuple[KeyPath, ...]: ...
def short_repr(object: object, max_chars: int = 1000) -> str: ...
def describe(object: object, /) -> str: ...
def locate(path: tuple[object, ...], /) -> str: ...
def short_keystr(path: tuple[object, ...], /) -> str: ...
