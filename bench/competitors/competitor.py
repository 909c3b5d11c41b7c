"""What the benchmark asks of a competitor.

A competitor is described by data: for each operation the expression that its user would write.
The timed loop is compiled from that very expression, so no adapter stands between the clock and
the library; methods of this class only translate inputs and answers, outside the timed stretch.
"""

from __future__ import annotations

import ast
import collections
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from bench.nodes import filled
from bench.operations import Operation
from bench.workloads import Stream, Workload

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


NO_SUCH_CALL = "no such call"
# Runs through an iterator and keeps nothing of it.
exhaust = collections.deque[object](maxlen=0).extend


@dataclass(frozen=True)
class Call:
    """An expression to time and the objects that its names stand for."""

    expression: str
    names: Mapping[str, Any]

    def replacing(self, **names: object) -> Call:
        """Return the same call with some of its names standing for other objects."""
        return Call(self.expression, {**self.names, **names})

    def __call__(self) -> Any:
        """Evaluate the expression once."""
        return eval(self.expression, dict(self.names))


@dataclass(frozen=True)
class Inputs:
    """The objects that a competitor's expressions are about, for one workload.

    `other` and `third` are trees like `tree` with leaves of their own; `treedef` and `leaves`
    are `tree` taken apart by the competitor itself, `other_treedef` is the structure of `other`.
    In `trues` and `falses`, again trees like `tree`, every leaf is True or False. A workload that
    is a stream of trees has only `stream`.
    """

    tree: object = None
    other: object = None
    third: object = None
    leaves: Sequence[object] = ()
    treedef: Any = None
    other_treedef: Any = None
    trues: object = None
    falses: object = None
    stream: Sequence[object] = ()


class Competitor:
    """A library, its calls, and what it cannot do."""

    name: ClassVar[str]
    # What has to be imported.
    module: ClassVar[str]
    # One line about the configuration that is measured.
    configuration: ClassVar[str]
    # Operation -> expression over the names of `Inputs`, `f`, and `self.calls`.
    expressions: ClassVar[Mapping[str, str]]
    # Operation or workload -> why this library has no such thing, where more can be said than that
    # there is no such call.
    cannot: ClassVar[Mapping[str, str]] = {}
    # How the order of the leaves may differ from the reference's, if it is documented to.
    order_note: ClassVar[str | None] = None

    def __init__(self, calls: Mapping[str, Any], version: str) -> None:
        """Take the library's functions, by the names they have in the expressions."""
        self.calls = calls
        self.version = version

    def why_not(self, workload: Workload, operation: Operation) -> str | None:
        """Return why there is nothing to time here, None when there is."""
        if operation.name in self.cannot:
            return self.cannot[operation.name]
        if operation.name not in self.expressions:
            return NO_SUCH_CALL
        return self.cannot.get(workload.name)

    def expression(self, workload: Workload, operation: Operation) -> str:
        """Return what a user of the library would write for this operation."""
        return self.expressions[operation.name]

    def inputs(self, workload: Workload, trees: Sequence[object]) -> Inputs:
        """Take the trees of a workload apart with the library itself."""
        if isinstance(workload, Stream):
            return Inputs(stream=trees)
        tree, other, third = trees
        leaves, treedef = self.take_apart(workload, tree)
        other_treedef = self.take_apart(workload, other)[1]
        trues, falses = (filled(tree, itertools.repeat(truth)) for truth in (True, False))
        return Inputs(tree, other, third, leaves, treedef, other_treedef, trues, falses)

    def take_apart(self, workload: Workload, tree: object) -> tuple[Sequence[object], Any]:
        """Return the leaves and the structure of a tree."""
        flatten = Operation("flatten", "")
        call = Call(self.expression(workload, flatten), {**self.calls, "tree": tree})
        leaves, treedef = call()
        return leaves, treedef

    def call(self, workload: Workload, operation: Operation, inputs: Inputs) -> Call:
        """Return the call to time."""
        expression = self.expression(workload, operation)
        known = {**self.calls, **vars(inputs), "f": operation.function, "exhaust": exhaust}
        return Call(expression, {name: known[name] for name in _names(expression) & known.keys()})

    def put_together(self, treedef: Any, leaves: Sequence[object]) -> object:
        """Return the tree of this structure with these leaves."""
        raise NotImplementedError

    def pairs(self, answer: Any) -> Iterable[tuple[Iterable[object], object]]:
        """Return the (path, leaf) pairs in what flatten_with_path or leaves_with_path answered."""
        raise NotImplementedError

    def treedef_of_pairs(self, answer: Any) -> Any:
        """Return the structure in what flatten_with_path answered."""
        return answer[-1]

    def step(self, key: object) -> object:
        """Return a path's key as a plain index, dict key or field name."""
        for attribute in ("idx", "key", "name"):
            if hasattr(key, attribute):
                return getattr(key, attribute)
        return key


def _names(expression: str) -> set[str]:
    nodes = ast.walk(ast.parse(expression, mode="eval"))
    return {node.id for node in nodes if isinstance(node, ast.Name)}
