"""Random trees: the C++ core and the reference give the same answers and the same errors."""

from __future__ import annotations

import copy
import functools
import pickle
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import leafwise
import leafwise.reference
from nodes import describe
from outcomes import ids, outcome, show_flat, show_paths, show_treedef, summary
from strategies import tree_pairs, trees, trees_with_any_keys

reference = leafwise.reference

PREDICATES: dict[str, Callable[[Any], Any]] = {
    "none": lambda node: None,
    "all": lambda node: True,
    "None": lambda node: node is None,
    "tuples": lambda node: isinstance(node, tuple),
    "dicts": lambda node: isinstance(node, dict),
    "falsy": lambda node: isinstance(node, (list, dict)) and not node,
    "odd answer": lambda node: 0 if isinstance(node, str) else False,
}
predicates = st.sampled_from(sorted(PREDICATES)).map(PREDICATES.__getitem__)


def assert_same(call: Callable[[Any], Any], show: Callable[[Any], Any] = describe) -> Any:
    """`call(lw)` did the same on both implementations; what it returned there, or None."""
    ours, theirs = (outcome(lambda lw=lw: call(lw)) for lw in (leafwise, reference))
    assert summary(ours, show) == summary(theirs, show)
    return (ours[1], theirs[1]) if ours[0] == "returned" else None


@given(trees_with_any_keys, st.booleans())
def test_flatten(tree: Any, none_is_leaf: bool) -> None:
    options = {"none_is_leaf": none_is_leaf}
    assert_same(lambda lw: lw.tree_flatten(tree, **options), show_flat)
    assert_same(lambda lw: lw.tree_leaves(tree, **options), ids)
    assert_same(lambda lw: lw.tree_structure(tree, **options), show_treedef)


@given(trees_with_any_keys, predicates, st.booleans())
def test_flatten_with_a_predicate(tree: Any, is_leaf: Any, none_is_leaf: bool) -> None:
    def flatten(lw: Any) -> Any:
        seen: list[int] = []

        def noting(node: Any) -> Any:
            seen.append(id(node))
            return is_leaf(node)

        result = lw.tree_flatten(tree, is_leaf=noting, none_is_leaf=none_is_leaf)
        return result, seen

    assert_same(flatten, lambda result: (show_flat(result[0]), result[1]))


@given(trees_with_any_keys, st.booleans())
def test_paths(tree: Any, none_is_leaf: bool) -> None:
    def flatten(lw: Any) -> Any:
        return lw.tree_flatten_with_path(tree, none_is_leaf=none_is_leaf)

    assert_same(flatten, lambda result: (show_paths(result[0]), show_treedef(result[1])))
    assert_same(
        lambda lw: [lw.keystr(path, simple=True, separator="/") for path, _ in flatten(lw)[0]],
        list,
    )


@given(trees, st.integers(0, 3))
def test_paths_given_to_the_predicate(tree: Any, depth: int) -> None:
    def flatten(lw: Any) -> Any:
        return lw.tree_leaves_with_path(
            tree, is_leaf=lambda path, node: len(path) == depth, is_leaf_takes_path=True
        )

    assert_same(flatten, show_paths)


@given(trees)
def test_rebuilding(tree: Any) -> None:
    def rebuild(lw: Any) -> Any:
        leaves, treedef = lw.tree_flatten(tree)
        return lw.tree_unflatten(treedef, iter(leaves))

    rebuilt = assert_same(rebuild)
    for lw, twin in zip((leafwise, reference), rebuilt):
        assert ids(lw.tree_leaves(twin)) == ids(lw.tree_leaves(tree))
        assert lw.tree_structure(twin) == lw.tree_structure(tree)
        assert hash(lw.tree_structure(twin)) == hash(lw.tree_structure(tree))


@given(trees, st.lists(st.integers(), max_size=4))
def test_rebuilding_from_other_leaves(tree: Any, leaves: list[int]) -> None:
    assert_same(lambda lw: lw.tree_structure(tree).unflatten(leaves))
    assert_same(
        lambda lw: lw.tree_structure(tree).walk(lambda c, data: (c, repr(data)), None, leaves),
        repr,
    )


@given(trees_with_any_keys)
def test_one_level(tree: Any) -> None:
    def show(result: Any) -> Any:
        children, aux = result
        return type(children), ids(children), repr(aux)

    def show_with_keys(result: Any) -> Any:
        pairs, aux = result
        return type(pairs), [(repr(key), id(child)) for key, child in pairs], repr(aux)

    assert_same(lambda lw: lw.flatten_one_level(tree), lambda result: show(result)[1:])
    assert_same(lambda lw: lw.flatten_one_level_with_keys(tree), lambda r: show_with_keys(r)[1:])
    assert_same(lambda lw: lw.is_tree_node(type(tree)))
    assert_same(lambda lw: lw.all_leaves([tree]))


@given(trees, trees)
def test_structures(tree: Any, other: Any) -> None:
    def compare(lw: Any) -> Any:
        left, right = lw.tree_structure(tree), lw.tree_structure(other)
        return left == right, left != right, left == lw.tree_structure(tree)

    assert_same(compare, repr)
    assert_same(lambda lw: lw.tree_structure(tree).compose(lw.tree_structure(other)), show_treedef)
    assert_same(
        lambda lw: lw.treedef_tuple([lw.tree_structure(tree), lw.tree_structure(other)]),
        show_treedef,
    )
    assert_same(
        lambda lw: lw.tree_structure(tree).children(),
        lambda children: [show_treedef(child) for child in children],
    )


