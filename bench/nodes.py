"""The classes of our own that appear in the workloads, and how their fields are named."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


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


class Transition(NamedTuple):
    """A step of an agent, as reinforcement learning replays it."""

    state: object
    action: object
    reward: object


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
    """A dataclass without anything static."""

    position: object
    velocity: object


def gelu(x: object) -> object:
    """Stand for an activation function, which is never called here."""
    return x


# The metadata of a field that is no child: what leafwise and jax look for, and what optree does.
STATIC = {"static": True, "pytree_node": False}


@dataclasses.dataclass
class Linear:
    """A linear layer of the model."""

    weight: object
    bias: object
    in_features: int = dataclasses.field(metadata=STATIC)
    out_features: int = dataclasses.field(metadata=STATIC)


@dataclasses.dataclass
class Norm:
    """A normalisation layer of the model."""

    scale: object
    bias: object


@dataclasses.dataclass
class Attention:
    """The attention of a block, of which each part is a `Linear`."""

    query: object
    key: object
    value: object
    output: object
    heads: int = dataclasses.field(metadata=STATIC)


@dataclasses.dataclass
class Mlp:
    """What a block does after its attention, with two `Linear`."""

    up: object
    down: object
    activation: Callable[[object], object] = dataclasses.field(metadata=STATIC)


@dataclasses.dataclass
class Block:
    """A block of the model, with two `Norm`."""

    norm_attention: object
    attention: object
    norm_mlp: object
    mlp: object
    name: str = dataclasses.field(metadata=STATIC)


@dataclasses.dataclass
class Model:
    """A transformer as a model of dataclasses; `blocks` is a list."""

    tokens: object
    positions: object
    blocks: object
    norm: object
    head: object
    name: str = dataclasses.field(metadata=STATIC)


# Registered through each library's own support for dataclasses.
DATACLASSES = (Particle, Linear, Norm, Attention, Mlp, Block, Model)


def data_fields(cls: Any) -> tuple[str, ...]:
    """Return the names of the fields of a dataclass that are children."""
    fields = dataclasses.fields(cls)
    return tuple([field.name for field in fields if "static" not in field.metadata])


def static_fields(cls: Any) -> tuple[str, ...]:
    """Return the names of its other fields."""
    return tuple([field.name for field in dataclasses.fields(cls) if "static" in field.metadata])


_DATA_FIELDS: dict[type, tuple[str, ...]]
_DATA_FIELDS = {Segment: SEGMENT_FIELDS, **{cls: data_fields(cls) for cls in DATACLASSES}}
_STATIC_FIELDS: dict[type, tuple[str, ...]]
_STATIC_FIELDS = {Segment: ("label",), **{cls: static_fields(cls) for cls in DATACLASSES}}


def field_names(node: object) -> tuple[str, ...] | None:
    """Return the names of the children of a node that has named fields, None for others."""
    if isinstance(node, tuple):
        return getattr(node, "_fields", None)
    return _DATA_FIELDS.get(type(node))


def static_values(node: object) -> list[object]:
    """Return what a node has beside its children. It comes after them in a call of the class."""
    return [getattr(node, name) for name in _STATIC_FIELDS.get(type(node), ())]


def as_dicts(node: object) -> object:
    """Return a tree with dicts in place of nodes with named fields, without what is static."""
    names = field_names(node)
    if names is not None:
        return {name: as_dicts(getattr(node, name)) for name in names}
    return [as_dicts(child) for child in node] if isinstance(node, list) else node


def filled(node: object, leaves: Iterator[object]) -> object:
    """Return a tree of the same nodes with these leaves; dicts are filled in their order."""
    names = field_names(node)
    if names is not None:
        children = [filled(getattr(node, name), leaves) for name in names]
        return type(node)(*children, *static_values(node))
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
