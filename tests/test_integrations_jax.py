"""`leafwise.integrations.jax`: each scenario in a process of its own."""

from __future__ import annotations

import collections
import dataclasses
import subprocess
import sys
from typing import Any

import pytest

import leafwise as lw
from scenarios import names_of, run_scenario


class Box:
    """To be registered."""

    def __init__(self, *children: Any) -> None:
        self.children = children


def flatten(box: Any) -> Any:
    return box.children, "aux"


class Named(Box):
    """To be registered with keys."""


def keyed(keys: Any) -> Any:
    """A flatten function with keys: an attribute, a dict key, two indices, and one of its own."""

    def flatten_with_keys(box: Any) -> Any:
        names = keys.GetAttrKey("a"), keys.DictKey("b"), keys.SequenceKey(2)
        names = (*names, keys.FlattenedIndexKey(3), "own")
        return list(zip(names, box.children)), "aux"

    return flatten_with_keys


def unflatten_as(cls: type[Any]) -> Any:
    def unflatten(aux: Any, children: Any) -> Any:
        assert aux == "aux"
        return cls(*children)

    return unflatten


@dataclasses.dataclass
class Point:
    x: Any
    y: Any
    name: str = dataclasses.field(default="", metadata={"static": True})


def installed() -> Any:
    """jax.tree_util, after install()."""
    import jax.tree_util

    from leafwise.integrations import jax as integration

    integration.install()
    return jax.tree_util


def scenario_registered_with_jax_before_install() -> None:
    import jax.tree_util as jtu

    jtu.register_pytree_node(Box, flatten, unflatten_as(Box))
    box = Box(1, (2, 3))
    assert lw.tree_leaves(box) == [box]
    installed()
    assert lw.tree_leaves(box) == [1, 2, 3]
    assert lw.tree_leaves(box, registry=lw.none_leaf_registry) == [1, 2, 3]
    assert lw.tree_leaves(box, registry=lw.PyTreeRegistry(parent=lw.default_registry)) == [1, 2, 3]
    assert lw.tree_leaves(box, registry=lw.PyTreeRegistry()) == [box]
    mapped = lw.tree_map(lambda x: x * 10, box)
    assert type(mapped) is Box
    assert mapped.children == (10, (20, 30))
    assert lw.tree_leaves_with_path(box)[0] == ((lw.FlattenedIndexKey(0),), 1)
    assert lw.tree_structure(box) == lw.tree_structure(mapped)


def scenario_registered_with_jax_after_install() -> None:
    jtu = installed()
    box, point = Box(1, 2), Point(3, 4, "p")
    assert lw.tree_leaves([box, point]) == [box, point]
    jtu.register_pytree_node(Box, flatten, unflatten_as(Box))
    assert lw.tree_leaves([box, point]) == [1, 2, point]
    jtu.register_dataclass(Point)
    assert lw.tree_leaves([box, point]) == [1, 2, 3, 4]


def scenario_keys_of_jax_are_leafwise_keys_here() -> None:
    jtu = installed()
    jtu.register_pytree_with_keys(Named, keyed(jtu), unflatten_as(Named))
    box = Named(1, 2, 3, 4, 5)
    paths = [path for path, _ in lw.tree_leaves_with_path(box)]
    assert paths == [
        (lw.GetAttrKey("a"),),
        (lw.DictKey("b"),),
        (lw.SequenceKey(2),),
        (lw.FlattenedIndexKey(3),),
        ("own",),
    ]
    assert [lw.keystr(path, simple=True) for path in paths] == ["a", "b", "2", "3", "own"]
    assert [lw.keystr(path) for path in paths] == [
        jtu.keystr(path) for path, _ in jtu.tree_leaves_with_path(box)
    ]
    match paths[0][0]:
        case lw.GetAttrKey(name):
            assert name == "a"
        case other:
            raise AssertionError(other)


def scenario_keys_of_leafwise_are_jax_keys_there() -> None:
    jtu = installed()
    lw.register_pytree_with_keys(Named, keyed(lw), unflatten_as(Named))
    box = Named(1, 2, 3, 4, 5)
    pairs = jtu.tree_leaves_with_path(box)
    assert [leaf for _, leaf in pairs] == [1, 2, 3, 4, 5]
    assert [path for path, _ in pairs] == [
        (jtu.GetAttrKey("a"),),
        (jtu.DictKey("b"),),
        (jtu.SequenceKey(2),),
        (jtu.FlattenedIndexKey(3),),
        ("own",),
    ]


def scenario_dataclasses_of_jax_are_native() -> None:
    """They are known by their fields, so that the core reads and builds them itself."""
    jtu = installed()
    jtu.register_dataclass(Point, data_fields=["x"], meta_fields=["y"], drop_fields=["name"])
    point = Point(1, 2, "dropped")
    treedef = lw.tree_structure(point)
    assert lw.default_registry._registrations()[Point] == (("x",), ("y",))
    assert repr(treedef) == repr(jtu.tree_structure(point))
    assert treedef.unflatten([5]) == Point(5, 2)
    assert lw.tree_leaves_with_path(point) == [((lw.GetAttrKey("x"),), 1)]


