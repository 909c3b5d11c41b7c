"""dm-tree: no structure objects (an example tree takes their place) and no registration."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, ClassVar

from bench.competitors.competitor import Competitor
from bench.workloads import REGISTERED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bench.workloads import Workload

FUNCTIONS = (
    "flatten",
    "unflatten_as",
    "flatten_up_to",
    "map_structure",
    "flatten_with_path",
    "map_structure_with_path",
)
NO_STRUCTURE = "has no structure objects; see leaves and leaves_with_path"
NO_REGISTRATION = "cannot register classes: sees leaves"


class DmTree(Competitor):
    """dm-tree, the module `tree`."""

    name = "dm-tree"
    module = "tree"
    configuration = "unflatten and flatten_up_to by an example tree"
    expressions: ClassVar[Mapping[str, str]] = {
        "unflatten": "unflatten_as(tree, leaves)",
        "leaves": "flatten(tree)",
        "flatten_up_to": "flatten_up_to(tree, other)",
        "map_1": "map_structure(f, tree)",
        "map_2": "map_structure(f, tree, other)",
        "map_3": "map_structure(f, tree, other, third)",
        "leaves_with_path": "flatten_with_path(tree)",
        "map_with_path": "map_structure_with_path(f, tree)",
    }
    cannot: ClassVar[Mapping[str, str]] = {
        "flatten": NO_STRUCTURE,
        "flatten_is_leaf": NO_STRUCTURE,
        "structure": NO_STRUCTURE,
        "flatten_with_path": NO_STRUCTURE,
        "equal": NO_STRUCTURE,
        "hash": NO_STRUCTURE,
        "cold": NO_STRUCTURE,
        **dict.fromkeys(REGISTERED, NO_REGISTRATION),
    }
    order_note = "the same leaves, with OrderedDicts in sorted order"

    def __init__(self) -> None:
        """Import dm-tree."""
        module = importlib.import_module(self.module)
        super().__init__(
            {name: getattr(module, name) for name in FUNCTIONS}, str(module.__version__)
        )

    def take_apart(self, workload: Workload, tree: object) -> tuple[Sequence[object], Any]:
        """Return the leaves; there is no structure."""
        return self.calls["flatten"](tree), None

    def pairs(self, answer: Any) -> Iterable[tuple[Iterable[object], object]]:
        """Return the (path, leaf) pairs, which is what it answers."""
        pairs: Iterable[tuple[Iterable[object], object]] = answer
        return pairs
