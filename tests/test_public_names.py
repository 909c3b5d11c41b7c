"""The two implementations offer the same names with the same signatures, all documented."""

from __future__ import annotations

import doctest
import inspect
import operator
import pickle
import re
from types import ModuleType
from typing import Any

import pytest

import leafwise
import leafwise.reference

NAMES = [
    "tree_flatten",
    "tree_unflatten",
    "tree_leaves",
    "tree_structure",
    "tree_map",
    "tree_map_with_path",
    "tree_flatten_with_path",
    "tree_leaves_with_path",
    "tree_reduce",
    "tree_all",
    "tree_any",
    "tree_iter",
    "tree_transpose",
    "tree_broadcast",
    "all_leaves",
    "treedef_tuple",
    "treedef_children",
    "treedef_is_leaf",
    "flatten_one_level",
    "flatten_one_level_with_keys",
    "is_tree_node",
    "Partial",
    "register_pytree_node",
    "register_pytree_node_class",
    "register_pytree_with_keys",
    "register_pytree_with_keys_class",
    "register_dataclass",
    "register_attrs",
    "register_fields",
    "dataclass",
    "field",
    "register_static",
    "unregister_pytree_node",
    "keystr",
    "SequenceKey",
    "DictKey",
    "GetAttrKey",
    "FlattenedIndexKey",
    "KeyEntry",
    "KeyPath",
    "PyTreeDef",
    "PyTreeRegistry",
    "default_registry",
    "PyTreeMismatchError",
    "PyTreeMismatchTypeError",
    "TreeDiff",
    "TreeDifference",
    "broadcast_flattened_prefix_with_treedef",
    "broadcast_prefix",
    "equality_errors",
    "equality_errors_pytreedef",
    "generate_key_paths",
    "none_leaf_registry",
    "prefix_errors",
    "tree_diff",
    "tree_reduce_associative",
    "treedef_is_strict_leaf",
]

FUNCTIONS = [name for name in NAMES if name[0].islower() and not name.endswith("_registry")]
CLASSES = [name for name in NAMES if name[0].isupper() and name not in ("KeyEntry", "KeyPath")]

OPTIONS = "*, none_is_leaf=, registry="
SIGNATURES = {
    "tree_flatten": f"tree, is_leaf=, {OPTIONS}",
    "tree_unflatten": "treedef, leaves",
    "tree_leaves": f"tree, is_leaf=, {OPTIONS}",
    "tree_structure": f"tree, is_leaf=, {OPTIONS}",
    "tree_map": "f, tree, *rest, is_leaf=, none_is_leaf=, registry=",
    "tree_map_with_path": "f, tree, *rest, is_leaf=, is_leaf_takes_path=, none_is_leaf=, registry=",
    "tree_flatten_with_path": f"tree, is_leaf=, is_leaf_takes_path=, {OPTIONS}",
    "tree_leaves_with_path": f"tree, is_leaf=, is_leaf_takes_path=, {OPTIONS}",
    "tree_reduce": f"function, tree, initializer=, is_leaf=, {OPTIONS}",
    "tree_all": "tree, *, is_leaf=, none_is_leaf=, registry=",
    "tree_any": "tree, *, is_leaf=, none_is_leaf=, registry=",
    "tree_iter": f"tree, is_leaf=, {OPTIONS}",
    "tree_transpose": f"outer_treedef, inner_treedef, pytree_to_transpose, {OPTIONS}",
    "tree_broadcast": f"prefix_tree, full_tree, is_leaf=, {OPTIONS}",
    "all_leaves": f"iterable, is_leaf=, {OPTIONS}",
    "treedef_tuple": "treedefs",
    "treedef_children": "treedef",
    "treedef_is_leaf": "treedef",
    "flatten_one_level": f"tree, {OPTIONS}",
    "flatten_one_level_with_keys": f"tree, {OPTIONS}",
    "is_tree_node": "typ, *, registry=",
    "register_pytree_node": (
        "nodetype, flatten_func, unflatten_func, flatten_with_keys_func=, *, subclasses=, registry="
    ),
    "register_pytree_node_class": "cls, *, subclasses=, registry=",
    "register_pytree_with_keys": (
        "nodetype, flatten_with_keys, unflatten_func, flatten_func=, *, subclasses=, registry="
    ),
    "register_pytree_with_keys_class": "cls, *, subclasses=, registry=",
    "register_dataclass": (
        "nodetype, data_fields=, meta_fields=, drop_fields=, *, construct=, subclasses=, registry="
    ),
    "register_attrs": "nodetype, *, construct=, subclasses=, registry=",
    "register_fields": "cls, data, meta=, *, construct=, subclasses=, registry=",
    "dataclass": "cls=/, *, construct=, subclasses=, registry=, **options",
    "field": "*, static=, **options",
    "register_static": "cls, *, subclasses=, registry=",
    "unregister_pytree_node": "nodetype, *, registry=",
    "keystr": "keys, *, simple=, separator=",
    "broadcast_flattened_prefix_with_treedef": "prefix_leaves, prefix_treedef, full_treedef",
    "broadcast_prefix": f"prefix_tree, full_tree, is_leaf=, {OPTIONS}",
    "equality_errors": f"tree1, tree2, is_leaf=, {OPTIONS}",
    "equality_errors_pytreedef": "tree1, tree2, *, registry=",
    "generate_key_paths": f"tree, is_leaf=, is_leaf_takes_path=, {OPTIONS}",
    "prefix_errors": f"prefix_tree, full_tree, is_leaf=, {OPTIONS}",
    "tree_diff": "a, b, is_leaf=, *, compare=, none_is_leaf=, registry=",
    "tree_reduce_associative": (
        "operation, tree, *, identity=, is_leaf=, none_is_leaf=, registry="
    ),
    "treedef_is_strict_leaf": "treedef",
}


