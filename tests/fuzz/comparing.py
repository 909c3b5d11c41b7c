"""Steps that do the same with core and reference."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from typing import Any

from fuzz.predicates import function, predicate
from fuzz.reader import Reader
from fuzz.sizes import count_nodes
from fuzz.world import MAX_LEAVES, Side, World, require
from outcomes import ids, outcome, show_flat, show_paths, show_treedef

# So many nodes at most may come of repeating one tree over another.
MAX_BROADCAST = 3000


def flatten(world: World) -> None:
    tree, is_leaf, none_is_leaf = world.tree(), predicate(world.reader), world.reader.yes()

    def options(side: Side) -> Any:
        return {"is_leaf": is_leaf(), "none_is_leaf": none_is_leaf, "registry": side.registry}

    made = world.same(
        "tree_flatten", lambda side: side.lw.tree_flatten(tree, **options(side)), show_flat
    )
    world.same("tree_leaves", lambda side: side.lw.tree_leaves(tree, **options(side)), ids)
    world.same(
        "tree_structure", lambda side: side.lw.tree_structure(tree, **options(side)), show_treedef
    )
    world.same("tree_iter", lambda side: list(side.lw.tree_iter(tree, **options(side))), ids)
    if made:
        world.keep([treedef for _, treedef in made])


def flatten_with_path(world: World) -> None:
    tree, is_leaf, none_is_leaf = world.tree(), predicate(world.reader), world.reader.yes()
    takes_path, simple = world.reader.yes(), world.reader.yes()

    def call(side: Side) -> Any:
        return side.lw.tree_flatten_with_path(
            tree, is_leaf(), takes_path, none_is_leaf=none_is_leaf, registry=side.registry
        )

    made = world.same(
        "tree_flatten_with_path",
        call,
        lambda result: (show_paths(result[0]), show_treedef(result[1])),
    )
    world.same(
        "keystr",
        lambda side: [side.lw.keystr(path, simple=simple) for path, _ in call(side)[0]],
        repr,
    )
    if made:
        world.keep([treedef for _, treedef in made])


def round_trip(world: World) -> None:
    """Unflatten what was just flattened."""
    tree = world.tree()

    def call(side: Side) -> Any:
        leaves, treedef = side.lw.tree_flatten(tree, registry=side.registry)
        return side.lw.tree_unflatten(treedef, leaves)

    world.same("tree_unflatten of tree_flatten", call)


def unflatten(world: World) -> None:
    """Other leaves, maybe too few or too many, in any iterable."""
    treedef = world.treedef()
    more = world.reader.choice([0, 0, 0, 1, -1])
    leaves = list(range(max(0, treedef(world.core).num_leaves + more)))
    make: Callable[[Any], Any] = world.reader.choice(
        [list, tuple, iter, dict.fromkeys, lambda leaves: (leaf for leaf in leaves)]
    )
    world.same("unflatten", lambda side: treedef(side).unflatten(make(leaves)))


def walk(world: World) -> None:
    treedef = world.treedef()
    leaves = list(range(treedef(world.core).num_leaves))
    f_leaf = world.reader.choice([None, str])

    def call(side: Side) -> Any:
        return treedef(side).walk(lambda children, data: (children, repr(data)), f_leaf, leaves)

    world.same("walk", call, repr)


def flatten_up_to(world: World) -> None:
    treedef, tree = world.treedef(), world.tree()
    world.same("flatten_up_to", lambda side: treedef(side).flatten_up_to(tree), ids)


def map_trees(world: World) -> None:
    trees = [world.tree() for _ in range(1 + world.reader.randrange(3))]
    f, is_leaf, none_is_leaf = function(world.reader), predicate(world.reader), world.reader.yes()
    with_path = world.reader.yes()

    def call(side: Side) -> Any:
        options = {"is_leaf": is_leaf(), "none_is_leaf": none_is_leaf, "registry": side.registry}
        if not with_path:
            return side.lw.tree_map(f(), *trees, **options)
        mapped = f()
        return side.lw.tree_map_with_path(
            lambda path, *leaves: [repr(path), mapped(*leaves)], *trees, **options
        )

    world.same(f"map {len(trees)} trees, {with_path=}", call)


def one_level(world: World) -> None:
    tree, none_is_leaf = world.tree(), world.reader.yes()

    def options(side: Side) -> Any:
        return {"none_is_leaf": none_is_leaf, "registry": side.registry}

    world.same(
        "flatten_one_level",
        lambda side: side.lw.flatten_one_level(tree, **options(side)),
        lambda result: (ids(result[0]), repr(result[1])),
    )
    world.same(
        "flatten_one_level_with_keys",
        lambda side: side.lw.flatten_one_level_with_keys(tree, **options(side)),
        lambda result: ([(repr(key), id(child)) for key, child in result[0]], repr(result[1])),
    )
    world.same("all_leaves", lambda side: side.lw.all_leaves([tree], **options(side)))


def compose(world: World) -> None:
    outer, inner = world.treedef(), world.treedef()
    as_tuple = world.reader.yes()
    if outer(world.core).num_leaves * inner(world.core).num_leaves > MAX_LEAVES:
        return

    def call(side: Side) -> Any:
        if as_tuple:
            return side.lw.treedef_tuple([outer(side), inner(side)])
        return outer(side).compose(inner(side))

    made = world.same("treedef_tuple" if as_tuple else "compose", call, show_treedef)
    if made:
        world.keep(made)


def children(world: World) -> None:
    treedef = world.treedef()
    made = world.same(
        "children",
        lambda side: side.lw.treedef_children(treedef(side)),
        lambda children: [show_treedef(child) for child in children],
    )
    for pair in zip(*(made or ())):
        world.keep(pair)


def equal(world: World) -> None:
    left, right = world.treedef(), world.treedef()
    made = world.same(
        "equal", lambda side: (left(side) == right(side), left(side) != right(side)), repr
    )
    if made and made[0][0]:
        hashes = outcome(lambda: (hash(left(world.core)), hash(right(world.core))))
        if hashes[0] == "returned":
            require(hashes[1][0] == hashes[1][1], "equal treedefs do not hash alike")


def transpose(world: World) -> None:
    outer, inner, tree = world.treedef(), world.treedef(), world.tree()
    what = world.reader.randrange(3)

    def call(side: Side) -> Any:
        arguments = outer(side), inner(side)
        if what == 0:
            return side.lw.tree_transpose(*arguments, tree)
        if what == 1:
            return side.lw.tree_transpose(arguments[0], None, tree)
        composed = arguments[0].compose(arguments[1])
        return side.lw.tree_transpose(*arguments, composed.unflatten(range(composed.num_leaves)))

    if outer(world.core).num_leaves * inner(world.core).num_leaves <= MAX_LEAVES:
        world.same("tree_transpose", call)


def broadcast(world: World) -> None:
    prefix, full, is_leaf = world.tree(), world.tree(), predicate(world.reader)
    sizes = [count_nodes(tree, world.classes, MAX_BROADCAST) for tree in (prefix, full)]
    if math.prod(sizes) > MAX_BROADCAST:
        return
    what = world.reader.choice(["tree_broadcast", "broadcast_prefix"])

    def call(side: Side) -> Any:
        options = {"is_leaf": is_leaf(), "registry": side.registry}
        return getattr(side.lw, what)(prefix, full, **options)

    world.same(what, call)


def explain(world: World) -> None:
    one, other, is_leaf = world.tree(), world.tree(), predicate(world.reader)

    def show_errors(result: Any) -> Any:
        return [(repr(path), *map(str, texts)) for path, *texts in result]

    def show_diff(result: Any) -> Any:
        return str(result), [(repr(each.path), each.expected, each.got) for each in result]

    def options(side: Side) -> Any:
        return {"is_leaf": is_leaf(), "registry": side.registry}

    world.same(
        "prefix_errors",
        lambda side: [str(f("x")) for f in side.lw.prefix_errors(one, other, **options(side))],
        list,
    )
    world.same(
        "equality_errors",
        lambda side: list(side.lw.equality_errors(one, other, **options(side))),
        show_errors,
    )
    world.same("tree_diff", lambda side: side.lw.tree_diff(one, other, **options(side)), show_diff)


def reduce(world: World) -> None:
    tree, is_leaf, none_is_leaf = world.tree(), predicate(world.reader), world.reader.yes()

    def options(side: Side) -> Any:
        return {"is_leaf": is_leaf(), "none_is_leaf": none_is_leaf, "registry": side.registry}

    def pair(one: Any, other: Any) -> Any:
        return [one, other]

    world.same("tree_reduce", lambda side: side.lw.tree_reduce(pair, tree, **options(side)), repr)
    world.same("tree_all", lambda side: side.lw.tree_all(tree, **options(side)), repr)
    world.same("tree_any", lambda side: side.lw.tree_any(tree, **options(side)), repr)


def pickle_treedef(world: World) -> None:
    treedef = world.treedef()

    def call(side: Side) -> Any:
        twin = pickle.loads(pickle.dumps(treedef(side)))
        # Not its repr, in which metadata may have addresses.
        return twin.num_leaves, twin.num_nodes, twin == treedef(side)

    world.same("pickle", call, repr)


def and_again(step: Callable[[World], None]) -> Callable[[World], None]:
    """The step, which changes repeat: what it asked for is remembered, and may be outdated."""

    def taken(world: World) -> None:
        start = world.reader.place
        step(world)
        data = world.reader.read_since(start)

        def again() -> None:
            reader, world.reader = world.reader, Reader(data)
            step(world)
            world.reader = reader

        world.again = again

    return taken


COMPARISONS: list[Callable[[World], None]] = [
    flatten,
    flatten,
    round_trip,
    flatten,
    flatten_with_path,
    round_trip,
    unflatten,
    walk,
    flatten_up_to,
    map_trees,
    one_level,
    compose,
    children,
    equal,
    transpose,
    broadcast,
    explain,
    reduce,
    pickle_treedef,
]

STEPS = [and_again(step) for step in COMPARISONS]
