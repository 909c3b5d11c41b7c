"""PyTreeDef: the structure of a tree."""

from __future__ import annotations

import reprlib
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from leafwise.reference.errors import (
    PyTreeMismatchError,
    UnmatchedError,
    UnplacedError,
    check_iterable,
    describe,
    short_repr,
)
from leafwise.reference.keys import KeyPath, place, placed
from leafwise.reference.kinds import BUILT_IN_KINDS
from leafwise.reference.kinds.kind import CHILD, LEAF, Children, Node, Template
from leafwise.reference.kinds.sequences import TUPLE
from leafwise.reference.registry import PyTreeRegistry, default_registry, find_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


class PyTreeDef:
    """A tree without its leaves."""

    __slots__ = ("_nodes", "_num_leaves", "_registry")
    _nodes: tuple[Node, ...]
    _num_leaves: int
    _registry: PyTreeRegistry

    def __new__(cls, *args: Any, **kwargs: Any) -> PyTreeDef:
        """Raise TypeError: treedefs come from flattening."""
        raise TypeError(
            "PyTreeDef: no constructor defined; tree_structure and treedef_tuple make treedefs"
        )

    @property
    def num_leaves(self) -> int:
        """The number of leaves."""
        return self._num_leaves

    @property
    def num_nodes(self) -> int:
        """The number of nodes, leaves included."""
        return len(self._nodes)

    def children(self) -> list[PyTreeDef]:
        """Give the treedefs of the root's children."""
        children = []
        start = 1
        while start < len(self._nodes):
            end = _subtree_end(self._nodes, start)
            children.append(make_treedef(self._nodes[start:end], self._registry))
            start = end
        return children

    def node_data(self) -> tuple[Any, Any] | None:
        """Give the type of the root and its metadata, or None for a leaf."""
        return self._nodes[0].kind.node_data(self._nodes[0].data)

    def unflatten(self, leaves: Iterable[Any], /) -> Any:
        """Build the tree that has these leaves."""
        check_iterable("leaves must be iterable", leaves)
        all_are_there = type(leaves) in (list, tuple)
        leaves = list(leaves if all_are_there else islice(leaves, self._num_leaves + 1))
        if len(leaves) < self._num_leaves:
            expected = f"expected {self._num_leaves}, got {len(leaves)}"
            raise ValueError(f"Too few leaves for PyTreeDef; {expected}")
        if len(leaves) > self._num_leaves:
            got = f"Got {'' if all_are_there else 'at least '}{len(leaves)}."
            raise ValueError(f"Too many leaves for PyTreeDef; expected {self._num_leaves}. {got}")
        return _fold(self._nodes, leaves, lambda node, kids: node.kind.build(node.data, kids))

    def walk(
        self,
        f_node: Callable[..., Any],
        f_leaf: Callable[..., Any] | None,
        leaves: Iterable[Any],
        /,
    ) -> Any:
        """Combine leaves from the bottom up, by `f_node(children, node_data)` at each node."""
        check_iterable("leaves must be iterable", leaves)
        leaves = list(islice(leaves, self._num_leaves + 1))
        if len(leaves) != self._num_leaves:
            amount = "few" if len(leaves) < self._num_leaves else "many"
            raise ValueError(f"Too {amount} leaves for PyTreeDef")
        return _fold(
            self._nodes,
            leaves if f_leaf is None else map(f_leaf, leaves),
            lambda node, kids: f_node(kids, node.kind.walk_data(node.data)),
        )

    def flatten_up_to(self, tree: Any) -> list[Any]:
        """Take a tree apart as far as this treedef goes: what is at its leaves may be subtrees."""
        subtrees = []
        pending = [tree]
        for index, node in enumerate(self._nodes):
            value = pending.pop()
            if node.kind is LEAF:
                subtrees.append(value)
                continue
            try:
                children = node.kind.match(node, value)
            except UnplacedError as unplaced:
                raise placed(
                    unplaced, value, partial(path_to_node, self._nodes, index)
                ) from unplaced.__cause__
            except UnmatchedError as error:
                text, *words = error.args
                expected, got = words or (node.kind.describe(node), describe(value))
                path = path_to_node(self._nodes, index)
                text += f"\n\nAt {place(path)}: expected {expected}, got {got}."
                raise PyTreeMismatchError(text, path, expected, got) from None
            pending.extend(reversed(children))
        return subtrees

    def compose(self, inner_treedef: PyTreeDef, /) -> PyTreeDef:
        """Put another treedef in place of each leaf."""
        inner = treedef_argument("compose", inner_treedef)
        if inner._registry is not self._registry:
            raise ValueError("PyTree registries of PyTreeDefs passed to Compose() must match.")
        nodes: list[Node] = []
        for node in self._nodes:
            nodes.extend(inner._nodes if node.kind is LEAF else [node])
        return make_treedef(nodes, self._registry)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PyTreeDef):
            return NotImplemented
        if len(self._nodes) != len(other._nodes):
            return False
        return self is other or all(map(_same_node, self._nodes, other._nodes))

    def __hash__(self) -> int:
        parts = [
            (node.arity, node.kind.identity(node.data), node.kind.data_hash(node.data))
            for node in self._nodes
        ]
        return hash(tuple(parts))

    @reprlib.recursive_repr()
    def __repr__(self) -> str:
        texts = []
        nodes = iter(self._nodes)
        pending: Template = [")", CHILD, "PyTreeDef("]
        while pending:
            part = pending.pop()
            if part is CHILD:
                node = next(nodes)
                pending.extend(reversed(node.kind.template(node)))
            else:
                texts.append(part)
        return "".join(texts)

    def __reduce__(self) -> tuple[Any, ...]:
        nodes = [
            (kind.name, arity, data, None if kind.name in BUILT_IN_KINDS else kind.nodetype)
            for kind, arity, data, _ in self._nodes
        ]
        return PyTreeDef._restore, (self._registry, nodes)

    @staticmethod
    def _restore(registry: PyTreeRegistry, states: Iterable[Any]) -> PyTreeDef:
        """Unpickle a treedef, with registered classes as they are registered now."""
        nodes = []
        missing = 1
        for name, arity, data, nodetype in states:
            kind = BUILT_IN_KINDS.get(name) or find_kind(registry, nodetype)
            if kind is None or kind.name != name:
                raise ValueError(f"Unknown custom type in pickled PyTreeDef: {nodetype!r}")
            if arity < 0 or missing < 1:
                raise ValueError("Malformed pickled PyTreeDef: nodes after the end of the tree")
            nodes.append(Node(kind, arity, data))
            missing += arity - 1
        if missing:
            raise ValueError("Malformed pickled PyTreeDef: nodes are missing")
        return make_treedef(nodes, registry)

    def __copy__(self) -> PyTreeDef:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> PyTreeDef:
        return self