def shown(function: Any) -> str:
    """The signature without annotations and values of defaults."""
    parts: list[str] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            parts.append(f"*{parameter.name}")
            continue
        if parameter.kind is parameter.VAR_KEYWORD:
            parts.append(f"**{parameter.name}")
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not any(part[0] == "*" for part in parts):
            parts.append("*")
        parts.append(parameter.name + ("=" if parameter.default is not parameter.empty else ""))
        if parameter.kind is parameter.POSITIONAL_ONLY:
            parts[-1] += "/"
    return ", ".join(parts)


# The reference remembers nothing, and shows what things mean, not of which types they are.
OF_THE_CORE_ALONE = {"PyTree", "cache_info", "clear_cache"}


def public(module: ModuleType) -> set[str]:
    return set(module.__all__) - {"__version__", "tree"} - OF_THE_CORE_ALONE


def test_every_name_is_there(lw: ModuleType) -> None:
    assert public(lw) == set(NAMES)
    for name in NAMES:
        assert getattr(lw, name) is not None


def test_the_version() -> None:
    assert leafwise.__version__[0].isdigit()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_signatures(lw: ModuleType, name: str) -> None:
    assert shown(getattr(lw, name)) == SIGNATURES[name]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_defaults(lw: ModuleType, name: str) -> None:
    """Signatures of C functions show constants only: there the default of `registry` is None."""
    unspecified = ("initializer", "identity")  # For these None is a value.
    in_c = inspect.isbuiltin(getattr(lw, name))
    expected = {
        "is_leaf": None,
        "is_leaf_takes_path": False,
        "none_is_leaf": False,
        "registry": None if in_c else lw.default_registry,
        "flatten_with_keys_func": None,
        "flatten_func": None,
        "data_fields": None,
        "meta_fields": None,
        "drop_fields": (),
        "meta": (),
        "construct": "init",
        "subclasses": False,
        "cls": None,
        "static": False,
        "simple": False,
        "separator": "",
        "compare": None,
    }
    for parameter in inspect.signature(getattr(lw, name)).parameters.values():
        if parameter.default is not parameter.empty and parameter.name not in unspecified:
            assert parameter.default == expected[parameter.name], parameter


@pytest.mark.parametrize("name", FUNCTIONS + CLASSES)
def test_names_and_modules(lw: ModuleType, name: str) -> None:
    thing = getattr(lw, name)
    assert (thing.__name__, thing.__qualname__) == (name, name)
    assert thing.__module__ == lw.__name__
    assert pickle.loads(pickle.dumps(thing)) is thing


