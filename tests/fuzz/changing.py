"""Steps that change what may have been remembered: trees, classes, registrations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import leafwise
from fuzz.classes import change_class, new_class, registration, taking_back
from fuzz.growing import KEYS, Grower, metadata
from fuzz.showing import ATTRIBUTES, DICTS
from fuzz.sizes import children_of, count_nodes
from fuzz.world import World, require
from nodes import Plain
from outcomes import outcome, show_flat

# Trees with more nodes are not changed.
MAX_CHANGED = 200


def add_tree(world: World) -> None:
    world.add_tree()


def change_tree(world: World) -> None:
    """Put something else into a container of a tree, or take something out."""
    reader = world.reader
    tree = world.tree()
    found = containers_in(tree, world.classes)
    # What holds one list in many places grows fast when that is changed again and again.
    if not found or count_nodes(tree, world.classes, MAX_CHANGED) == MAX_CHANGED:
        return
    target = reader.choice(found)
    # Without what was made before: that might be around the target.
    value = Grower(reader, world.classes, [], max_nodes=5).grow()
    change(world, target, value)
    world.note("changed to", tree)


def change(world: World, target: Any, value: Any) -> None:
    if isinstance(target, list):
        change_list(world, target, value)
    elif isinstance(target, dict):
        change_dict(world, target, value)
    else:
        # The class may refuse it.
        outcome(lambda: change_attribute(world, target, value))


def containers_in(tree: Any, own: list[type]) -> list[Any]:
    """What can be changed in place, as far as built-in containers and known classes show it."""
    found: dict[int, Any] = {}
    pending = [tree]
    while pending and len(found) < 100:
        node = pending.pop()
        if id(node) in found:
            continue
        if can_be_changed(node, own):
            found[id(node)] = node
        pending.extend(children_of(node, own))
    return list(found.values())


def can_be_changed(node: Any, own: list[type]) -> bool:
    kind = type(node)
    known = kind is list or kind in DICTS or kind in ATTRIBUTES or kind in own
    return (known or isinstance(node, Plain)) and not isinstance(node, tuple)


def change_list(world: World, target: list[Any], value: Any) -> None:
    place = world.reader.randrange(len(target) + 1)
    if world.reader.yes() and place < len(target):
        target[place] = value
        return
    end = place + world.reader.randrange(3)
    target[place:end] = [value] * world.reader.randrange(3)


def change_dict(world: World, target: dict[Any, Any], value: Any) -> None:
    reader = world.reader
    keys = list(target)
    kind = reader.randrange(5)
    if kind == 0 or not keys:
        target[reader.choice(reader.choice(KEYS))] = value
        return
    key = reader.choice(keys)
    if kind == 1:
        target[key] = value
    elif kind == 2:
        del target[key]
    elif kind == 3:
        target[key] = target.pop(key)
    elif isinstance(target, defaultdict):
        target.default_factory = reader.choice([int, list, None])


def change_attribute(world: World, target: Any, value: Any) -> None:
    reader = world.reader
    name = reader.choice(["x", "y", "tag", "left", "right", "label", "name", "_fields"])
    kind = reader.randrange(5)
    if kind == 0:
        setattr(target, name, value)
    elif kind == 1:
        setattr(target, name, metadata(reader))
    elif kind == 2:
        delattr(target, name)
    elif kind == 3:
        vars(target).update({reader.choice(["z", "x"]): value})
    else:
        target.__class__ = reader.choice(world.classes)


def register(world: World) -> None:
    """Register or unregister a class, with the same outcome on both sides."""
    reader = world.reader
    if not world.classes:
        world.classes.append(new_class(reader, []))
    cls = reader.choice(world.classes)
    call = taking_back(cls) if reader.yes(3) else registration(reader, cls)
    world.note("register", cls)
    results = [outcome(lambda side=side: call(side.lw, side.registry)) for side in world.sides]
    ours, theirs = ((verdict, type(value).__name__, str(value)) for verdict, value in results)
    require(ours == theirs, f"registering {cls}\n\ncore: {ours}\n\nreference: {theirs}")


def change_a_class(world: World) -> None:
    if world.classes:
        cls = world.reader.choice(world.classes)
        world.note("class", outcome(lambda: change_class(world.reader, cls)))


def clear_cache(world: World) -> None:
    world.note("clear_cache")
    leafwise.clear_cache()


def then_again(change_something: Callable[[World], None]) -> Callable[[World], None]:
    """A change, or a few, and after each of them what was compared last."""

    def taken(world: World) -> None:
        for _ in range(1 + world.reader.randrange(3)):
            change_something(world)
            world.again()

    return taken


def change_each_place(world: World) -> None:
    """Something else in one place of a tree after the other: each place has to be looked at."""
    tree = world.tree()
    other = Grower(world.reader, world.classes, [], max_nodes=5).grow()
    none_is_leaf = world.reader.yes()

    def flatten() -> None:
        world.same(
            "tree_flatten",
            lambda side: side.lw.tree_flatten(
                tree, none_is_leaf=none_is_leaf, registry=side.registry
            ),
            show_flat,
        )

    flatten()
    for target in containers_in(tree, world.classes)[:8]:
        places: Any = target if isinstance(target, (list, dict)) else vars_of(target)
        for place in list(range(len(places)) if isinstance(places, list) else places)[:4]:
            before = places[place]
            places[place] = other
            world.note(f"at {place!r}:", tree)
            flatten()
            places[place] = before


def vars_of(node: Any) -> dict[str, Any]:
    verdict, value = outcome(lambda: vars(node))
    return value if verdict == "returned" and isinstance(value, dict) else {}


CHANGES: list[Callable[[World], None]] = [
    change_tree,
    change_tree,
    change_tree,
    register,
    change_a_class,
    clear_cache,
]
STEPS = [add_tree, change_each_place, *map(then_again, CHANGES)]
