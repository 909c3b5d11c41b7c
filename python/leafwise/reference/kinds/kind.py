"""Node and Kind: what all nodes have in common. And the two kinds without children."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from leafwise.reference.errors import UnmatchedError, describe_length, short_repr
from leafwise.reference.keys import KeyPath, SequenceKey

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

Children = tuple[Any, ...]
Template = list[Any]  # what is shown of a node: texts, and CHILD where a child goes

CHILD = object()


class Node(NamedTuple):
    """One node of a treedef. What its kind needs to rebuild it, apart from children, is `data`."""

    kind: Kind
    arity: int = 0
    data: Any = None
    keys: KeyPath | None = None  # the names of the children, if the flattening asked for them

    def child_keys(self) -> KeyPath:
        """How the children are named."""
        return self.kind.keys(self.data, self.arity) if self.keys is None else self.keys


def listed(opening: str, labels: Iterable[str], closing: str) -> Template:
    """The template of a node whose children are written with these labels before them."""
    template: Template = [opening]
    for number, label in enumerate(labels):
        template += [f", {label}" if number else label, CHILD]
    return [*template, closing]


class Kind:
    """A kind of node. Here is what most kinds have in common."""

    name: ClassVar[str]
    nodetype: type
    one_level_type: ClassVar[type] = list

    def open(self, value: Any) -> tuple[Children, Any]:
        """Read a container: all of its children at once, and the data of its node."""
        raise NotImplementedError

    def build(self, data: Any, children: Children) -> Any:
        """Put a container together: the inverse of `open`."""
        raise NotImplementedError

    def match(self, node: Node, value: Any) -> Children:
        """Give the children of a value that has to be like a node, or raise UnmatchedError."""
        raise NotImplementedError

    def template(self, node: Node) -> Template:
        """How a node is shown in the repr of a treedef."""
        raise NotImplementedError

    def keys(self, data: Any, arity: int) -> KeyPath:
        """How the children are named."""
        return tuple(map(SequenceKey, range(arity)))

    def open_with_keys(self, value: Any) -> tuple[Children, Any, KeyPath]:
        """Read a container, and how its children are named."""
        children, data = self.open(value)
        return children, data, self.keys(data, len(children))

    def one_level(self, value: Any) -> tuple[Iterable[Any], Any]:
        """The answer of `flatten_one_level`."""
        children, data = self.open(value)
        return self.one_level_type(children), data

    def one_level_with_keys(self, value: Any) -> tuple[Iterable[Any], Any]:
        """The answer of `flatten_one_level_with_keys`."""
        children, data, keys = self.open_with_keys(value)
        return self.one_level_type(zip(keys, children, strict=True)), data

    def walk_data(self, data: Any) -> Any:
        """What the function of `PyTreeDef.walk` sees of the data."""
        return data

    def node_data(self, data: Any) -> tuple[Any, Any] | None:
        """The answer of `PyTreeDef.node_data`."""
        return self.nodetype, self.walk_data(data)

    def identity(self, data: Any) -> Hashable:
        """What is equal in equal nodes, and part of their hash."""
        return self.name

    def same_data(self, mine: Any, theirs: Any) -> bool:
        """Whether nodes of the same identity and arity are equal."""
        return True

    def data_hash(self, data: Any) -> int:
        """A hash of the data. Metadata need not be hashable, so that most kinds have none."""
        return 0

    def describe(self, node: Node) -> str:
        """A few words on what a node expects."""
        return describe_length(self.nodetype, node.arity)


class _LeafKind(Kind):
    """A leaf is no container: whoever walks a tree treats it before asking its kind."""

    name = "leaf"
    nodetype = object

    def template(self, node: Node) -> Template:
        return ["*"]

    def node_data(self, data: Any) -> None:
        return None


class _NoneKind(Kind):
    name = "none"
    nodetype = type(None)
    one_level_type = tuple

    def open(self, value: Any) -> tuple[Children, Any]:
        return (), None

    def build(self, data: Any, children: Children) -> None:
        return None

    def match(self, node: Node, value: Any) -> Children:
        if value is not None:
            raise UnmatchedError(
                f"Expected None, got {short_repr(value)}.\n\n"
                "In previous releases of JAX, flatten-up-to used to consider None to be a "
                "tree-prefix of non-None values. To obtain the previous behavior, you can usually "
                "write:\n  jax.tree.map(lambda x, y: None if x is None else f(x, y), a, b, "
                "is_leaf=lambda x: x is None)"
            )
        return ()

    def template(self, node: Node) -> Template:
        return ["None"]

    def describe(self, node: Node) -> str:
        return "None"


LEAF, NONE = _LeafKind(), _NoneKind()
LEAF_NODE = Node(LEAF)
