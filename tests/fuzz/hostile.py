"""Steps with user code that changes the tree while the core is in it: any error, but no crash."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fuzz.changing import change, containers_in
from fuzz.untrusted import refuse_system_error
from fuzz.world import World
from outcomes import outcome


class Hostile:
    """A function that changes a tree in its n-th call."""

    def __init__(self, world: World, tree: Any, wait: int) -> None:
        self.world = world
        self.tree = tree
        self.wait = wait

    def __call__(self, *arguments: Any) -> Any:
        self.wait -= 1
        if -4 < self.wait < 0:
            for target in containers_in(self.tree, self.world.classes):
                if self.world.reader.yes():
                    change(self.world, target, [object()])
        return arguments[-1] is None


def hostile(world: World) -> None:
    """Walks of the core with functions that change what is walked."""
    tree, other = world.twin(), world.twin()
    world.note("hostile", tree, other)
    act = Hostile(world, world.reader.choice([tree, other]), world.reader.randrange(12))
    lw, registry = world.core.lw, world.core.registry
    options = {"registry": registry}
    prefix = outcome(lambda: lw.tree_structure(tree, **options))[1]
    calls: list[Callable[[], Any]] = [
        lambda: lw.tree_flatten(tree, act, **options),
        lambda: lw.tree_flatten_with_path(tree, act, **options),
        lambda: list(lw.tree_iter(tree, act, **options)),
        lambda: lw.tree_map(act, tree, other, is_leaf=act, **options),
        lambda: lw.tree_map_with_path(act, tree, other, **options),
        lambda: lw.prefix_errors(tree, other, act, **options),
        lambda: lw.tree_diff(tree, other, act, **options),
        lambda: lw.tree_broadcast(tree, other, act, **options),
        lambda: lw.tree_reduce(act, tree, **options),
        lambda: [act(leaf) for leaf in lw.tree_iter(tree, **options)],
        lambda: prefix.unflatten(act(leaf) for leaf in range(prefix.num_leaves)),
        lambda: prefix.walk(act, act, [tree] * prefix.num_leaves),
    ]
    for _ in range(2):
        number = world.reader.randrange(len(calls))
        world.note(f"hostile call {number}")
        refuse_system_error(outcome(calls[number]))


STEPS: list[Callable[[World], None]] = [hostile]
