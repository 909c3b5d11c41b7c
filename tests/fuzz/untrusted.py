"""Steps that give the core what nobody should have trusted: an error, or a treedef that works."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import leafwise
from forging import changed
from fuzz.world import MAX_LEAVES, Difference, World, require
from outcomes import outcome
from remembering import TIMES


def changed_pickle(world: World) -> None:
    """The state of a treedef with something else in up to three places."""
    treedef = world.treedef()(world.core)
    restore, (registry, state) = treedef.__reduce__()
    for _ in range(1 + world.reader.randrange(3)):
        state = changed(state, world.reader)
    world.note("changed pickle", state)
    restored(lambda: restore(registry, state))


def proto(world: World) -> None:
    """The bytes of a treedef, unchanged."""
    treedef = world.treedef()(world.core)
    world.note("proto", treedef)
    verdict, data = outcome(treedef.serialize_using_proto)
    if verdict == "returned":
        read = leafwise.PyTreeDef.deserialize_using_proto(world.core.registry, data)
        require(read == treedef, f"{read} is not {treedef}")


def changed_proto(world: World) -> None:
    treedef = world.treedef()(world.core)
    data = outcome(treedef.serialize_using_proto)[1]
    if not isinstance(data, bytes):
        return
    data = world.reader.changed(data)
    world.note("changed proto", data)
    verdict, value = restored(
        lambda: leafwise.PyTreeDef.deserialize_using_proto(world.core.registry, data)
    )
    if verdict == "returned":
        again = value.serialize_using_proto()
        read = leafwise.PyTreeDef.deserialize_using_proto(world.core.registry, again)
        require(read == value, f"{read} is not {value}")


def restored(restore: Callable[[], Any]) -> tuple[str, Any]:
    """What restoring did; the treedef works, if there is one."""
    verdict, value = outcome(restore)
    if verdict == "raised":
        require(isinstance(value, (ValueError, TypeError)), f"no error for users: {value!r}")
    elif value.num_leaves <= MAX_LEAVES:
        use(value)
    return verdict, value


def use(treedef: Any) -> None:
    """What can be done with a treedef; classes may raise what they like about their metadata."""
    leaves = list(range(treedef.num_leaves))
    calls: list[Callable[[], Any]] = [
        lambda: treedef == treedef,
        lambda: hash(treedef),
        lambda: repr(treedef),
        lambda: leafwise.treedef_children(treedef),
        lambda: leafwise.tree_leaves_with_path(treedef.unflatten(leaves)),
        lambda: treedef.flatten_up_to(treedef.unflatten(leaves)),
        lambda: treedef.compose(treedef).unflatten(leaves * len(leaves)),
    ]
    for call in calls * TIMES:
        refuse_system_error(outcome(call))


def from_iterable_tree(world: World) -> None:
    treedef, tree = world.treedef()(world.core), world.tree()
    world.note("from_iterable_tree", treedef, tree)
    for _ in range(TIMES):
        refuse_system_error(outcome(lambda: treedef.from_iterable_tree(tree)))


def from_parts(world: World) -> None:
    """A treedef made of its own parts, and of parts of another."""
    treedef, other = world.treedef()(world.core), world.treedef()(world.core)
    world.note("from_node_data_and_children", treedef, other)
    make = leafwise.PyTreeDef.from_node_data_and_children
    registry = world.core.registry
    for part in (treedef, other):
        result = outcome(lambda part=part: make(registry, treedef.node_data(), part.children()))
        refuse_system_error(result)


def refuse_system_error(result: tuple[str, Any]) -> None:
    """Raised by the interpreter when an extension forgets that there was an error, or none."""
    if isinstance(result[1], SystemError):
        raise Difference(f"{result[1]!r}") from result[1]


STEPS: list[Callable[[World], None]] = [
    changed_pickle,
    proto,
    changed_proto,
    from_iterable_tree,
    from_parts,
]
