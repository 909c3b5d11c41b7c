"""leafwise, its reference and jax: three libraries with one way of calling them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, ClassVar

from bench.competitors.competitor import NO_SUCH_CALL, Competitor
from bench.nodes import DATACLASSES, Segment, flatten_segment, unflatten_segment

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
    "tree_reduce",
    "tree_all",
)


class JaxDialect(Competitor):
    """A library with the names and signatures of `jax.tree_util`."""

    expressions: ClassVar[Mapping[str, str]] = {
        "flatten": "tree_flatten(tree)",
        "flatten_is_leaf": "tree_flatten(tree, is_leaf=f)",
        "unflatten": "tree_unflatten(treedef, leaves)",
        "leaves": "tree_leaves(tree)",
        "structure": "tree_structure(tree)",
        "flatten_up_to": "treedef.flatten_up_to(other)",
        "map_1": "tree_map(f, tree)",
        "map_2": "tree_map(f, tree, other)",
        "map_3": "tree_map(f, tree, other, third)",
        "flatten_with_path": "tree_flatten_with_path(tree)",
        "leaves_with_path": "tree_leaves_with_path(tree)",
        "map_with_path": "tree_map_with_path(f, tree)",
        "reduce": "tree_reduce(f, tree, 0)",
        "all": "tree_all(trues)",
        "all_stops": "tree_all(falses)",
        "any": "tree_any(falses)",
        "any_stops": "tree_any(trues)",
        "equal": "treedef == other_treedef",
        "hash": "hash(treedef)",
        "cold": "exhaust(map(tree_flatten, stream))",
    }

    def __init__(self, package_name: str) -> None:
        """Import the module and register the workloads' classes with it."""
        module = importlib.import_module(self.module)
        calls = {name: getattr(module, name) for name in FUNCTIONS}
        if hasattr(module, "tree_any"):  # jax has none
            calls["tree_any"] = module.tree_any
        super().__init__(calls, str(importlib.import_module(package_name).__version__))
        _register(module)

    def put_together(self, treedef: Any, leaves: Sequence[object]) -> object:
        """Return the tree of this structure with these leaves."""
        return self.calls["tree_unflatten"](treedef, leaves)

    def pairs(self, answer: Any) -> Iterable[tuple[Iterable[object], object]]:
        """Return the (path, leaf) pairs; tree_leaves_with_path answers nothing else."""
        pairs: Iterable[tuple[Iterable[object], object]]
        pairs = answer[0] if isinstance(answer, tuple) else answer
        return pairs


class Leafwise(JaxDialect):
    """The library this benchmark is about."""

    name = "leafwise"
    module = "leafwise"
    configuration = "default registry"

    def __init__(self) -> None:
        """Import leafwise."""
        super().__init__("leafwise")


class Reference(JaxDialect):
    """The same library again in plain Python."""

    name = "reference"
    module = "leafwise.reference"
    configuration = "leafwise.reference: the same functions in plain Python"

    def __init__(self) -> None:
        """Import leafwise.reference."""
        super().__init__("leafwise")


class Jax(JaxDialect):
    """jax, through `jax.tree_util`, which is its faster door."""

    name = "jax"
    module = "jax.tree_util"
    configuration = "jax.tree_util, default registry"
    cannot: ClassVar[Mapping[str, str]] = {"any": NO_SUCH_CALL, "any_stops": NO_SUCH_CALL}

    def __init__(self) -> None:
        """Import jax."""
        super().__init__("jax")


def _register(module: Any) -> None:
    get_attr_key = module.GetAttrKey

    def flatten_with_keys(segment: Segment) -> tuple[list[tuple[Any, object]], str]:
        children = [
            (get_attr_key("start"), segment.start),
            (get_attr_key("end"), segment.end),
        ]
        return children, segment.label

    module.register_pytree_with_keys(Segment, flatten_with_keys, unflatten_segment, flatten_segment)
    for cls in DATACLASSES:
        module.register_dataclass(cls)
