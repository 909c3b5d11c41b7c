"""What one would write by hand for one fixed tree, without any library.

The expressions are made of the workload's tree: subscripts that take it apart, and a display that
puts it together. Where those would be very long, but a loop would do, the loop is written here.
"""

from __future__ import annotations

import functools
import platform
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, ClassVar

from bench.competitors.competitor import Call, Competitor
from bench.nodes import (
    DATACLASSES,
    AdamState,
    EmptyState,
    ScheduleState,
    Segment,
    Transition,
    field_names,
    gelu,
    static_values,
)
from bench.workloads import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.operations import Operation
    from bench.workloads import Workload

# What a display may name.
NAMED = (
    *(AdamState, EmptyState, OrderedDict, ScheduleState, Segment, Transition),
    *(*DATACLASSES, gelu),
)
# Longer ones nobody would write.
MAX_CHARACTERS = 30_000
# Operation -> the names of the trees whose leaves the function gets.
MAPPED = {"map_1": ("tree",), "map_2": ("tree", "other"), "map_3": ("tree", "other", "third")}

LOOPS = {
    ("list_10000", "leaves"): "list(tree)",
    ("list_10000", "unflatten"): "list(leaves)",
    ("list_10000", "map_1"): "[f(x) for x in tree]",
    ("list_10000", "map_2"): "[f(x, y) for x, y in zip(tree, other)]",
    ("list_10000", "map_3"): "[f(x, y, z) for x, y, z in zip(tree, other, third)]",
    ("registered", "leaves"): "[x for segment in tree for x in (segment.start, segment.end)]",
    ("dataclasses", "leaves"): "[x for p in tree for x in (p.position, p.velocity)]",
    ("dataclasses", "unflatten"): "[Particle(x, v) for x, v in zip(*[iter(leaves)] * 2)]",
    ("namedtuples", "leaves"): "[x for row in tree for x in row]",
    ("namedtuples", "unflatten"): "[Transition(*row) for row in zip(*[iter(leaves)] * 3)]",
    ("namedtuples", "map_1"): "[Transition(*map(f, row)) for row in tree]",
    ("namedtuples", "map_2"): "[Transition(*map(f, *rows)) for rows in zip(tree, other)]",
    ("namedtuples", "map_3"): "[Transition(*map(f, *rows)) for rows in zip(tree, other, third)]",
    ("records", "leaves"): "[leaf for row in tree for leaf in (row['id'], *row['x'], *row['y'])]",
    ("records", "unflatten"): (
        "[{'id': i, 'x': (a, b), 'y': [c, d, e]} for i, a, b, c, d, e in zip(*[iter(leaves)] * 6)]"
    ),
    ("records", "map_1"): (
        "[{'id': f(row['id']), 'x': tuple(map(f, row['x'])), 'y': list(map(f, row['y']))}"
        " for row in tree]"
    ),
}


class ByHand(Competitor):
    """No library: Python code for each tree."""

    name = "by-hand"
    configuration = "no library: subscripts, displays and loops written for each tree"
    expressions: ClassVar[Mapping[str, str]] = {}

    def __init__(self) -> None:
        """Name the classes that displays need."""
        super().__init__({each.__name__: each for each in NAMED}, platform.python_version())

    def why_not(self, workload: Workload, operation: Operation) -> str | None:
        """Return why there is nothing to time here, None when there is."""
        if isinstance(workload, Stream):
            return "there is no one tree to write it for"
        if operation.name not in ("leaves", "unflatten", *MAPPED):
            return "nothing that one would write"
        if len(self.expression(workload, operation)) > MAX_CHARACTERS:
            return "too long to write"
        return None

    def expression(self, workload: Workload, operation: Operation) -> str:
        """Return what one would write for this workload's tree."""
        return _expression(workload, operation.name)

    def take_apart(self, workload: Workload, tree: object) -> tuple[Sequence[object], Any]:
        """Return the leaves; there is no structure."""
        return Call(_expression(workload, "leaves"), {"tree": tree})(), None


@functools.cache
def _expression(workload: Workload, operation: str) -> str:
    loop = LOOPS.get((workload.name, operation))
    if loop is not None:
        return loop
    paths: list[str] = []

    def place(path: str) -> str:
        paths.append(path)
        if operation == "unflatten":
            return f"leaves[{len(paths) - 1}]"
        return f"f({', '.join(tree + path for tree in MAPPED.get(operation, ()))})"

    display = _display(workload.build(0), "", place)
    if operation == "leaves":
        return f"[{', '.join('tree' + path for path in paths)}]"
    return display


def _display(node: object, path: str, place: Callable[[str], str]) -> str:
    """Return the display of a tree; `place` is told the path of each leaf, and says what it is."""
    names = field_names(node)
    if names is not None:
        parts = [_display(getattr(node, name), f"{path}.{name}", place) for name in names]
        parts.extend(
            gelu.__name__ if value is gelu else repr(value) for value in static_values(node)
        )
        return f"{type(node).__name__}({', '.join(parts)})"
    if isinstance(node, dict):
        keys = list(node) if isinstance(node, OrderedDict) else sorted(node)
        items = [(repr(key), _display(node[key], f"{path}[{key!r}]", place)) for key in keys]
        if isinstance(node, OrderedDict):
            return f"OrderedDict([{', '.join(f'({key}, {value})' for key, value in items)}])"
        return f"{{{', '.join(f'{key}: {value}' for key, value in items)}}}"
    if isinstance(node, (list, tuple)):
        parts = [_display(child, f"{path}[{index}]", place) for index, child in enumerate(node)]
        if isinstance(node, list):
            return f"[{', '.join(parts)}]"
        return f"({', '.join(parts)}{',' * (len(parts) == 1)})"
    return place(path)
