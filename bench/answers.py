"""What a call answered, in a form that can be compared between libraries.

Leaves are compared by identity, trees by their nodes, paths by their steps; a path must also
lead to its leaf.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.nodes import field_names, filled, static_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.competitors import Call, Competitor, Inputs
    from bench.operations import Operation

# One step of the work: leaves given to a function, or a path and its leaf.
Item = tuple[object, ...]


@dataclass(frozen=True)
class Answer:
    """The comparable parts of an answer; a part that an operation has not got is None."""

    value: object = None
    tree: object = None
    items: Sequence[Item] | None = None


def ask(operation: Operation, competitor: Competitor, call: Call, inputs: Inputs) -> Answer:
    """Evaluate a call once and return its answer in comparable form."""
    name = operation.name
    if name.startswith("map"):
        return _ask_mapping(operation, competitor, call, inputs)
    if name == "flatten_is_leaf":
        return _ask_is_leaf(operation, competitor, call)
    if name == "cold":
        return _ask_cold(competitor, call)
    answer = call()
    if name == "unflatten":
        return Answer(tree=answer)
    if name == "structure":
        return Answer(tree=competitor.put_together(answer, inputs.leaves))
    if name in ("leaves", "flatten_up_to"):
        return Answer(items=[(leaf,) for leaf in answer])
    if name == "flatten":
        leaves, treedef = answer
        tree = competitor.put_together(treedef, leaves)
        return Answer(tree=tree, items=[(leaf,) for leaf in leaves])
    if name == "leaves_with_path":
        return Answer(items=_path_items(competitor, inputs.tree, competitor.pairs(answer)))
    if name == "flatten_with_path":
        items = _path_items(competitor, inputs.tree, competitor.pairs(answer))
        treedef = competitor.treedef_of_pairs(answer)
        leaves = [leaf for _, leaf in items]
        return Answer(tree=competitor.put_together(treedef, leaves), items=items)
    if name == "hash":  # hashes differ between libraries; equal structures must hash alike
        return Answer(value=answer == hash(inputs.other_treedef))
    if name in ("all", "any"):
        return Answer(value=(answer, _ask_about_last_leaf(call, inputs, name == "all")))
    return Answer(value=answer)


def _ask_cold(competitor: Competitor, call: Call) -> Answer:
    """Keep what is otherwise dropped at once."""
    pairs = call.replacing(exhaust=list)()
    trees = [competitor.put_together(treedef, leaves) for leaves, treedef in pairs]
    return Answer(tree=trees, items=[(leaf,) for leaves, _ in pairs for leaf in leaves])


def _ask_about_last_leaf(call: Call, inputs: Inputs, rest: bool) -> object:
    """Ask again with a last leaf that is not like the rest: is it looked at?"""
    truths = itertools.chain(itertools.repeat(rest, len(inputs.leaves) - 1), [not rest])
    tree = filled(inputs.tree, truths)
    return call.replacing(trues=tree, falses=tree)()


def _ask_is_leaf(operation: Operation, competitor: Competitor, call: Call) -> Answer:
    """Also note of what `is_leaf` was asked."""
    asked: list[Item] = []
    is_leaf = operation.function
    assert is_leaf is not None

    def noting(node: object) -> object:
        asked.append((node,))
        return is_leaf(node)

    leaves, treedef = call.replacing(f=noting)()
    tree = competitor.put_together(treedef, leaves)
    return Answer(tree=tree, items=[*((leaf,) for leaf in leaves), *asked])


def _ask_mapping(
    operation: Operation, competitor: Competitor, call: Call, inputs: Inputs
) -> Answer:
    """Also note what the mapped function was given, call by call."""
    given: list[Item] = []
    function = operation.function
    assert function is not None

    def noting(*arguments: object) -> object:
        given.append(arguments)
        return function(*arguments)

    tree = call.replacing(f=noting)()
    if operation.name == "map_with_path":
        given = _path_items(competitor, inputs.tree, given)  # type: ignore[arg-type]
    return Answer(tree=tree, items=given)


def _path_items(
    competitor: Competitor, tree: object, pairs: Iterable[tuple[Iterable[object], object]]
) -> list[Item]:
    return [
        (_spell([competitor.step(key) for key in path], tree, leaf), leaf) for path, leaf in pairs
    ]


def _spell(steps: Sequence[object], tree: object, leaf: object) -> str:
    """Write a path as `blocks/0/name`, whether fields are given by name or by position."""
    words = []
    node = tree
    for step in steps:
        names = field_names(node)
        if names is None:
            words.append(str(step))
            node = node[step]  # type: ignore[index]
        else:
            name = names[step] if isinstance(step, int) else str(step)
            words.append(name)
            node = getattr(node, name)
    spelled = "/".join(words)
    return spelled if node is leaf else f"{spelled} (does not lead to its leaf)"


def same_tree(one: object, another: object) -> bool:
    """Tell whether two trees have equal nodes and identical leaves."""
    if type(one) is not type(another):
        return False
    names = field_names(one)
    if names is not None:
        return static_values(one) == static_values(another) and all(
            same_tree(getattr(one, name), getattr(another, name)) for name in names
        )
    if isinstance(one, dict) and isinstance(another, dict):
        # Dicts are equal in any order, OrderedDicts only in the same.
        in_order = type(one) is dict or list(one) == list(another)
        return (
            in_order
            and one.keys() == another.keys()
            and all(same_tree(value, another[key]) for key, value in one.items())
        )
    if isinstance(one, (list, tuple)) and isinstance(another, (list, tuple)):
        return len(one) == len(another) and all(map(same_tree, one, another))
    return one is another


def same_items(one: Sequence[Item], another: Sequence[Item]) -> bool:
    """Tell whether two sequences hold the same leaves (and paths) in the same order."""
    return list(map(_identity, one)) == list(map(_identity, another))


def same_items_in_any_order(one: Sequence[Item], another: Sequence[Item]) -> bool:
    """Tell whether two sequences hold the same leaves (and paths), each equally often."""
    return Counter(map(_identity, one)) == Counter(map(_identity, another))


def _identity(item: Item) -> tuple[object, ...]:
    return tuple([part if isinstance(part, str) else id(part) for part in item])
