from __future__ import annotations

import pytest

import leafwise
from bench.competitors import SUBJECT, load
from bench.workloads import WORKLOADS, Stream
from interpreter import needs_gil

STREAMS = [workload for workload in WORKLOADS if isinstance(workload, Stream)]
by_stream = pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)


@by_stream
def test_no_two_structures_of_a_stream_are_alike(stream):
    trees = stream.trees()
    taken_apart = [load(SUBJECT).take_apart(stream, tree) for tree in trees]
    assert len({treedef for _, treedef in taken_apart}) == len(trees) == 6000
    assert {len(leaves) for leaves, _ in taken_apart} == set(range(10, 41))


@by_stream
@pytest.mark.usefixtures("short_streams")
def test_a_stream_is_the_same_each_time(stream):
    assert stream.trees() == stream.trees()


@needs_gil("one in twenty is, because the cache looks at less of a tree")
@by_stream
def test_hardly_a_structure_is_remembered_until_it_comes_again(stream):
    trees = stream.trees()
    leafwise.clear_cache()
    for _ in range(3):
        for tree in trees:
            leafwise.tree_flatten(tree)
    info = leafwise.cache_info()
    assert info.hits + info.misses == 3 * len(trees)
    assert info.hits <= 0.02 * 3 * len(trees)
