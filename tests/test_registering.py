"""register_pytree_node and its relatives, unregister_pytree_node, and bad registrations."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from types import ModuleType
from typing import Any

import pytest

import leafwise
from nodes import Plain


class Box:
    """A class that each test registers in a registry of its own."""

    def __init__(self, *children: Any) -> None:
        self.children = children


def flatten(box: Box) -> Any:
    return box.children, "aux"


def unflatten(aux: Any, children: Any) -> Box:
    return Box(*children)


@pytest.fixture
def registry(lw: ModuleType) -> Any:
    return lw.PyTreeRegistry()


def test_register_pytree_node(lw: ModuleType, registry: Any) -> None:
    assert lw.tree_leaves([Box(1, 2)], registry=registry) != [1, 2]
    assert lw.register_pytree_node(Box, flatten, unflatten, registry=registry) is None
    leaves, treedef = lw.tree_flatten([Box(1, (2,))], registry=registry)
    assert leaves == [1, 2]
    assert repr(treedef) == "PyTreeDef([CustomNode(Box[aux], [*, (*,)])])"
    (rebuilt,) = treedef.unflatten([3, 4])
    assert (type(rebuilt), rebuilt.children) == (Box, (3, (4,)))
    assert lw.is_tree_node(Box, registry=registry) is True
    assert lw.is_tree_node(Box) is False


def test_keyword_names(lw: ModuleType, registry: Any) -> None:
    lw.register_pytree_node(
        nodetype=Box,
        flatten_func=flatten,
        unflatten_func=unflatten,
        flatten_with_keys_func=lambda box: ([("k", c) for c in box.children], "aux"),
        registry=registry,
    )
    assert lw.tree_leaves_with_path(Box(1), registry=registry) == [(("k",), 1)]
    assert lw.tree_leaves(Box(1), registry=registry) == [1]


def test_dispatch_is_by_exact_type(lw: ModuleType, registry: Any) -> None:
    lw.register_pytree_node(Box, flatten, unflatten, registry=registry)

    class SubBox(Box):
        pass

    node = SubBox(1, 2)
    assert lw.tree_leaves(node, registry=registry) == [node]


def test_a_registered_type_wins_over_what_it_looks_like(lw: ModuleType, registry: Any) -> None:
    from collections import namedtuple

    kind = namedtuple("Kind", "a b")
    assert lw.tree_leaves(kind(1, 2), registry=registry) == [1, 2]
    lw.register_pytree_node(
        kind, lambda t: ((t.a,), t.b), lambda b, c: kind(*c, b), registry=registry
    )
    assert lw.tree_leaves(kind(1, 2), registry=registry) == [1]
    word = type("Word", (str,), {})
    lw.register_static(word, registry=registry)
    assert lw.tree_leaves(["a", word("b")], registry=registry) == ["a"]


def test_flatten_and_unflatten_arguments(lw: ModuleType, registry: Any) -> None:
    seen: list[Any] = []

    def spying_unflatten(aux: Any, children: Any) -> Box:
        seen.append((aux, children))
        return Box(*children)

    aux = object()
    lw.register_pytree_node(
        Box, lambda box: (iter(box.children), aux), spying_unflatten, registry=registry
    )
    leaves, treedef = lw.tree_flatten(Box(1, 2), registry=registry)
    assert leaves == [1, 2]
    treedef.unflatten(iter([3, 4]))
    assert seen == [(aux, (3, 4))]
    assert type(seen[0][1]) is tuple


@pytest.mark.parametrize("kind", [list, dict, tuple, type(None), OrderedDict, defaultdict, Plain])
def test_duplicates(lw: ModuleType, kind: type) -> None:
    custom = f"Duplicate custom PyTreeDef type registration for {kind!r}."
    for register in (
        lambda: lw.register_pytree_node(kind, flatten, unflatten),
        lambda: lw.register_pytree_with_keys(kind, flatten, unflatten),
        lambda: lw.register_static(kind),
    ):
        with pytest.raises(ValueError) as caught:
            register()
        assert str(caught.value) == custom
    with pytest.raises(ValueError) as caught:
        lw.register_dataclass(kind, [], [])
    text = f"Duplicate custom dataclass PyTreeDef type registration for {kind!r}."
    assert str(caught.value) in (text, custom)


def test_a_duplicate_changes_nothing(lw: ModuleType, registry: Any) -> None:
    lw.register_pytree_node(Box, flatten, unflatten, registry=registry)
    with pytest.raises(ValueError):
        lw.register_static(Box, registry=registry)
    assert lw.tree_leaves(Box(1, 2), registry=registry) == [1, 2]


@pytest.mark.parametrize(
    "arguments",
    [
        (7, flatten, unflatten),
        (Box, 3, unflatten),
        (Box, flatten, None),
        (Box, flatten, unflatten, 3),
    ],
    ids=["type", "flatten", "unflatten", "keys"],
)
def test_wrong_arguments_register_nothing(lw: ModuleType, registry: Any, arguments: Any) -> None:
    with pytest.raises(TypeError):
        lw.register_pytree_node(*arguments, registry=registry)
    assert lw.is_tree_node(Box, registry=registry) is False
    with pytest.raises(TypeError):
        lw.register_pytree_node(Box, flatten, unflatten, registry="default")
    assert lw.is_tree_node(Box) is False


def test_with_keys(lw: ModuleType, registry: Any) -> None:
    lw.register_pytree_with_keys(
        Box,
        flatten_with_keys=lambda box: ([(i, c) for i, c in enumerate(box.children)], None),
        unflatten_func=unflatten,
        registry=registry,
    )
    assert lw.tree_leaves_with_path(Box("a", "b"), registry=registry) == [((0,), "a"), ((1,), "b")]
    assert lw.tree_leaves(Box("a", "b"), registry=registry) == ["a", "b"]
    assert list(lw.flatten_one_level(Box("a"), registry=registry)[0]) == ["a"]


def test_with_keys_and_a_flatten_function(lw: ModuleType, registry: Any) -> None:
    calls: list[str] = []

    def fast(box: Box) -> Any:
        calls.append("fast")
        return box.children, None

    def keyed(box: Box) -> Any:
        calls.append("keyed")
        return [("k", c) for c in box.children], None

    lw.register_pytree_with_keys(Box, keyed, unflatten, fast, registry=registry)
    lw.tree_leaves(Box(1), registry=registry)
    assert calls == ["fast"]
    lw.tree_leaves_with_path(Box(1), registry=registry)
    assert calls == ["fast", "keyed"]


def test_class_decorators(lw: ModuleType) -> None:
    @lw.register_pytree_node_class
    class Decorated:
        def __init__(self, child: Any) -> None:
            self.child = child

        def tree_flatten(self) -> Any:
            return (self.child,), "meta"

        @classmethod
        def tree_unflatten(cls, aux: Any, children: Any) -> Any:
            return cls(*children)

    assert isinstance(Decorated, type)
    try:
        assert lw.tree_map(lambda x: x + 1, [Decorated(1)])[0].child == 2
    finally:
        lw.unregister_pytree_node(Decorated)

    @lw.register_pytree_with_keys_class
    class WithKeys(Decorated):  # type: ignore[valid-type, misc]
        def tree_flatten_with_keys(self) -> Any:
            return ((lw.GetAttrKey("child"), self.child),), "meta"

    try:
        assert lw.tree_leaves_with_path(WithKeys(1)) == [((lw.GetAttrKey("child"),), 1)]
        assert lw.tree_leaves(WithKeys(1)) == [1]
        assert lw.tree_map(lambda x: x + 1, WithKeys(1)).child == 2
    finally:
        lw.unregister_pytree_node(WithKeys)


@pytest.mark.parametrize(
    "decorator", ["register_pytree_node_class", "register_pytree_with_keys_class"]
)
def test_decorated_classes_need_the_methods(lw: ModuleType, registry: Any, decorator: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(lw, decorator)(Box, registry=registry)
    text = f"{Box!r} has no class method tree_unflatten(aux_data, children)"
    assert str(caught.value) == text
    assert lw.is_tree_node(Box, registry=registry) is False
    with pytest.raises(TypeError, match=r"^cls must be a class, got 3$"):
        getattr(lw, decorator)(3, registry=registry)
    for arguments in ((3,), (3, ["x"], [])):
        with pytest.raises(TypeError, match=r"^nodetype must be a class, got 3$"):
            lw.register_dataclass(*arguments, registry=registry)


def test_static(lw: ModuleType, registry: Any) -> None:
    class Config(dict):
        __hash__ = None  # type: ignore[assignment]

    assert lw.register_static(Config, registry=registry) is Config
    config = Config(a=1)
    leaves, treedef = lw.tree_flatten([config, 1], registry=registry)
    assert leaves == [1]
    assert treedef.unflatten([2])[0] is config
    assert lw.treedef_is_leaf(lw.tree_structure(config, registry=registry)) is True
    assert treedef == lw.tree_structure([Config(a=1), 1], registry=registry)
    assert treedef != lw.tree_structure([Config(a=2), 1], registry=registry)
    assert repr(treedef) == "PyTreeDef([CustomNode(Config[{'a': 1}], []), *])"
    other = lw.PyTreeRegistry()
    lw.register_static(Config, registry=other)
    assert treedef == lw.tree_structure([config, 1], registry=other)


FLATTEN = (
    "The to_iterable function for a custom PyTree node should return a (children, aux_data) tuple"
)
KEYED = (
    "The to_iterable_with_keys function for a custom PyTree node should return a "
    "(key_leaf_pairs, aux_data) tuple"
)
PAIR = f"{KEYED} where 'child' is a (key, child) tuple"


@pytest.mark.parametrize(
    "result, text",
    [
        (3, f"{FLATTEN}, got 3"),
        (None, f"{FLATTEN}, got None"),
        ([[1], None], f"{FLATTEN}, got [[1], None]"),
        (([1],), f"{FLATTEN}, got ([1],)"),
        (([1], 2, 3), f"{FLATTEN}, got ([1], 2, 3)"),
        ((5, None), f"{FLATTEN} where 'children' is iterable, got (5, None)"),
    ],
    ids=repr,
)
def test_malformed_results_of_flatten(
    lw: ModuleType, registry: Any, result: Any, text: str
) -> None:
    lw.register_pytree_node(Box, lambda box: result, unflatten, registry=registry)
    for function in (lw.tree_flatten, lw.tree_leaves, lw.tree_structure):
        with pytest.raises(ValueError) as caught:
            function([{"a": Box(1)}], registry=registry)
        assert str(caught.value) == f"{text}\n\nAt key path [0]['a']: Box."
    for function in (lw.flatten_one_level, lw.flatten_one_level_with_keys, lw.tree_all):
        with pytest.raises(ValueError) as caught:
            function(Box(1), registry=registry)
        assert str(caught.value) == f"{text}\n\nAt a node of the tree: Box."


@pytest.mark.parametrize(
    "result, text",
    [
        (3, f"{KEYED}, got 3"),
        ([[1], None], f"{KEYED}, got [[1], None]"),
        ((5, None), f"{KEYED} where 'key_leaf_pairs' is iterable, got (5, None)"),
        (([1], None), f"{PAIR}, got 1"),
        (([["k", 1]], None), f"{PAIR}, got ['k', 1]"),
        (([("k", 1, 2)], None), f"{PAIR}, got ('k', 1, 2)"),
    ],
    ids=repr,
)
def test_malformed_results_of_flatten_with_keys(
    lw: ModuleType, registry: Any, result: Any, text: str
) -> None:
    lw.register_pytree_node(Box, flatten, unflatten, lambda box: result, registry=registry)
    for function in (lw.tree_flatten_with_path, lw.tree_leaves_with_path):
        with pytest.raises(ValueError) as caught:
            function((0, Box(1)), registry=registry)
        assert str(caught.value) == f"{text}\n\nAt key path [1]: Box."
    assert lw.tree_leaves(Box(1), registry=registry) == [1]


class Items:
    """Iterable by its items alone."""

    def __init__(self, *items: Any) -> None:
        self.items = items

    def __getitem__(self, index: int) -> Any:
        return self.items[index]


@pytest.mark.parametrize("collect", [list, tuple, iter, lambda pairs: Items(*pairs)])
@pytest.mark.parametrize("output", [tuple, list])
def test_keys_that_are_dropped(lw: ModuleType, registry: Any, collect: Any, output: Any) -> None:
    def flatten_with_keys(box: Box) -> Any:
        return output([collect([(lw.GetAttrKey("x"), 1), ("y", [2])]), None])

    lw.register_pytree_with_keys(Box, flatten_with_keys, unflatten, registry=registry)
    assert lw.tree_leaves([Box()], registry=registry) == [1, 2]


def test_errors_of_pairs_whose_keys_are_dropped_propagate(lw: ModuleType, registry: Any) -> None:
    error = ValueError("mine")

    class Pair:
        def __iter__(self) -> Any:
            raise error

    lw.register_pytree_with_keys(Box, lambda box: ([Pair()], None), unflatten, registry=registry)
    with pytest.raises(ValueError) as caught:
        lw.tree_leaves([Box()], registry=registry)
    assert caught.value is error


@pytest.mark.parametrize("error", [KeyError("k"), RecursionError(), KeyboardInterrupt()], ids=repr)
def test_exceptions_of_the_functions_propagate(
    lw: ModuleType, registry: Any, error: BaseException
) -> None:
    def fail(*args: Any) -> Any:
        raise error

    def fail_late(box: Box) -> Any:
        def children() -> Any:
            yield 1
            raise error

        return children(), None

    class Early(Box):
        pass

    class Late(Box):
        pass

    class Rebuilt(Box):
        pass

    lw.register_pytree_node(Early, fail, unflatten, fail, registry=registry)
    lw.register_pytree_node(Late, fail_late, unflatten, registry=registry)
    lw.register_pytree_node(Rebuilt, flatten, fail, registry=registry)
    calls: list[Any] = [
        lambda: lw.tree_flatten([Early()], registry=registry),
        lambda: lw.tree_leaves_with_path([Early()], registry=registry),
        lambda: lw.tree_flatten([Late()], registry=registry),
        lambda: lw.tree_map(abs, [Rebuilt(1)], registry=registry),
        lambda: lw.tree_structure([Rebuilt(1)], registry=registry).unflatten([1]),
    ]
    for call in calls:
        with pytest.raises(type(error)) as caught:
            call()
        assert caught.value is error


def test_unregister(lw: ModuleType, registry: Any) -> None:
    lw.register_pytree_node(Box, flatten, unflatten, registry=registry)
    box = Box(1, [2])
    treedef = lw.tree_structure(box, registry=registry)
    assert lw.unregister_pytree_node(Box, registry=registry) is None
    assert lw.tree_leaves(box, registry=registry) == [box]
    assert lw.is_tree_node(Box, registry=registry) is False
    assert treedef.unflatten([3, 4]).children == (3, [4])
    assert treedef.flatten_up_to(Box(5, (6,) and [6])) == [5, 6]
    assert repr(treedef) == "PyTreeDef(CustomNode(Box[aux], [*, [*]]))"
    assert treedef == treedef.compose(lw.tree_structure(1, registry=registry))
    with pytest.raises(ValueError) as caught:
        lw.unregister_pytree_node(Box, registry=registry)
    assert str(caught.value) == f"Cannot unregister {Box!r}: it is not registered."
    lw.register_static(Box, registry=registry)
    assert lw.tree_leaves(box, registry=registry) == []


@pytest.mark.parametrize("kind", [list, dict, tuple, type(None), OrderedDict, defaultdict])
def test_built_in_nodes_cannot_be_unregistered(lw: ModuleType, kind: type) -> None:
    with pytest.raises(ValueError) as caught:
        lw.unregister_pytree_node(kind)
    assert str(caught.value) == f"Cannot unregister built-in node type {kind!r}."
    assert lw.is_tree_node(kind) is True


def test_no_registry_is_the_default_one() -> None:
    class Local(Plain):
        pass

    register: Any = leafwise.register_pytree_node
    register(Local, Plain.flatten, Local.unflatten, registry=None)
    assert leafwise.tree_leaves(Local([1])) == [1]
    leafwise.unregister_pytree_node(Local)