MEMBERS = {
    "PyTreeDef": [
        *("num_leaves", "num_nodes", "children", "node_data", "unflatten", "flatten_up_to"),
        *("compose", "walk"),
    ],
    "PyTreeRegistry": [
        *("register_node", "register_dataclass_node", "unregister_node", "is_node", "parent"),
    ],
}


@pytest.mark.parametrize("name", MEMBERS)
def test_members(lw: ModuleType, name: str) -> None:
    cls = getattr(lw, name)
    found = {member for member in vars(cls) if not member.startswith("_")}
    assert set(MEMBERS[name]) <= found
    assert {member for member in found if inspect.getdoc(getattr(cls, member)) is None} == set()


@pytest.mark.parametrize("name", FUNCTIONS + CLASSES)
def test_everything_is_documented(lw: ModuleType, name: str) -> None:
    text = inspect.getdoc(getattr(lw, name))
    assert text
    summary = text.split("\n\n")[0]
    assert summary.endswith("."), summary


METHODS = [
    f"{cls}.{member}"
    for cls in ("PyTreeDef", "PyTreeRegistry")
    for member in sorted(vars(getattr(leafwise, cls)))
    if not member.startswith("_") and callable(getattr(getattr(leafwise, cls), member))
]
RETURN_NOTHING = [
    *("clear_cache", "register_pytree_node", "register_pytree_with_keys", "unregister_pytree_node"),
    *("PyTreeRegistry.register_node", "PyTreeRegistry.register_dataclass_node"),
    "PyTreeRegistry.unregister_node",
]


def docstring_of(name: str) -> str:
    return inspect.getdoc(operator.attrgetter(name)(leafwise)) or ""


@pytest.mark.parametrize("name", FUNCTIONS + CLASSES + METHODS)
def test_every_docstring_has_an_example_that_runs(name: str) -> None:
    names = {**{name: getattr(leafwise, name) for name in NAMES}, "leafwise": leafwise}
    test = doctest.DocTestParser().get_doctest(docstring_of(name), names, name, None, 0)
    assert test.examples, "no example"
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    result = runner.run(test, out=report.append)
    assert result.failed == 0, "".join(report)


@pytest.mark.parametrize("name", FUNCTIONS + METHODS)
def test_every_docstring_says_what_goes_in_and_what_comes_out(name: str) -> None:
    text = docstring_of(name)
    parameters = list(inspect.signature(operator.attrgetter(name)(leafwise)).parameters)
    _, _, arguments = text.partition("\nArgs:\n")
    described = re.findall(r"^    \**(\w+):", arguments.partition("\n\n")[0], re.MULTILINE)
    assert described == [each for each in parameters if each != "self"]
    returns_something = "\nReturns:\n" in text or "\nYields:\n" in text
    assert returns_something != (name in RETURN_NOTHING)
    assert "\nExample:\n    >>> " in text


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("SequenceKey", ["idx"]),
        ("DictKey", ["key"]),
        ("GetAttrKey", ["name"]),
        ("FlattenedIndexKey", ["key"]),
        ("TreeDifference", ["path", "expected", "got"]),
        ("PyTreeDef", ["num_leaves", "num_nodes"]),
        ("PyTreeRegistry", ["parent"]),
    ],
)
def test_attributes_are_documented(name: str, attributes: list[str]) -> None:
    for attribute in attributes:
        text = inspect.getdoc(getattr(getattr(leafwise, name), attribute))
        assert text, attribute
        assert text.endswith(".")


@pytest.mark.parametrize("name", FUNCTIONS + CLASSES + METHODS)
def test_no_line_of_a_docstring_is_broken_by_a_terminal(name: str) -> None:
    lines = docstring_of(name).splitlines()
    assert [line for line in lines if len(line) > 100 and not line.startswith("    ")] == []


def test_only_public_names_are_listed() -> None:
    assert dir(leafwise) == sorted(leafwise.__all__)


def test_no_argument_is_given_twice() -> None:
    again: Any = {"tree": [2]}
    with pytest.raises(TypeError) as caught:
        leafwise.tree_leaves([1], **again)
    assert str(caught.value) == "tree_leaves() got multiple values for argument 'tree'"
