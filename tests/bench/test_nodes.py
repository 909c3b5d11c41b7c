from __future__ import annotations

from collections import OrderedDict
from itertools import count

import pytest

from bench.answers import same_tree
from bench.nodes import AdamState, EmptyState, Particle, Segment, filled


@pytest.mark.parametrize(
    "build",
    [
        lambda a, b, c: [a, (b, {"x": c})],
        lambda a, b, c: {"z": a, "y": [b], "x": c},
        lambda a, b, c: OrderedDict(z=a, y=(), x=[b, c]),
        lambda a, b, c: (AdamState(a, b, [c]), EmptyState()),
        lambda a, b, c: [Segment(a, [b], "label"), c],
        lambda a, b, c: Particle((a,), b, c),
    ],
)
def test_a_filled_tree_has_the_same_nodes_and_the_leaves_in_turn(build):
    leaves = (object(), object(), object())
    found = filled(build(1, 2, 3), iter(leaves))
    assert same_tree(found, build(*leaves))


def test_a_filled_dict_keeps_its_order():
    assert list(filled({"b": None, "a": None}, count()).items()) == [("b", 0), ("a", 1)]