def scenario_registered_here_before_install() -> None:
    lw.register_pytree_node(Box, flatten, unflatten_as(Box))
    lw.register_dataclass(Point)
    jtu = installed()
    for tree in (jtu, lw):
        assert tree.tree_leaves([Box(1, 2), Point(3, 4)]) == [1, 2, 3, 4]
    assert jtu.tree_leaves(lw.Partial(pow, 2, mod=100)) == [2, 100]


def scenario_registered_by_names_alone_before_install() -> None:
    lw.default_registry.register_dataclass_node(Point, ["x"], ["y"])
    jtu = installed()
    point = Point(1, 2, "dropped")
    for tree, keys in ((jtu, jtu), (lw, lw)):
        assert tree.tree_leaves_with_path(point) == [((keys.GetAttrKey("x"),), 1)]
        assert tree.tree_structure(point).unflatten([5]) == Point(5, 2)


def scenario_a_function_named_as_jax_names_its_own() -> None:
    jtu = installed()

    def register_dataclass() -> Any:
        def flatten_func(box: Any) -> Any:
            return box.children, "aux"

        return flatten_func

    function = register_dataclass()
    function.__qualname__ = "register_dataclass.<locals>.flatten_func"
    jtu.register_pytree_node(Box, function, unflatten_as(Box))
    assert lw.tree_leaves(Box(1, (2, 3))) == [1, 2, 3]


def scenario_rebuilt_without_the_constructor() -> None:
    class Checked:
        def __init__(self, value: float) -> None:
            self._value = value + 0.0

    class New(Checked):
        pass

    registry = lw.default_registry
    registry.register_dataclass_node(Checked, ["_value"], [], aliases={"_value": "value"})
    jtu = installed()
    lw.register_fields(New, ["_value"], construct="new")
    for tree in (jtu, lw):
        for kind, leaf in ((Checked, 2.0), (New, None), (New, object())):
            leaves, treedef = tree.tree_flatten(kind(1.0))
            assert leaves == [1.0]
            assert vars(treedef.unflatten([leaf])) == {"_value": leaf}


def scenario_registered_here_after_install() -> None:
    import jax

    installed()

    @lw.register_static
    class Word(str):
        pass

    @lw.register_pytree_node_class
    class Methods(Box):
        def tree_flatten(self) -> Any:
            return self.children, "aux"

        @classmethod
        def tree_unflatten(cls, aux: Any, children: Any) -> Any:
            return cls(*children)

    lw.register_dataclass(Point, ["x"], ["y"], ["name"])
    tree = [Word("w"), Methods(1.0), Point(2.0, "meta", "dropped")]
    assert jax.tree.leaves(tree) == lw.tree_leaves(tree) == [1.0, 2.0]
    word, methods, point = jax.jit(lambda tree: jax.tree.map(lambda x: x + 1, tree))(tree)
    assert (word, methods.children, point) == ("w", (2,), Point(3.0, "meta"))
    assert jax.tree_util.tree_leaves_with_path(point)[0][0] == (jax.tree_util.GetAttrKey("x"),)


def scenario_other_registries_are_not_mirrored() -> None:
    jtu = installed()
    lw.register_static(Box, registry=lw.PyTreeRegistry())
    box = Box(1)
    assert jtu.tree_leaves(box) == [box]


def scenario_twice() -> None:
    from leafwise import registering

    jtu = installed()
    installed()
    assert len(registering.listeners) == 1
    jtu.register_pytree_node(Box, flatten, unflatten_as(Box))
    lw.register_dataclass(Point)
    for tree in (jtu, lw):
        assert tree.tree_leaves([Box(1, 2), Point(3, 4)]) == [1, 2, 3, 4]


def scenario_known_to_both() -> None:
    """Before install() each keeps its own; after it, a class is registered once."""
    import jax.tree_util

    jax.tree_util.register_pytree_node(Box, flatten, unflatten_as(Box))
    lw.register_static(Box)
    jtu = installed()
    box = Box(1)
    assert (jtu.tree_leaves(box), lw.tree_leaves(box)) == ([1], [])

    jtu.register_dataclass(Point)
    with pytest.raises(ValueError, match="Duplicate custom dataclass PyTreeDef type registration"):
        lw.register_dataclass(Point)
    lw.register_static(Named)
    with pytest.raises(ValueError, match="Duplicate custom PyTreeDef type registration"):
        jtu.register_static(Named)


def scenario_unregistered_classes_do_not_come_back() -> None:
    jtu = installed()
    jtu.register_pytree_node(Box, flatten, unflatten_as(Box))
    lw.unregister_pytree_node(Box)
    lw.register_dataclass(Point)
    lw.unregister_pytree_node(Point)
    tree = [Box(1), Point(2, 3)]
    for cls in (type("Other", (), {}), type("Another", (), {})):
        jtu.register_static(cls)
        assert lw.tree_leaves([tree, cls()]) == tree
    assert jtu.tree_leaves(tree) == [1, 2, 3]
    lw.register_static(Box)
    assert lw.tree_leaves(tree) == tree[1:]
    assert jtu.tree_leaves(tree) == [1, 2, 3]