@given(trees)
def test_equal_structures_hash_alike(tree: Any) -> None:
    for lw in (leafwise, reference):
        treedef = lw.tree_structure(tree)
        twin = lw.tree_structure(lw.tree_map(lambda leaf: None.__class__, tree))
        assert treedef == twin
        assert hash(treedef) == hash(twin)


@given(trees)
def test_copies(tree: Any) -> None:
    for lw in (leafwise, reference):
        treedef = lw.tree_structure(tree)
        copies = [copy.copy(treedef), copy.deepcopy(treedef), pickle.loads(pickle.dumps(treedef))]
        for twin in copies:
            assert show_treedef(twin) == show_treedef(treedef)
            assert twin == treedef
            assert hash(twin) == hash(treedef)


@given(tree_pairs)
def test_mapping_over_two_trees(pair: Any) -> None:
    tree, other = pair
    assert_same(lambda lw: lw.tree_map(lambda x, y: y, tree, other))
    assert_same(
        lambda lw: lw.tree_map_with_path(lambda path, x, y: repr((path, id(y))), *pair), repr_tree
    )
    assert_same(lambda lw: lw.tree_map(lambda *xs: xs[-1], tree, tree, other))
    assert_same(lambda lw: lw.tree_map(lambda x, y: y, tree, other, none_is_leaf=True))


def repr_tree(tree: Any) -> Any:
    """Leaves are new strings here, so they are compared by value."""
    return leafwise.tree_leaves(tree), repr(leafwise.tree_structure(tree))


@given(tree_pairs)
def test_flatten_up_to(pair: Any) -> None:
    tree, other = pair
    assert_same(lambda lw: lw.tree_structure(tree).flatten_up_to(other), ids)
    assert_same(lambda lw: lw.tree_structure(other).flatten_up_to(tree), ids)


@given(tree_pairs, predicates)
def test_broadcast(pair: Any, is_leaf: Any) -> None:
    assert_same(lambda lw: lw.tree_broadcast(*pair))
    assert_same(lambda lw: lw.tree_broadcast(*pair, is_leaf=is_leaf))


@functools.lru_cache(maxsize=1)
def numbers(count: int) -> list[int]:
    """The same objects for both: results are compared by the identity of their leaves."""
    return list(range(count))


@given(tree_pairs, trees)
def test_transpose(pair: Any, tree: Any) -> None:
    def transpose(lw: Any) -> Any:
        outer, inner = (lw.tree_structure(part) for part in pair)
        return lw.tree_transpose(outer, inner, tree)

    def transpose_composed(lw: Any) -> Any:
        outer, inner = (lw.tree_structure(part) for part in pair)
        composed = outer.compose(inner)
        return lw.tree_transpose(outer, inner, composed.unflatten(numbers(composed.num_leaves)))

    def transpose_inferred(lw: Any) -> Any:
        return lw.tree_transpose(lw.tree_structure(pair[0]), None, pair[1])

    assert_same(transpose)
    assert_same(transpose_composed)
    assert_same(transpose_inferred)


@given(trees)
def test_reducing(tree: Any) -> None:
    assert_same(lambda lw: lw.tree_reduce(lambda a, b: [a, b], tree), repr)
    assert_same(lambda lw: lw.tree_reduce(lambda a, b: [a, b], tree, None), repr)
    assert_same(lambda lw: lw.tree_all(tree), repr)
    assert_same(lambda lw: lw.tree_any(tree), repr)
    assert_same(lambda lw: list(lw.tree_iter(tree)), ids)
    assert_same(lambda lw: lw.tree_reduce_associative(lambda a, b: [a, b], tree), repr)


@given(tree_pairs, predicates)
def test_diagnostics(pair: Any, is_leaf: Any) -> None:
    def show(result: Any) -> Any:
        return [(repr(path), *map(str, texts)) for path, *texts in result]

    def show_diff(result: Any) -> Any:
        return str(result), [(repr(each.path), each.expected, each.got) for each in result]

    assert_same(lambda lw: [str(make("x")) for make in lw.prefix_errors(*pair, is_leaf)], list)
    assert_same(lambda lw: list(lw.equality_errors(*pair, is_leaf)), show)
    assert_same(lambda lw: list(lw.equality_errors_pytreedef(*map(lw.tree_structure, pair))), show)
    assert_same(lambda lw: lw.tree_diff(*pair, is_leaf), show_diff)
    assert_same(lambda lw: lw.tree_diff(*pair, compare=lambda x, y: x is y), show_diff)


@given(tree_pairs)
def test_broadcasting_leaves(pair: Any) -> None:
    def broadcast(lw: Any) -> Any:
        leaves, prefix = lw.tree_flatten(pair[0])
        full = lw.tree_structure(pair[1])
        return lw.broadcast_flattened_prefix_with_treedef(leaves, prefix, full)

    assert_same(broadcast, ids)
    assert_same(lambda lw: lw.broadcast_prefix(*pair), ids)
