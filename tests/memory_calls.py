"""Calls of every kind, and what they answer: for tests in which memory runs out.

What is called is made before, because making a function without memory crashes some interpreters.
"""

from __future__ import annotations

import dataclasses
import operator
import pickle
import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from typing import Any

import leafwise as lw
from nodes import Constant, Fields, Keyed, Methods, Pair, Plain, Record


def tree() -> Any:
    return [
        1.5,
        {"b": (2, None), "a": [Pair([], 3), Pair([4], 5)], "c": {1: 6, 2: 7}},
        OrderedDict(z=8, y=()),
        defaultdict(int, n={}),
        *[{"x": 1000 * n, "y": [n]} for n in range(3)],
        Plain([9, [10]], ("aux", 1)),
        Keyed([11], "aux"),
        Methods([12], "aux"),
        Fields(13, 14),
    ]


def keep(*arguments: Any) -> Any:
    return arguments[0]


def never(node: Any) -> bool:
    return False


def all_of(function: Callable[..., Any], *arguments: Any) -> list[Any]:
    return list(function(*arguments))


def register(kinds: list[type]) -> None:
    registry = lw.PyTreeRegistry(parent=lw.default_registry)
    registry.register_node(kinds[0], keep, keep)
    registry.register_dataclass_node(kinds[1], ["left"], ["right", "label"])
    registry.unregister_node(kinds[0])
    registry.unregister_node(kinds[1])


def registered(register: Callable[..., Any], node: Any, *arguments: Any) -> Any:
    """Register the class of a node in a new registry, take the node apart, and put it together."""
    registry = lw.PyTreeRegistry()
    kind = type(node)
    register(kind, *arguments, registry=registry)
    leaves, treedef = lw.tree_flatten([node], registry=registry)
    paths = lw.tree_leaves_with_path([node], registry=registry)
    same = lw.tree_unflatten(treedef, leaves)
    text = repr(treedef)
    lw.unregister_pytree_node(kind, registry=registry)
    return [leaves, [lw.keystr(path) for path, _ in paths], type(same[0]), text]


def register_again_as_dataclass(kind: Any, *, registry: Any) -> None:
    # Without these it makes functions, which some interpreters do not survive without memory.
    options = {"init": False, "repr": False, "eq": False, "match_args": False}
    lw.dataclass(kind, construct="new", registry=registry, **options)


class Kind:
    pass


class KindOfFields(Fields):
    pass


class Unregistered(Plain):
    """Has what each way to register a class wants."""

    def tree_flatten(self) -> Any:
        return tuple(self.children), self.name

    def tree_flatten_with_keys(self) -> Any:
        return [("key", child) for child in self.children], self.name

    @classmethod
    def tree_unflatten(cls, name: Any, children: Any) -> Any:
        return cls(children, name)


class Annotated:
    left: Any
    right: Any

    def __init__(self, left: Any, right: Any) -> None:
        self.left, self.right = left, right


@dataclasses.dataclass(repr=False)
class Unknown:
    left: Any
    right: Any
    tag: Any = dataclasses.field(default="tag", metadata={"static": True})

    def __repr__(self) -> str:
        """Show the fields, without a note of what is being shown, as dataclasses take.

        The note stays where a tracer has no memory in the moment after it was taken: from then on
        the object is shown as `...`.
        """
        return f"Unknown({self.left!r}, {self.right!r}, {self.tag!r})"


def errors_of(function: Callable[..., Any], *arguments: Any) -> list[str]:
    return [str(make_error("tree")) for make_error in function(*arguments)]


def show_copy(data: bytes) -> str:
    """Show what nobody has shown before.

    To show nothing endlessly, Python has a list of what it is showing just now. If memory for
    making that shorter is missing, it stays as it is, and the thing is `...` from then on.
    """
    return repr(pickle.loads(data))


def keys_again(keys: list[Any]) -> list[Any]:
    return [type(key)(*key.__reduce__()[1]) for key in keys]


TREE = tree()
OTHER = [*TREE[:-1], [13, 14]]
DIFFERENT = [2, {"b": (2,), "a": [Pair([], 3)], "d": {}}, *TREE[2:-1], (13, [14])]
LEAVES, TREEDEF = lw.tree_flatten(TREE)
PATHS = [path for path, _ in lw.tree_leaves_with_path(TREE)]
RESTORE, STATE = TREEDEF.__reduce__()
SAME = RESTORE(*STATE)
PROTO_TREE = [1, {"a": (2, None)}]
PROTO = lw.tree_structure(PROTO_TREE).serialize_using_proto()
# What is shown and pickled: dataclasses, named tuples, registered classes and their metadata.
RICH = [Record(1, [2], tag=("t", 3)), Pair(4, {5: 6}), Keyed([7], ("aux", [8])), Constant(9)]
RICH += [lw.Partial(max, 1, key=2), Fields(3, 4), OrderedDict(b=1), defaultdict(int, a=1), None]
with warnings.catch_warnings():
    warnings.simplefilter("ignore", UserWarning)
    RICH_TREEDEF = lw.tree_structure([RICH, Methods([RICH], "aux")])
