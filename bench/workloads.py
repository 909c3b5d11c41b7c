"""The trees that are measured, from one leaf to two thousand records."""

from __future__ import annotations

import itertools
import random
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.cold import dict_of, list_of, stream_of, tuple_of
from bench.nodes import (
    AdamState,
    Attention,
    Block,
    EmptyState,
    Linear,
    Mlp,
    Model,
    Norm,
    Particle,
    ScheduleState,
    Segment,
    Transition,
    as_dicts,
    gelu,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.operations import Operation

TREES_PER_WORKLOAD = 3
STREAM_SIZE = 6000
# Trees with classes of one's own, which have to be registered.
REGISTERED = ("registered", "dataclasses", "model")
# One model as dataclasses and as dicts with the same leaves: what leafwise takes for the first is
# compared with what it takes for the second.
MODEL, MODEL_DICTS = "model", "model_dicts"
# These are summed up apart from the other workloads. Where classes are registered, the cost is
# mostly that of Python functions, whichever library calls them.
APART = (*REGISTERED, MODEL_DICTS, "namedtuples")

BLOCKS = 16
MODEL_BLOCKS = 12
WIDTH = 64
BLOCK_LAYOUT = {
    "attention": ("query", "key", "value", "output"),
    "mlp_up": ("weight", "bias"),
    "mlp_down": ("weight", "bias"),
    "norm_attention": ("scale", "bias"),
    "norm_mlp": ("scale", "bias"),
}


@dataclass(frozen=True)
class Workload:
    """A tree to measure.

    `build(variant)` makes it; variants have the same structure and leaves of their own.
    """

    name: str
    description: str
    build: Callable[[int], object]

    def trees(self) -> Sequence[object]:
        """Return the first, second and third tree of the operations that take several."""
        return [self.build(variant) for variant in range(TREES_PER_WORKLOAD)]

    def fits(self, operation: Operation) -> bool:
        """Tell whether the operation is about a tree, not about a stream of them."""
        return not operation.on_stream


@dataclass(frozen=True)
class Stream(Workload):
    """Many trees, one after the other; `build(size)` makes a list of so many."""

    build: Callable[[int], list[object]]

    def trees(self) -> Sequence[object]:
        """Return all trees."""
        return self.build(STREAM_SIZE)

    def fits(self, operation: Operation) -> bool:
        """Tell whether the operation is about a stream of trees."""
        return operation.on_stream


def _array(variant: int, *shape: int) -> object:
    return np.full(shape or (4,), float(variant), dtype=np.float32)


def _one_leaf(variant: int) -> object:
    return _array(variant)


def _mixed(variant: int) -> object:
    base = 10 * variant
    return [base + 1, {"k1": base + 2, "k2": (base + 3, base + 4)}, base + 5]


def _linear(variant: int) -> object:
    return {"W": _array(variant, 10, 5), "b": _array(variant, 5)}


def _mlp(variant: int) -> object:
    widths = [1, 128, 128, 1]
    return [
        {"weights": _array(variant, rows, columns), "biases": _array(variant, columns)}
        for rows, columns in itertools.pairwise(widths)
    ]


def _transformer(variant: int) -> object:
    blocks = {
        f"block_{index}": {
            layer: {name: _array(variant) for name in names}
            for layer, names in BLOCK_LAYOUT.items()
        }
        for index in range(BLOCKS)
    }
    return {
        "embedding": {"tokens": _array(variant), "positions": _array(variant)},
        "blocks": blocks,
        "final_norm": {"scale": _array(variant)},
    }


def _adam(variant: int) -> object:
    moments = AdamState(_array(variant), _transformer(variant), _transformer(variant))
    return (EmptyState(), moments, ScheduleState(_array(variant)))


def _state_dict(variant: int) -> object:
    layers = [
        f"layers.{index}.{part}"
        for index in range(16)
        for part in (
            *(f"attention.{name}.{kind}" for name in ("qkv", "out") for kind in ("weight", "bias")),
            *(f"mlp.{name}.{kind}" for name in ("up", "down") for kind in ("weight", "bias")),
            *(f"norm{number}.{kind}" for number in (1, 2) for kind in ("weight", "bias")),
        )
    ]
    outer = [
        f"{part}.{kind}"
        for part in ("embedding", "position", "norm", "head")
        for kind in ("weight", "bias")
    ]
    return OrderedDict((name, _array(variant)) for name in outer + layers)


def _wide_dict(variant: int) -> object:
    names = [f"token_{index}" for index in range(1000)]
    random.Random(0).shuffle(names)
    return {name: float(variant) + index for index, name in enumerate(names)}


def long_list(variant: int, size: int = 10_000) -> list[object]:
    """Return a list of leaves."""
    return [float(variant) + index for index in range(size)]


def _deep(variant: int) -> object:
    tree: object = _array(variant)
    for depth in range(33):
        tree = {"next": [_array(variant), (tree, float(depth))]}
    return [tree]


def _registered(variant: int) -> object:
    return [Segment(_array(variant), _array(variant), f"track {index % 4}") for index in range(200)]


def _dataclasses(variant: int) -> object:
    return [Particle(_array(variant), _array(variant)) for _ in range(200)]


def _layer(variant: int, in_features: int = WIDTH, out_features: int = WIDTH) -> Linear:
    return Linear(_array(variant), _array(variant), in_features, out_features)


def _norm(variant: int) -> Norm:
    return Norm(_array(variant), _array(variant))


def _block(variant: int, index: int) -> Block:
    query, key, value, output = (_layer(variant) for _ in range(4))
    up, down = _layer(variant, WIDTH, 4 * WIDTH), _layer(variant, 4 * WIDTH, WIDTH)
    return Block(
        _norm(variant),
        Attention(query, key, value, output, heads=8),
        _norm(variant),
        Mlp(up, down, gelu),
        f"block_{index}",
    )


def _model(variant: int) -> Model:
    return Model(
        _array(variant),
        _array(variant),
        [_block(variant, index) for index in range(MODEL_BLOCKS)],
        _norm(variant),
        _layer(variant),
        "transformer",
    )


def _model_dicts(variant: int) -> object:
    return as_dicts(_model(variant))


def _namedtuples(variant: int) -> object:
    return [Transition(_array(variant), float(index), float(variant)) for index in range(200)]


def records(variant: int, size: int = 2000) -> list[object]:
    """Return a list of records of six leaves each."""
    base = 1000.0 * variant
    return [
        {
            "id": 10_000 * (variant + 1) + index,
            "x": (base + index, base - index),
            "y": [base + 1, base + 2, base + 3],
        }
        for index in range(size)
    ]


WORKLOADS = (
    Workload("leaf", "one leaf, a numpy array", _one_leaf),
    Workload("mixed", "[1, {'k1': 2, 'k2': (3, 4)}, 5]", _mixed),
    Workload("linear", "parameters of a linear regression: a dict of two arrays", _linear),
    Workload("mlp", "parameters of an MLP [1, 128, 128, 1]: a list of three dicts", _mlp),
    Workload("transformer", "parameters of a transformer: nested dicts, 195 leaves", _transformer),
    Workload("adam", "Adam state of the transformer: namedtuples over it, 392 leaves", _adam),
    Workload("state_dict", "OrderedDict of 200 dotted names", _state_dict),
    Workload("dict_1000", "dict of 1,000 keys in no order", _wide_dict),
    Workload("list_10000", "list of 10,000 leaves", long_list),
    Workload("deep_100", "lists, tuples and dicts nested 100 deep", _deep),
    Workload("registered", "200 objects of a class with Python flatten functions", _registered),
    Workload("dataclasses", "200 dataclasses of two fields", _dataclasses),
    Workload(MODEL, "a transformer of nested dataclasses, static fields, 198 leaves", _model),
    Workload(MODEL_DICTS, "the same leaves in nested dicts", _model_dicts),
    Workload("namedtuples", "200 namedtuples of three fields", _namedtuples),
    Workload("records", "2,000 records {'id', 'x': (2), 'y': [3]}", records),
    Stream(
        "cold_dicts",
        "6,000 unlike nests of dicts, random keys",
        lambda size: stream_of(size, dict_of),
    ),
    Stream(
        "cold_sequences",
        "6,000 unlike nests of lists and tuples",
        lambda size: stream_of(size, list_of, tuple_of),
    ),
    Stream(
        "cold_mixed",
        "6,000 unlike nests of dicts, lists and tuples",
        lambda size: stream_of(size, dict_of, list_of, tuple_of),
    ),
)
