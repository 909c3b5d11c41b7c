"""optree: None is a node and dicts are sorted, as by default; its own way of registering."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, ClassVar

from bench.competitors.competitor import Competitor
from bench.nodes import DATACLASSES, SEGMENT_FIELDS, Segment, flatten_segment, unflatten_segment
from bench.workloads import REGISTERED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bench.operations import Operation
    from bench.workloads import Workload

NAMESPACE = "leafwise-bench"
FUNCTIONS = (
    "tree_flatten",
    "tree_unflatten",
    "tree_leaves",
    "tree_structure",
    "tree_map",
    "tree_flatten_with_path",
    "tree_map_with_path",
    "tree_reduce",
    "tree_all",
    "tree_any",
)


class Optree(Competitor):
    """optree, through its top-level functions."""

    name = "optree"
    module = "optree"
    configuration = "none_is_leaf=False, sorted dicts; a namespace where classes are registered"
    # {namespace} is filled in only for trees that need it: the keyword costs time.
    expressions: ClassVar[Mapping[str, str]] = {
        "flatten": "tree_flatten(tree{namespace})",
        "flatten_is_leaf": "tree_flatten(tree, is_leaf=f{namespace})",
        "unflatten": "tree_unflatten(treedef, leaves)",
        "leaves": "tree_leaves(tree{namespace})",
        "structure": "tree_structure(tree{namespace})",
        "flatten_up_to": "treedef.flatten_up_to(other)",
        "map_1": "tree_map(f, tree{namespace})",
        "map_2": "tree_map(f, tree, other{namespace})",
        "map_3": "tree_map(f, tree, other, third{namespace})",
        "flatten_with_path": "tree_flatten_with_path(tree{namespace})",
        "map_with_path": "tree_map_with_path(f, tree{namespace})",
        "reduce": "tree_reduce(f, tree, 0{namespace})",
        "all": "tree_all(trues{namespace})",
        "all_stops": "tree_all(falses{namespace})",
        "any": "tree_any(falses{namespace})",
        "any_stops": "tree_any(trues{namespace})",
        "equal": "treedef == other_treedef",
        "hash": "hash(treedef)",
        "cold": "exhaust(map(tree_flatten, stream))",
    }
    cannot: ClassVar[Mapping[str, str]] = {
        "leaves_with_path": "no such call; see flatten_with_path"
    }

    def __init__(self) -> None:
        """Import optree and register the workloads' classes in a namespace."""
        module = importlib.import_module(self.module)
        dataclasses = importlib.import_module("optree.dataclasses")
        super().__init__(
            {name: getattr(module, name) for name in FUNCTIONS}, str(module.__version__)
        )

        def flatten(segment: Segment) -> tuple[tuple[object, object], str, tuple[str, ...]]:
            return (*flatten_segment(segment), SEGMENT_FIELDS)

        module.register_pytree_node(Segment, flatten, unflatten_segment, namespace=NAMESPACE)
        for cls in DATACLASSES:
            dataclasses.register_node(cls, namespace=NAMESPACE)

    def expression(self, workload: Workload, operation: Operation) -> str:
        """Return the call, with the namespace where the tree holds registered classes."""
        namespace = f", namespace={NAMESPACE!r}" if workload.name in REGISTERED else ""
        return self.expressions[operation.name].format(namespace=namespace)

    def put_together(self, treedef: Any, leaves: Sequence[object]) -> object:
        """Return the tree of this structure with these leaves."""
        return self.calls["tree_unflatten"](treedef, leaves)

    def pairs(self, answer: Any) -> Iterable[tuple[Iterable[object], object]]:
        """Return the (path, leaf) pairs; optree answers paths and leaves apart."""
        paths, leaves, _ = answer
        return zip(paths, leaves, strict=True)
