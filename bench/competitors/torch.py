"""torch, through `torch.utils._pytree`, which is written in Python."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, ClassVar

from bench.competitors.competitor import Competitor
from bench.nodes import (
    DATACLASSES,
    Segment,
    data_fields,
    flatten_segment,
    static_fields,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FUNCTIONS = (
    "tree_flatten",
    "tree_unflatten",
    "tree_leaves",
    "tree_structure",
    "tree_map",
    "tree_flatten_with_path",
    "tree_leaves_with_path",
    "tree_map_with_path",
    "tree_all",
    "tree_any",
)


class Torch(Competitor):
    """torch's pytree module."""

    name = "torch"
    module = "torch.utils._pytree"
    configuration = "torch.utils._pytree"
    expressions: ClassVar[Mapping[str, str]] = {
        "flatten": "tree_flatten(tree)",
        "flatten_is_leaf": "tree_flatten(tree, is_leaf=f)",
        "unflatten": "tree_unflatten(leaves, treedef)",
        "leaves": "tree_leaves(tree)",
        "structure": "tree_structure(tree)",
        "flatten_up_to": "treedef.flatten_up_to(other)",
        "map_1": "tree_map(f, tree)",
        "map_2": "tree_map(f, tree, other)",
        "map_3": "tree_map(f, tree, other, third)",
        "flatten_with_path": "tree_flatten_with_path(tree)",
        "leaves_with_path": "tree_leaves_with_path(tree)",
        "map_with_path": "tree_map_with_path(f, tree)",
        # They ask a function, here bool, about each leaf.
        "all": "tree_all(bool, trues)",
        "all_stops": "tree_all(bool, falses)",
        "any": "tree_any(bool, falses)",
        "any_stops": "tree_any(bool, trues)",
        "equal": "treedef == other_treedef",
        "hash": "hash(treedef)",
        "cold": "exhaust(map(tree_flatten, stream))",
    }
    order_note = "the same leaves, with dicts in insertion order: nothing is sorted"

    def __init__(self) -> None:
        """Import torch and register the workloads' classes with its pytree module."""
        version = str(importlib.import_module("torch").__version__)
        module = importlib.import_module(self.module)
        super().__init__({name: getattr(module, name) for name in FUNCTIONS}, version)
        get_attr_key = module.GetAttrKey

        def flatten(segment: Segment) -> tuple[list[object], str]:
            children, label = flatten_segment(segment)
            return list(children), label

        def flatten_with_keys(segment: Segment) -> tuple[list[tuple[Any, object]], str]:
            children = [
                (get_attr_key("start"), segment.start),
                (get_attr_key("end"), segment.end),
            ]
            return children, segment.label

        def unflatten(children: Iterable[object], label: str) -> Segment:
            start, end = children
            return Segment(start, end, label)

        module.register_pytree_node(
            Segment, flatten, unflatten, flatten_with_keys_fn=flatten_with_keys
        )
        for cls in DATACLASSES:
            _register_dataclass(module, cls)

    def put_together(self, treedef: Any, leaves: Sequence[object]) -> object:
        """Return the tree of this structure with these leaves."""
        return self.calls["tree_unflatten"](leaves, treedef)

    def pairs(self, answer: Any) -> Iterable[tuple[Iterable[object], object]]:
        """Return the (path, leaf) pairs; tree_leaves_with_path answers nothing else."""
        pairs: Iterable[tuple[Iterable[object], object]]
        pairs = answer[0] if isinstance(answer, tuple) else answer
        return pairs


def _register_dataclass(module: Any, cls: Any) -> None:
    """Register a dataclass; torch itself knows no static fields, only ones that it leaves out."""
    names, statics = data_fields(cls), static_fields(cls)
    if not statics:
        module.register_dataclass(cls)
        return
    keys = [module.GetAttrKey(name) for name in names]

    def flatten(node: Any) -> tuple[list[object], tuple[object, ...]]:
        children = [getattr(node, name) for name in names]
        return children, tuple([getattr(node, name) for name in statics])

    def flatten_with_keys(node: Any) -> tuple[list[tuple[Any, object]], tuple[object, ...]]:
        children, values = flatten(node)
        return list(zip(keys, children, strict=True)), values

    def unflatten(children: Iterable[object], values: tuple[object, ...]) -> Any:
        return cls(*children, *values)

    module.register_pytree_node(cls, flatten, unflatten, flatten_with_keys_fn=flatten_with_keys)
