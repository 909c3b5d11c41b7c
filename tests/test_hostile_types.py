"""Classes and keys that lie about themselves or change while they are looked at."""

from __future__ import annotations

import contextlib
import gc
import subprocess
import sys
import warnings
import weakref
from types import ModuleType
from typing import Any
from unittest import mock

import pytest

import leafwise
from interpreter import has_gil, needs_plain_import
from nodes import Fields, Plain

LONG_NAME = "Long" * 3000


def test_a_dict_that_holds_one_key_twice(lw: ModuleType) -> None:
    class Key:
        number = 0

        def __hash__(self) -> int:
            return self.number

        def __lt__(self, other: object) -> bool:
            return False

    key = Key()
    tree = {key: "first"}
    key.number = 1
    tree[key] = "second"
    assert len(tree) == 2
    assert lw.tree_leaves(tree) == ["first", "second"]


@pytest.mark.parametrize("pretend", [mock.Mock(spec=leafwise.PyTreeRegistry), None])
def test_an_object_that_pretends_to_be_a_registry(pretend: object) -> None:
    class Fake:
        __class__ = leafwise.PyTreeRegistry  # type: ignore[assignment]

    with pytest.raises(TypeError, match="registry must be a PyTreeRegistry"):
        leafwise.tree_leaves([1], registry=pretend or Fake())  # type: ignore[arg-type]


def test_fields_that_empty_every_list_of_leaves(lw: ModuleType) -> None:
    marker = object()
    tampering = False

    class Meta(type):
        @property
        def _fields(cls) -> tuple[str, str]:
            if tampering:
                for thing in gc.get_objects():
                    if type(thing) is list and thing and thing[0] is marker and thing is not tree:
                        thing.clear()
            return ("a", "b")

    class Pair(tuple, metaclass=Meta):
        _fields = property(lambda self: ("a", "b"))

    tree = [marker, Pair((1, 2))]
    tampering = True
    if lw is leafwise:  # in plain Python such lists can be found
        assert [leaf for _, leaf in lw.tree_leaves_with_path(tree)] == [marker, 1, 2]


def test_a_class_that_is_renamed_while_it_is_shown(lw: ModuleType) -> None:
    class Node:
        def __init__(self, count: int, aux: object) -> None:
            self.count, self.aux = count, aux

        def __repr__(self) -> str:
            Node.__name__ = f"renamed{id(self)}"
            return "Node()"

    def flatten(node: Node) -> Any:
        return (1,) * node.count, node.aux

    registry = lw.PyTreeRegistry()
    registry.register_node(Node, flatten, lambda aux, children: None)
    treedef = lw.tree_structure(Node(1, "x"), registry=registry)
    for other in (Node(1, "y"), Node(2, "x")):
        Node.__name__ = LONG_NAME
        with pytest.raises(lw.PyTreeMismatchError) as caught:
            treedef.flatten_up_to(other)
        assert "renamed" in caught.value.got or "LongLong" in caught.value.got


def test_a_dict_subclass_that_is_renamed_while_its_keys_are_sorted(lw: ModuleType) -> None:
    class Renamed(dict[Any, Any]):
        pass

    class Key:
        def __lt__(self, other: object) -> bool:
            Renamed.__name__ = "short"
            return False

    Renamed.__name__ = LONG_NAME
    with pytest.raises(lw.PyTreeMismatchError, match=r"LongLong|short"):
        lw.tree_structure([1]).flatten_up_to(Renamed({Key(): 1, Key(): 2}))


def test_a_key_class_whose_name_is_no_string() -> None:
    class Meta(type):
        __name__ = property(lambda cls: 5)  # type: ignore[assignment]

    class Key(leafwise.SequenceKey, metaclass=Meta):
        pass

    assert repr(Key(1)) == "Key(idx=1)"


def test_a_long_chain_of_registries() -> None:
    registry = leafwise.PyTreeRegistry()
    for _ in range(30_000):
        registry = leafwise.PyTreeRegistry(parent=registry)
    assert leafwise.tree_leaves([1, (2,)], registry=registry) == [1, 2]
    del registry
    gc.collect()