def make_treedef(nodes: Iterable[Node], registry: PyTreeRegistry) -> PyTreeDef:
    """Make what has no constructor."""
    treedef = object.__new__(PyTreeDef)
    treedef._nodes = tuple(nodes)
    treedef._num_leaves = sum(node.kind is LEAF for node in treedef._nodes)
    treedef._registry = registry
    return treedef


def treedef_argument(function: str, treedef: Any) -> PyTreeDef:
    """The argument of a function that takes a treedef, checked."""
    if not isinstance(treedef, PyTreeDef):
        raise TypeError(
            f"{function} expects a leafwise.PyTreeDef, got {short_repr(treedef)}, "
            f"of {type(treedef)}"
        )
    return treedef


def _same_node(mine: Node, theirs: Node) -> bool:
    return (
        mine.arity == theirs.arity
        and mine.kind.identity(mine.data) == theirs.kind.identity(theirs.data)
        and mine.kind.same_data(mine.data, theirs.data)
    )


def _fold(
    nodes: Iterable[Node], leaves: Iterable[Any], build: Callable[[Node, Children], Any]
) -> Any:
    """Combine leaves from left to right, each node as soon as all of its children are there."""
    leaf = iter(leaves)
    unfinished: list[tuple[Node, list[Any]]] = []
    value = None
    for node in nodes:
        if node.arity:
            unfinished.append((node, []))
            continue
        value = next(leaf) if node.kind is LEAF else build(node, ())
        while unfinished:
            parent, children = unfinished[-1]
            children.append(value)
            if len(children) < parent.arity:
                break
            unfinished.pop()
            value = build(parent, tuple(children))
    return value


def _subtree_end(nodes: Sequence[Node], start: int) -> int:
    """The index after the last node of the subtree that begins at `start`."""
    missing = 1
    while missing:
        missing += nodes[start].arity - 1
        start += 1
    return start


def path_to_node(nodes: Sequence[Node], index: int) -> KeyPath:
    """The key path of the node at an index, of which those before it are enough."""
    ancestors: list[Node] = []
    child_numbers: list[int] = []  # for each ancestor, the child that we are in
    for node in nodes[:index]:
        ancestors.append(node)
        child_numbers.append(0)
        while child_numbers[-1] == ancestors[-1].arity:
            ancestors.pop()
            child_numbers.pop()
            child_numbers[-1] += 1
    pairs = zip(ancestors, child_numbers, strict=True)
    return tuple([node.child_keys()[number] for node, number in pairs])


def path_to_leaf(treedef: PyTreeDef, number: int) -> KeyPath:
    """The key path of a leaf, of which this many come before."""
    indices = [index for index, node in enumerate(treedef._nodes) if node.kind is LEAF]
    return path_to_node(treedef._nodes, indices[number])


def treedef_tuple(treedefs: Iterable[PyTreeDef]) -> PyTreeDef:
    """Make the treedef of a tuple out of those of its items."""
    check_iterable("treedefs must be iterable", treedefs)
    items = [treedef_argument("treedef_tuple", treedef) for treedef in treedefs]
    registry = items[0]._registry if items else default_registry
    if any(item._registry is not registry for item in items):
        raise ValueError("PyTree registries of PyTreeDefs passed to Tuple() must match.")
    nodes = [Node(TUPLE, len(items))]
    for item in items:
        nodes.extend(item._nodes)
    return make_treedef(nodes, registry)


def treedef_children(treedef: PyTreeDef) -> list[PyTreeDef]:
    """Give the treedefs of the root's children."""
    return treedef_argument("treedef_children", treedef).children()


def treedef_is_leaf(treedef: PyTreeDef) -> bool:
    """Say whether a treedef is one node: a leaf, or a container without children."""
    return treedef_argument("treedef_is_leaf", treedef).num_nodes == 1


def treedef_is_strict_leaf(treedef: PyTreeDef) -> bool:
    """Say whether a treedef is that of a leaf."""
    checked = treedef_argument("treedef_is_strict_leaf", treedef)
    return checked.num_nodes == checked.num_leaves == 1
