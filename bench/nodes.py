"""The classes of our own that appear in the workloads, and how their fields are named."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class AdamState(NamedTuple):
    """What the Adam optimiser remembers: a step count and two moments of each parameter."""

    step: object
    mu: object
    nu: object


class ScheduleState(NamedTuple):
    """What a learning-rate schedule remembers."""

    step: object


class EmptyState(NamedTuple):
    """A step of the optimiser's chain that remembers nothing: a node without children."""


class Segment:
    """A plain class, registered with each library through Python flatten functions."""

    __slots__ = ("end", "label", "start")

    def __init__(self, start: object, end: object, label: str) -> None:
        self.start = start
        self.end = end
        self.label = label


SEGMENT_FIELDS = ("start", "end")


@dataclasses.dataclass
class Particle:
    """A dataclass, registered through each library's own support for dataclasses."""

    position: object
    velocity: object
    mass: object


PARTICLE_FIELDS = ("position", "velocity", "mass")


def field_names(node: object) -> tuple[str, ...] | None:
    """Return the names of the children of a node that has named fields, None for others."""
    if isinstance(node, Segment):
        return SEGMENT_FIELDS
    if isinstance(node, Particle):
        return PARTICLE_FIELDS
    if isinstance(node, tuple):
        return getattr(node, "_fields", None)
    return None


def filled(node: object, leaves: Iterator[object]) -> object:
    """Return a tree of the same nodes with these leaves; dicts are filled in their order."""
    names = field_names(node)
    if names is not None:
        children = [filled(getattr(node, name), leaves) for name in names]
        if isinstance(node, Segment):
            return unflatten_segment(node.label, children)
        return type(node)(*children)
    if isinstance(node, dict):
        return type(node)([(key, filled(value, leaves)) for key, value in node.items()])
    if isinstance(node, (list, tuple)):
        return type(node)([filled(child, leaves) for child in node])
    return next(leaves)


def flatten_segment(segment: Segment) -> tuple[tuple[object, object], str]:
    """Take a segment apart into its children and its label."""
    return (segment.start, segment.end), segment.label


def unflatten_segment(label: str, children: Sequence[object]) -> Segment:
    """Put a segment together again."""
    return Segment(children[0], children[1], label)
