"""Random trees: both implementations give what jax gives, except where leafwise means to differ."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nodes import Pair, describe, register_all
from outcomes import LONG, ids, outcome, show_paths, without_place
from strategies import tree_pairs, trees, trees_with_any_keys

pytest.importorskip("jax", reason="jax is in the extra `peers`")

from jax import tree_util as jtu
from jax._src import tree_util as jax_tree_util

register_all(jtu)

# What a text of jax says where leafwise says something else, and why. Also: a text longer than LONG
# is not compared, as leafwise shortens values; of several mismatches `flatten_up_to` names the
# first, in jax the last; without leaves in the outer tree `tree_transpose` works, but not in jax.
DEVIATIONS = {
    "different numbers of pytree children": "keys are printed as `['b']`, in jax 0.10.2 as `b`",
}
# What jax raises on the way to saying why trees do not match; leafwise says it.
DEFECTS = {
    "object has no attribute 'key'": "jax 0.10.2 prints `key.key`, which other keys do not have",
}


def jax_outcome(call: Callable[[Any], Any]) -> tuple[str, Any]:
    """What jax does, in a thread of its own: each flatten that fails there (0.10.2) takes away one
    level of recursion for good, from the thread that it ran in."""
    found = []
    thread = threading.Thread(target=lambda: found.append(outcome(lambda: call(jtu))))
    thread.start()
    thread.join()
    return found[0]


def assert_like_jax(
    lw: ModuleType,
    call: Callable[[Any], Any],
    show: Callable[[Any], Any] = describe,
    same_text: bool = True,
) -> None:
    """The same value, or an exception that an `except` written for jax catches, and its text.

    The last of three times the structures are remembered.
    """
    theirs = jax_outcome(call)
    expected = show(theirs[1]) if theirs[0] == "returned" else None
    for ours in [outcome(lambda: call(lw)) for _ in range(3)]:
        assert ours[0] == theirs[0], (ours, theirs)
        if ours[0] == "returned":
            assert show(ours[1]) == expected
            continue
        if any(words in str(theirs[1]) for words in DEFECTS):
            assert isinstance(ours[1], lw.PyTreeMismatchError)
            continue
        assert isinstance(ours[1], type(theirs[1])), (ours, theirs)
        text = without_place(str(theirs[1]))
        if same_text and len(text) < LONG and not any(words in text for words in DEVIATIONS):
            assert without_place(str(ours[1])) == text


def mismatches(tree: Any, other: Any) -> int:
    """At how many places `other` does not fit the prefix `tree`."""
    if not jtu.is_tree_node(type(tree)):
        return 0
    if type(tree) is not type(other):
        return 1
    (left, left_aux), (right, right_aux) = map(jtu.flatten_one_level, (tree, other))
    lefts, rights = list(left), list(right)
    if len(lefts) != len(rights) or left_aux != right_aux:
        return 1
    return sum(map(mismatches, lefts, rights))


def show_treedef(treedef: Any) -> Any:
    return repr(treedef), treedef.num_leaves, treedef.num_nodes, repr(treedef.node_data())


def show_flat(result: Any) -> Any:
    leaves, treedef = result
    return ids(leaves), show_treedef(treedef)


@given(tree=trees_with_any_keys)
def test_flatten(lw: ModuleType, tree: Any) -> None:
    assert_like_jax(lw, lambda tu: tu.tree_flatten(tree), show_flat)
    assert_like_jax(lw, lambda tu: tu.tree_leaves(tree), ids)
    assert_like_jax(lw, lambda tu: tu.tree_structure(tree), show_treedef)


@given(tree=trees_with_any_keys, kind=st.sampled_from([tuple, dict, Pair, type(None), int]))
def test_flatten_with_a_predicate(lw: ModuleType, tree: Any, kind: type) -> None:
    def flatten(tu: Any) -> Any:
        seen: list[int] = []

        def is_leaf(node: Any) -> bool:
            seen.append(id(node))
            return type(node) is kind

        return tu.tree_flatten(tree, is_leaf=is_leaf), seen

    assert_like_jax(lw, flatten, lambda result: (show_flat(result[0]), result[1]))


@given(tree=trees_with_any_keys)
def test_paths(lw: ModuleType, tree: Any) -> None:
    def show(result: Any) -> Any:
        return show_paths(result[0]), show_treedef(result[1])

    assert_like_jax(lw, lambda tu: tu.tree_flatten_with_path(tree), show)
    assert_like_jax(
        lw, lambda tu: [tu.keystr(path) for path, _ in tu.tree_leaves_with_path(tree)], list
    )
    assert_like_jax(
        lw,
        lambda tu: tu.tree_leaves_with_path(
            tree, is_leaf=lambda path, node: len(path) == 1, is_leaf_takes_path=True
        ),
        show_paths,
    )


@given(tree=trees)
def test_rebuilding(lw: ModuleType, tree: Any) -> None:
    def rebuild(tu: Any) -> Any:
        leaves, treedef = tu.tree_flatten(tree)
        return tu.tree_unflatten(treedef, leaves)

    assert_like_jax(lw, rebuild)


@given(tree=trees, leaves=st.lists(st.integers(), max_size=4))
def test_rebuilding_from_other_leaves(lw: ModuleType, tree: Any, leaves: list[int]) -> None:
    assert_like_jax(lw, lambda tu: tu.tree_structure(tree).unflatten(leaves))
    assert_like_jax(
        lw,
        lambda tu: tu.tree_structure(tree).walk(lambda c, data: (c, data), lambda x: x, leaves),
        repr,
    )


@given(tree=trees_with_any_keys)
def test_one_level(lw: ModuleType, tree: Any) -> None:
    def show(result: Any) -> Any:
        children, aux = result
        return ids(children), repr(aux)

    assert_like_jax(lw, lambda tu: tu.flatten_one_level(tree), show)
    assert_like_jax(lw, lambda tu: tu.is_tree_node(type(tree)))
    assert_like_jax(lw, lambda tu: tu.all_leaves([tree, 1]))


@given(tree=trees, other=trees)
def test_structures(lw: ModuleType, tree: Any, other: Any) -> None:
    def compare(tu: Any) -> Any:
        left, right = tu.tree_structure(tree), tu.tree_structure(other)
        return left == right, left == tu.tree_structure(tree)

    assert_like_jax(lw, compare)
    assert_like_jax(
        lw, lambda tu: tu.tree_structure(tree).compose(tu.tree_structure(other)), show_treedef
    )
    assert_like_jax(
        lw,
        lambda tu: tu.treedef_tuple([tu.tree_structure(tree), tu.tree_structure(other)]),
        show_treedef,
    )


@given(pair=tree_pairs)
def test_flatten_up_to(lw: ModuleType, pair: Any) -> None:
    one = mismatches(*pair) == 1
    assert_like_jax(lw, lambda tu: tu.tree_structure(pair[0]).flatten_up_to(pair[1]), ids, one)


@given(pair=tree_pairs)
def test_mapping(lw: ModuleType, pair: Any) -> None:
    assert_like_jax(lw, lambda tu: tu.tree_map(lambda x, y: y, *pair))
    assert_like_jax(lw, lambda tu: tu.tree_map(lambda x, y, z: y, pair[0], *pair))
    assert_like_jax(lw, lambda tu: tu.tree_map_with_path(lambda path, x, y: y, *pair))


@given(pair=tree_pairs)
def test_broadcast(lw: ModuleType, pair: Any) -> None:
    assert_like_jax(lw, lambda tu: tu.tree_broadcast(*pair))


@given(pair=tree_pairs, extra=st.sampled_from([0, 0, 0, 1]))
def test_transpose(lw: ModuleType, pair: Any, extra: int) -> None:
    outer_tree, inner_tree = pair
    assume(jtu.tree_leaves(outer_tree))

    def transpose(tu: Any) -> Any:
        outer, inner = tu.tree_structure(outer_tree), tu.tree_structure(inner_tree)
        composed = outer.compose(inner)
        tree = composed.unflatten(numbers[: composed.num_leaves])
        return tu.tree_transpose(outer, inner, [tree] * (1 + extra))

    numbers = [object() for _ in range(400)]
    assert_like_jax(lw, transpose)
    assert_like_jax(
        lw,
        lambda tu: tu.tree_transpose(tu.tree_structure(outer_tree), None, inner_tree),
        same_text=mismatches(outer_tree, inner_tree) == 1,
    )


@given(tree=trees)
def test_reducing(lw: ModuleType, tree: Any) -> None:
    assert_like_jax(lw, lambda tu: tu.tree_reduce(lambda a, b: [a, b], tree), repr)
    assert_like_jax(lw, lambda tu: tu.tree_all(tree))
    assert_like_jax(lw, lambda tu: tu.tree_all(tree, is_leaf=lambda node: type(node) is Pair))
    assert_like_jax(lw, lambda tu: tu.tree_reduce_associative(lambda a, b: [a, b], tree), repr)


def private(tu: Any) -> Any:
    """Where the functions are that are public here, and in jax are not."""
    return jax_tree_util if tu is jtu else tu


def show_unequal(tu: Any, errors: Any) -> Any:
    """Paths, texts and explanations; jax gives the keys in no order, and none if one is a name."""
    return [
        (tu.keystr(path), one, two, why.split(", with the symmetric difference")[0])
        for path, one, two, why in errors
    ]


@given(pair=tree_pairs)
def test_equality_errors(lw: ModuleType, pair: Any) -> None:
    assert_like_jax(lw, lambda tu: show_unequal(tu, private(tu).equality_errors(*pair)), list)
    assert_like_jax(
        lw,
        lambda tu: show_unequal(
            tu, private(tu).equality_errors_pytreedef(*map(tu.tree_structure, pair))
        ),
        list,
    )


@given(pair=tree_pairs)
def test_prefix_errors(lw: ModuleType, pair: Any) -> None:
    def find(tu: Any) -> list[str]:
        errors = [make_error("name") for make_error in private(tu).prefix_errors(*pair)]
        return [without_place(str(error)) for error in errors]

    def same_in_both(texts: list[str]) -> list[str]:
        return [text for text in texts if not any(words in text for words in DEVIATIONS)]

    kind, theirs = jax_outcome(find)
    if kind == "raised":
        assert any(words in str(theirs) for words in DEFECTS), theirs
        # What jax fell over is among the texts in which leafwise differs on purpose.
        assert same_in_both(find(lw)) != find(lw)
        return
    assert same_in_both(find(lw)) == same_in_both(theirs)


@given(pair=tree_pairs)
def test_broadcasting_a_prefix(lw: ModuleType, pair: Any) -> None:
    assert_like_jax(lw, lambda tu: private(tu).broadcast_prefix(*pair), ids)

    def broadcast(tu: Any) -> Any:
        prefix, full = map(tu.tree_structure, pair)
        leaves = tu.tree_leaves(pair[0])
        return private(tu).broadcast_flattened_prefix_with_treedef(leaves, prefix, full)

    assert_like_jax(lw, broadcast, ids, same_text=False)


@given(tree=trees)
def test_paths_and_registries(lw: ModuleType, tree: Any) -> None:
    assert_like_jax(lw, lambda tu: private(tu).generate_key_paths(tree), show_paths)
    assert_like_jax(
        lw, lambda tu: private(tu).treedef_is_strict_leaf(tu.tree_structure(tree)), bool
    )
    expected = jax_tree_util.none_leaf_registry.flatten(tree)
    found = lw.tree_flatten(tree, registry=lw.none_leaf_registry)
    assert show_flat(found) == show_flat(expected)