KEYS = [lw.SequenceKey(1000), lw.DictKey(("k", 1)), lw.GetAttrKey("n"), lw.FlattenedIndexKey(2000)]
NODE = Unregistered([1, [2]], "aux")

UNSORTABLE = [TREE, {"a": (0, {1: 2, "b": 3})}]
MALFORMED = lw.PyTreeRegistry(parent=lw.default_registry)
MALFORMED.register_node(Kind, keep, keep)  # it flattens to itself, which is no tuple

# A function and its arguments.
CALLS: dict[str, tuple[Callable[..., Any], Any]] = {
    "tree_flatten": (lw.tree_flatten, (TREE,)),
    "tree_flatten, is_leaf": (lw.tree_flatten, (TREE, never)),
    "tree_leaves": (lw.tree_leaves, (TREE,)),
    "tree_leaves, keys that cannot be sorted": (lw.tree_leaves, (UNSORTABLE,)),
    "tree_all, keys that cannot be sorted": (lw.tree_all, ([{"a": (1, {1: 2, "b": 3})}],)),
    "flatten_up_to, keys that cannot be sorted": (
        lw.tree_structure([0, {"a": 1}]).flatten_up_to,
        ([0, {1: 2, "b": 3}],),
    ),
    "tree_structure": (lw.tree_structure, (TREE,)),
    "tree_unflatten": (lw.tree_unflatten, (TREEDEF, LEAVES)),
    "tree_unflatten, iterator": (lw.tree_unflatten, (TREEDEF, dict.fromkeys(range(len(LEAVES))))),
    "tree_unflatten, all kinds": (lw.tree_unflatten, (RICH_TREEDEF, range(22))),
    "flatten_up_to": (TREEDEF.flatten_up_to, (TREE,)),
    "flatten_up_to, other": (TREEDEF.flatten_up_to, (OTHER,)),
    "tree_flatten_with_path": (lw.tree_flatten_with_path, (TREE,)),
    "tree_leaves_with_path": (lw.tree_leaves_with_path, (TREE,)),
    "generate_key_paths": (lw.generate_key_paths, (TREE,)),
    "keystr": (lw.keystr, (PATHS[-1],)),
    "tree_map": (lw.tree_map, (keep, TREE, TREE)),
    "tree_map, other": (lw.tree_map, (keep, TREE, OTHER)),
    "tree_map_with_path": (lw.tree_map_with_path, (keep, TREE)),
    "tree_reduce": (lw.tree_reduce, (keep, TREE)),
    "tree_reduce_associative": (lw.tree_reduce_associative, (keep, TREE)),
    "tree_all": (lw.tree_all, (TREE,)),
    "tree_any": (lw.tree_any, ([[0], TREE],)),
    "tree_iter": (all_of, (lw.tree_iter, TREE)),
    "all_leaves": (lw.all_leaves, (LEAVES,)),
    "tree_transpose": (lw.tree_transpose, (lw.tree_structure([0, 0]), None, [{"a": 1}, {"a": 2}])),
    "tree_transpose, other": (
        lw.tree_transpose,
        (lw.tree_structure([0, 0]), lw.tree_structure({"a": 0}), [{"a": 1}, {"b": 2, "c": 3}]),
    ),
    "tree_broadcast": (lw.tree_broadcast, ([0] * len(TREE), TREE)),
    "broadcast_prefix": (lw.broadcast_prefix, ([0] * len(TREE), TREE)),
    "broadcast_prefix, other": (lw.broadcast_prefix, (TREE, DIFFERENT)),
    "broadcast_flattened_prefix_with_treedef": (
        lw.broadcast_flattened_prefix_with_treedef,
        ([0] * len(TREE), lw.tree_structure([0] * len(TREE)), TREEDEF),
    ),
    "prefix_errors": (errors_of, (lw.prefix_errors, TREE, DIFFERENT)),
    "equality_errors": (all_of, (lw.equality_errors, TREE, DIFFERENT)),
    "equality_errors_pytreedef": (
        all_of,
        (lw.equality_errors_pytreedef, TREEDEF, lw.tree_structure(DIFFERENT)),
    ),
    "tree_diff": (lw.tree_diff, (TREE, DIFFERENT)),
    "treedef_tuple": (lw.treedef_tuple, ([TREEDEF, TREEDEF],)),
    "treedef_children": (lw.treedef_children, (TREEDEF,)),
    "node_data": (TREEDEF.children()[1].node_data, ()),
    "from_node_data_and_children": (
        lw.PyTreeDef.from_node_data_and_children,
        (lw.default_registry, (dict, ["a", "b"]), [TREEDEF, TREEDEF]),
    ),
    "from_iterable_tree": (lw.tree_structure([1, {"a": (2,)}]).from_iterable_tree, ([1, [[2]]],)),
    "compose": (TREEDEF.compose, (TREEDEF,)),
    "walk": (TREEDEF.walk, (keep, None, LEAVES)),
    "==": (operator.eq, (TREEDEF, SAME)),
    "hash": (hash, (RESTORE(*STATE),)),
    "repr": (repr, (lw.tree_structure([1, {"a": [2], "b": None}]),)),
    "repr, all kinds": (show_copy, (pickle.dumps(RICH_TREEDEF),)),
    "repr of keys": (show_copy, (pickle.dumps(KEYS),)),
    "keys again": (keys_again, (KEYS,)),
    "keys in a set": (frozenset, (KEYS,)),
    "__reduce__": (TREEDEF.__reduce__, ()),
    "restoring": (RESTORE, STATE),
    "pickle.dumps": (pickle.dumps, (TREEDEF,)),
    "pickle.loads": (pickle.loads, (pickle.dumps(TREEDEF),)),
    "pickle.dumps, all kinds": (pickle.dumps, (RICH_TREEDEF,)),
    "pickle.loads, all kinds": (pickle.loads, (pickle.dumps(RICH_TREEDEF),)),
    "pickle.dumps, keys": (pickle.dumps, (PATHS,)),
    "pickle.loads, keys": (pickle.loads, (pickle.dumps(PATHS),)),
    "serialize_using_proto": (lw.tree_structure(PROTO_TREE).serialize_using_proto, ()),
    "serialize_using_proto, a class": (TREEDEF.serialize_using_proto, ()),
    "deserialize_using_proto": (lw.PyTreeDef.deserialize_using_proto, (lw.default_registry, PROTO)),
    "deserialize_using_proto, cut": (
        lw.PyTreeDef.deserialize_using_proto,
        (lw.default_registry, PROTO[:-1]),
    ),
    "flatten_one_level": (lw.flatten_one_level, (TREE,)),
    "flatten_one_level_with_keys": (lw.flatten_one_level_with_keys, (TREE[1],)),
    "flatten_one_level_with_keys, a class": (lw.flatten_one_level_with_keys, (TREE[8],)),
    "Partial": (lw.Partial, (max, 1, 2)),
    "PyTreeRegistry.flatten": (lw.default_registry.flatten, (TREE,)),
    "PyTreeRegistry.flatten, malformed": (MALFORMED.flatten, ([TREE, {"a": Kind()}],)),
    "PyTreeRegistry.flatten_with_path": (lw.default_registry.flatten_with_path, (TREE,)),
    "register": (register, ([Kind, KindOfFields],)),
    "register_pytree_node": (
        registered,
        (lw.register_pytree_node, NODE, Plain.flatten, Unregistered.unflatten),
    ),
    "register_pytree_with_keys": (
        registered,
        (
            *(lw.register_pytree_with_keys, NODE),
            *(Unregistered.tree_flatten_with_keys, Unregistered.unflatten, Plain.flatten),
        ),
    ),
    "register_pytree_node_class": (registered, (lw.register_pytree_node_class, NODE)),
    "register_pytree_with_keys_class": (registered, (lw.register_pytree_with_keys_class, NODE)),
    "register_static": (registered, (lw.register_static, Unknown(1, 2))),
    "register_dataclass": (registered, (lw.register_dataclass, Unknown(1, [2]))),
    "register_fields": (registered, (lw.register_fields, NODE, ["children"], ["name"])),
    "dataclass": (registered, (register_again_as_dataclass, Annotated(1, [2]))),
}

# In Python they do what some versions of CPython do not survive without memory: raise an error
# inside of a generator, up to 3.13; make a tuple there, 3.15.0; make a function, 3.12 and 3.13.
WITH_GENERATORS = {
    *("tree_map, other", "tree_transpose, other", "broadcast_prefix, other", "prefix_errors"),
    *("equality_errors", "equality_errors_pytreedef", "tree_diff"),
}
WITH_FUNCTIONS = {
    *("register_pytree_node_class", "register_pytree_with_keys_class"),
    *("register_dataclass", "dataclass"),
}
# They call `list(x)`, which loses memory up to CPython 3.12; or what always does: the pickler, and
# the compiler, by `dataclasses`.
WITH_LISTS = {"tree_unflatten, all kinds", *WITH_GENERATORS}
WITH_PICKLER = {name for name in CALLS if name.startswith(("pickle.", "repr "))}
WITH_PICKLER |= {"repr, all kinds", "dataclass"}


def shown(result: Any) -> str:
    leaves, treedef = lw.tree_flatten(result)
    return f"{leaves!r} {treedef!r}"


def outcome(call: Callable[..., Any], arguments: Any) -> str:
    try:
        return shown(call(*arguments))
    except ValueError as error:
        return str(error)
