from __future__ import annotations

from collections import OrderedDict
from itertools import count

import pytest

from bench.answers import same_tree
from bench.nodes import (
    AdamState,
    EmptyState,
    Linear,
    Mlp,
    Particle,
    Segment,
    as_dicts,
    filled,
    gelu,
)


@pytest.mark.parametrize(
    "build",
    [
        lambda a, b, c: [a, (b, {"x": c})],
        lambda a, b, c: {"z": a, "y": [b], "x": c},
        lambda a, b, c: OrderedDict(z=a, y=(), x=[b, c]),
        lambda a, b, c: (AdamState(a, b, [c]), EmptyState()),
        lambda a, b, c: [Segment(a, [b], "label"), c],
        lambda a, b, c: Particle((a,), [b, c]),
        lambda a, b, c: Mlp(Linear(a, b, 1, 2), c, gelu),
    ],
)
def test_a_filled_tree_has_the_same_nodes_and_the_leaves_in_turn(build):
    leaves = (object(), object(), object())
    found = filled(build(1, 2, 3), iter(leaves))
    assert same_tree(found, build(*leaves))


def test_a_filled_dict_keeps_its_order():
    assert list(filled({"b": None, "a": None}, count()).items()) == [("b", 0), ("a", 1)]


def test_a_model_as_dicts_has_the_same_leaves_and_nothing_static():
    model = [Mlp(Linear(1, 2, 3, 4), [Particle(5, 6)], gelu)]
    assert as_dicts(model) == [
        {"up": {"weight": 1, "bias": 2}, "down": [{"position": 5, "velocity": 6}]}
    ]