def scenario_containers_mean_what_they_meant() -> None:
    before = lw.default_registry._registrations()
    jtu = installed()
    Pair = collections.namedtuple("Pair", "first second")
    tree = [
        {"b": 1, "a": None},
        collections.OrderedDict(b=2, a=3),
        collections.defaultdict(int, b=4, a=5),
        Pair(6, (7,)),
        collections.deque([8]),
    ]
    assert lw.tree_leaves(tree) == jtu.tree_leaves(tree)
    assert repr(lw.tree_structure(tree)) == repr(jtu.tree_structure(tree))
    after = lw.default_registry._registrations()
    assert {cls: after[cls] for cls in before} == before


def scenario_a_registered_namedtuple() -> None:
    jtu = installed()
    Pair = collections.namedtuple("Pair", "first second")
    jtu.register_pytree_node(Pair, lambda pair: ([pair[1]], pair[0]), Pair)
    assert lw.tree_leaves(Pair(1, 2)) == jtu.tree_leaves(Pair(1, 2)) == [2]


def scenario_everything_registered_with_jax() -> None:
    """Partial, and what jax itself registers: the two flatten alike what they both know."""
    jtu = installed()
    partial = jtu.Partial(pow, 2, mod=100)
    assert lw.tree_leaves(partial) == [2, 100]
    assert lw.tree_map(lambda x: x + 1, partial)(4) == 81
    assert lw.is_tree_node(jtu.Partial)
    from jax._src import tree_util

    assert lw.default_registry._registrations().keys() == tree_util._registry.keys()


def scenario_flax_equinox_optax() -> None:
    import equinox
    import flax.struct
    import jax
    import optax

    @flax.struct.dataclass
    class Layer:
        weights: Any
        name: str = flax.struct.field(pytree_node=False)

    class Module(equinox.Module):
        weights: Any
        name: str = equinox.field(static=True)

    jtu = installed()
    key = jax.random.key(0)
    params = {"layer": Layer([1.0, 2.0], "first"), "module": Module(3.0, "second")}
    tree = [params, optax.adam(0.1).init(params), equinox.nn.Linear(2, 3, key=key)]
    ours, theirs = lw.tree_leaves_with_path(tree), jtu.tree_leaves_with_path(tree)
    assert len(ours) == len(theirs) == 12
    for (path, leaf), (jax_path, jax_leaf) in zip(ours, theirs):
        assert leaf is jax_leaf
        assert lw.keystr(path) == jtu.keystr(jax_path)
        assert lw.keystr(path, simple=True) == jtu.keystr(jax_path, simple=True)
    mapped = lw.tree_map(lambda leaf: leaf, tree)
    assert jtu.tree_structure(mapped) == jtu.tree_structure(tree)
    with pytest.raises(lw.PyTreeMismatchError) as caught:
        lw.tree_map(lambda x, y: x, params, {**params, "module": Module((), "other")})
    assert "module" in lw.keystr(caught.value.path)


def scenario_registering_from_many_threads() -> None:
    """Each thread finds the classes that it has registered with jax itself."""
    import threading

    jtu = installed()
    failures: list[Any] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        for _ in range(50):
            cls = type("Local", (Box,), {})
            jtu.register_pytree_node(cls, flatten, unflatten_as(cls))
            leaves = lw.tree_leaves(cls(1, 2))
            if leaves != [1, 2]:
                failures.append(leaves)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def scenario_the_docstring() -> None:
    import doctest

    from leafwise.integrations import jax as integration

    result = doctest.testmod(integration)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("scenario", names_of(globals()))
def test_jax(scenario: str) -> None:
    pytest.importorskip("jax")
    if "flax" in scenario:
        for module in ("flax", "equinox", "optax"):
            pytest.importorskip(module)
    run_scenario(__file__, scenario)


WITHOUT_PEER = """
import importlib, sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[2]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
importlib.import_module("leafwise.integrations." + sys.argv[1])
"""


@pytest.mark.parametrize("peer", ["jax", "torch", "optree"])
def test_a_peer_that_is_missing(peer: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", WITHOUT_PEER, peer, peer], capture_output=True, text=True
    )
    assert result.returncode == 1
    assert result.stderr.endswith(
        f"ImportError: leafwise.integrations.{peer} needs {peer}: pip install {peer}\n"
    )


@pytest.mark.parametrize("part", ["jax._src", "torch.utils", "optree._C"])
def test_a_peer_that_lacks_a_part(part: str) -> None:
    peer = part.partition(".")[0]
    pytest.importorskip(peer)
    result = subprocess.run(
        [sys.executable, "-c", WITHOUT_PEER, peer, part], capture_output=True, text=True
    )
    assert result.returncode == 1
    assert result.stderr.endswith(f"ModuleNotFoundError: No module named {part!r}\n")


def test_importing_leafwise_imports_no_integration() -> None:
    script = "import leafwise, sys; print([m for m in sys.modules if 'integrations' in m])"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.stdout == "[]\n", result.stderr