def test_the_hash_of_keys_in_keys() -> None:
    key = leafwise.DictKey("key")
    for _ in range(300_000):
        key = leafwise.DictKey(key)
    with contextlib.suppress(RecursionError):  # or an answer, but no crash
        hash(key)


def test_objects_of_key_subclasses_can_be_collected() -> None:
    class Key(leafwise.SequenceKey):
        pass

    key = Key(1)
    key.me = key  # type: ignore[attr-defined]
    alive = weakref.ref(key)
    del key
    gc.collect()
    assert alive() is None


def test_iterators_warn_again_when_they_are_unregistered(lw: ModuleType) -> None:
    registry = lw.PyTreeRegistry()
    registry.register_node(zip, lambda pairs: (list(pairs), None), lambda aux, children: None)
    assert lw.tree_leaves(zip([1], [2]), registry=registry) == [1, 2]
    registry.unregister_node(zip)
    with pytest.warns(DeprecationWarning, match="'zip' is treated as a leaf"):
        lw.tree_leaves(zip([1], [2]), registry=registry)
    with warnings.catch_warnings():
        lw.tree_leaves([1], registry=registry)


def test_lack_of_memory_is_no_fault_of_the_keys(lw: ModuleType) -> None:
    class Key:
        def __lt__(self, other: object) -> bool:
            raise MemoryError

    class Aux:
        def __eq__(self, other: object) -> bool:
            raise MemoryError

        __hash__ = None  # type: ignore[assignment]

    with pytest.raises(MemoryError):
        lw.tree_leaves({Key(): 1, Key(): 2})
    registry = lw.PyTreeRegistry()
    registry.register_node(Aux, lambda aux: ((), aux), lambda aux, children: aux)
    one, other = (lw.tree_structure(Aux(), registry=registry) for _ in range(2))
    with pytest.raises(MemoryError):
        assert one == other
    one, other = (lw.tree_structure(Fields(1, 2, Aux())) for _ in range(2))
    with pytest.raises(MemoryError):
        assert one == other


class Mirror:
    """Metadata that show, hash and compare the treedef that they are in."""

    treedef: Any = None

    def __repr__(self) -> str:
        return f"mirror of {self.treedef!r}"

    def __hash__(self) -> int:
        return hash(self.treedef)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mirror) and self.treedef == other.treedef


def test_metadata_that_contain_their_treedef() -> None:
    one, other = Mirror(), Mirror()
    for mirror in (one, other):
        mirror.treedef = leafwise.tree_structure([Plain([1], mirror)])
    assert repr(one.treedef) == ("PyTreeDef([CustomNode(Plain[mirror of PyTreeDef(...)], [*])])")
    assert isinstance(hash(one.treedef), int)
    for compare in (
        lambda: one.treedef == other.treedef,
        lambda: one.treedef.flatten_up_to([Plain([1], other)]),
    ):
        with pytest.raises(ValueError, match="Exception raised while checking equality") as caught:
            compare()
        error: BaseException = caught.value
        while error.__cause__ is not None:  # one for each time around
            error = error.__cause__
        assert isinstance(error, RecursionError)
    one.treedef = other.treedef = None


IN_A_SUB_INTERPRETER = """
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
interpreter = interpreters.create(SHARING)
code = '''
try:
    import leafwise
except ImportError as error:
    print(error, flush=True)
'''
interpreters.run_string(interpreter, code)
import leafwise
print(leafwise.tree_leaves([1]))
"""
REFUSED = "leafwise can be imported in the main interpreter only, not in a sub-interpreter"
REFUSED_BY_CPYTHON = "module leafwise._core does not support loading in subinterpreters"

NAMED = sys.version_info >= (3, 13)  # the ways in which a sub-interpreter may share things


@pytest.mark.parametrize("isolated", [False, pytest.param(True, marks=needs_plain_import)])
def test_sub_interpreters_are_refused(isolated: bool) -> None:
    """By CPython itself where they have a GIL of their own, or none, and know that we need one."""
    sharing = repr("isolated" if isolated else "legacy") if NAMED else f"isolated={isolated}"
    program = IN_A_SUB_INTERPRETER.replace("SHARING", sharing)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    refused = REFUSED_BY_CPYTHON if NAMED and (isolated or not has_gil()) else REFUSED
    assert done.stdout == f"{refused}\n[1]\n", done
