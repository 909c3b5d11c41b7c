"""Key classes, keystr and the functions that give paths."""

from __future__ import annotations

import copy
import pickle
from collections import OrderedDict, defaultdict, namedtuple
from types import ModuleType
from typing import Any

import pytest

from nodes import Constant, Fields, Keyed, Methods, Pair, Plain, Record

KEYS = [
    ("SequenceKey", "idx", 1, "[1]", "SequenceKey(idx=1)"),
    ("SequenceKey", "idx", -3, "[-3]", "SequenceKey(idx=-3)"),
    ("DictKey", "key", "foo", "['foo']", "DictKey(key='foo')"),
    ("DictKey", "key", None, "[None]", "DictKey(key=None)"),
    ("DictKey", "key", (1, "a"), "[(1, 'a')]", "DictKey(key=(1, 'a'))"),
    ("GetAttrKey", "name", "bar", ".bar", "GetAttrKey(name='bar')"),
    ("GetAttrKey", "name", "a'b", ".a'b", "GetAttrKey(name='a'b')"),
    ("FlattenedIndexKey", "key", 1, "[<flat index 1>]", "FlattenedIndexKey(key=1)"),
]
names = pytest.mark.parametrize("kind, field, value, text, shown", KEYS)


@names
def test_key(lw: ModuleType, kind: str, field: str, value: Any, text: str, shown: str) -> None:
    cls = getattr(lw, kind)
    key = cls(value)
    assert getattr(key, field) == value
    assert (str(key), repr(key)) == (text, shown)
    assert key == cls(**{field: value})
    assert hash(key) == hash(cls(value))
    assert not key != cls(value)
    assert cls.__match_args__ == (field,)
    assert cls.__module__ == lw.__name__
    assert cls.__qualname__ == cls.__name__ == kind


@names
def test_keys_are_immutable(
    lw: ModuleType, kind: str, field: str, value: Any, text: str, shown: str
) -> None:
    key = getattr(lw, kind)(value)
    for name in (field, "other"):
        with pytest.raises(AttributeError):
            setattr(key, name, value)
    with pytest.raises(AttributeError):
        delattr(key, field)
    assert getattr(key, field) == value


@names
def test_keys_pickle_and_copy(
    lw: ModuleType, kind: str, field: str, value: Any, text: str, shown: str
) -> None:
    key = getattr(lw, kind)(value)
    twins = [pickle.loads(pickle.dumps(key, n)) for n in range(pickle.HIGHEST_PROTOCOL + 1)]
    for twin in [*twins, copy.copy(key), copy.deepcopy(key)]:
        assert type(twin) is type(key)
        assert twin == key
        assert repr(twin) == shown


@names
def test_keys_can_be_subclassed(
    lw: ModuleType, kind: str, field: str, value: Any, text: str, shown: str
) -> None:
    cls = getattr(lw, kind)
    mine = type("Mine", (cls,), {})(value)
    assert mine == cls(value)
    assert cls(value) == mine
    assert str(mine) == text


def test_keys_of_different_classes_or_values_differ(lw: ModuleType) -> None:
    keys = [
        lw.SequenceKey(1),
        lw.SequenceKey(2),
        lw.DictKey(1),
        lw.DictKey("1"),
        lw.GetAttrKey("a"),
    ]
    keys += [lw.GetAttrKey("b"), lw.DictKey("a"), lw.FlattenedIndexKey(1), lw.FlattenedIndexKey(2)]
    for i, left in enumerate(keys):
        for j, right in enumerate(keys):
            assert (left == right) is (i == j)
            assert (left != right) is (i != j)
    for key in keys:
        for other in (1, 2, "a", "1", None, (1,)):
            assert (key == other) is False
            assert (key != other) is True
    assert lw.DictKey(1) == lw.DictKey(1.0) == lw.DictKey(True)


def test_hashes(lw: ModuleType) -> None:
    assert hash(lw.SequenceKey(1)) != hash(lw.FlattenedIndexKey(1))
    assert hash(lw.SequenceKey(6)) == 7
    assert hash(lw.DictKey("foo")) == hash("foo")
    assert hash(lw.GetAttrKey("foo")) == hash("foo")
    assert hash(lw.FlattenedIndexKey(1)) == 43
    assert hash(lw.SequenceKey(-2)) == hash(-1)
    with pytest.raises(TypeError):
        hash(lw.DictKey([]))


def test_keys_have_no_order(lw: ModuleType) -> None:
    with pytest.raises(TypeError):
        lw.SequenceKey(1) < lw.SequenceKey(2)  # noqa: B015


@pytest.mark.parametrize(
    "kind, value",
    [
        ("SequenceKey", "a"),
        ("SequenceKey", 1.0),
        ("SequenceKey", 2**40),
        ("SequenceKey", None),
        ("GetAttrKey", 3),
        ("GetAttrKey", None),
        ("GetAttrKey", b"name"),
        ("FlattenedIndexKey", "a"),
        ("FlattenedIndexKey", 1.5),
    ],
)
def test_keys_check_their_argument(lw: ModuleType, kind: str, value: Any) -> None:
    with pytest.raises(TypeError):
        getattr(lw, kind)(value)


@names
def test_a_missing_argument_is_named(
    lw: ModuleType, kind: str, field: str, value: Any, text: str, shown: str
) -> None:
    with pytest.raises(TypeError) as caught:
        getattr(lw, kind)()
    assert kind in str(caught.value) or lw.__name__ == "leafwise.reference"
    assert f"'{field}'" in str(caught.value)


def test_keys_take_one_argument(lw: ModuleType) -> None:
    for kind in ("SequenceKey", "DictKey", "GetAttrKey", "FlattenedIndexKey"):
        with pytest.raises(TypeError):
            getattr(lw, kind)()
        with pytest.raises(TypeError):
            getattr(lw, kind)(1, 2)
        with pytest.raises(TypeError):
            getattr(lw, kind)(unknown=1)


def test_sequence_keys_accept_what_counts_as_an_index(lw: ModuleType) -> None:
    assert lw.SequenceKey(True).idx == 1
    numpy = pytest.importorskip("numpy", reason="numpy is optional")
    assert repr(lw.SequenceKey(numpy.int64(2))) == "SequenceKey(idx=2)"


def test_pattern_matching(lw: ModuleType) -> None:
    found = []
    for key in (lw.SequenceKey(1), lw.DictKey("k"), lw.GetAttrKey("n"), lw.FlattenedIndexKey(2)):
        match key:
            case lw.SequenceKey(idx):
                found.append(("sequence", idx))
            case lw.DictKey(key="k"):
                found.append(("dict", "k"))
            case lw.GetAttrKey(name):
                found.append(("attribute", name))
            case lw.FlattenedIndexKey(index):
                found.append(("flat", index))
    assert found == [("sequence", 1), ("dict", "k"), ("attribute", "n"), ("flat", 2)]


def test_keystr(lw: ModuleType) -> None:
    path = (
        lw.SequenceKey(0),
        lw.GetAttrKey("bar"),
        lw.DictKey("cin"),
        lw.FlattenedIndexKey(3),
        "x",
    )
    assert lw.keystr(path) == "[0].bar['cin'][<flat index 3>]x"
    assert lw.keystr(path, simple=True) == "0barcin3x"
    assert lw.keystr(path, simple=True, separator="/") == "0/bar/cin/3/x"
    assert lw.keystr(keys=path[:3], separator="|") == "[0]|.bar|['cin']"
    assert lw.keystr(()) == ""
    with pytest.raises(TypeError):
        lw.keystr(path, True)


TREE: Any = {
    "b": [1, (2,)],
    "a": OrderedDict(z=3, y=4),
    "c": defaultdict(int, n=5, m=6),
    "d": Pair(7, None),
    "e": Record(8, [9]),
    "f": Fields(10, 11),
    "g": Plain([12, 13]),
    "h": Keyed([14, 15]),
    "i": Methods([16]),
    "j": Constant(17),
    "k": None,
}
PATHS = [
    "['a']['z']",
    "['a']['y']",
    "['b'][0]",
    "['b'][1][0]",
    "['c']['m']",
    "['c']['n']",
    "['d'].first",
    "['e'].x",
    "['e'].y[0]",
    "['f'].left",
    "['f'].right",
    "['g'][<flat index 0>]",
    "['g'][<flat index 1>]",
    "['h'].first",
    "['h']plain key",
    "['i'][<flat index 0>]",
]


def test_paths(lw: ModuleType) -> None:
    pairs, treedef = lw.tree_flatten_with_path(TREE)
    assert type(pairs) is list
    assert {type(pair) for pair in pairs} == {tuple}
    assert {type(path) for path, _ in pairs} == {tuple}
    assert [lw.keystr(path) for path, _ in pairs] == PATHS
    assert [leaf for _, leaf in pairs] == lw.tree_leaves(TREE)
    assert treedef == lw.tree_structure(TREE)
    assert lw.tree_leaves_with_path(TREE) == pairs
    assert lw.tree_leaves_with_path(tree=TREE, is_leaf=None) == pairs


def test_generate_key_paths_is_another_name(lw: ModuleType) -> None:
    tree = {"a": [1, None], "b": Pair(2, 3)}
    assert lw.generate_key_paths(tree) == lw.tree_leaves_with_path(tree)
    found = lw.generate_key_paths(tree, lambda path, node: len(path) == 1, True)
    assert [x for _, x in found] == [tree["a"], tree["b"]]


def test_the_keys_of_a_path(lw: ModuleType) -> None:
    ((path, leaf),) = lw.tree_leaves_with_path([Pair({"k": Plain([1])}, None)])
    assert leaf == 1
    assert [type(key) for key in path] == [
        lw.SequenceKey,
        lw.GetAttrKey,
        lw.DictKey,
        lw.FlattenedIndexKey,
    ]
    assert lw.tree_leaves_with_path(5) == [((), 5)]
    assert lw.tree_leaves_with_path(None) == []


def test_is_leaf_without_the_path(lw: ModuleType) -> None:
    pairs, treedef = lw.tree_flatten_with_path([(1, 2), 3], lambda node: type(node) is tuple)
    assert pairs == [((lw.SequenceKey(0),), (1, 2)), ((lw.SequenceKey(1),), 3)]
    assert repr(treedef) == "PyTreeDef([*, *])"


def test_is_leaf_with_the_path(lw: ModuleType) -> None:
    tree = [1, {"a": None}, Keyed([(2,)])]
    seen: list[Any] = []
    lw.tree_flatten_with_path(
        tree, is_leaf=lambda path, node: seen.append((path, node)), is_leaf_takes_path=True
    )
    texts = ["", "[0]", "[1]", "[1]['a']", "[2]", "[2].first", "[2].first[0]"]
    assert [lw.keystr(path) for path, _ in seen] == texts
    assert seen[-1][1] == 2
    assert {type(path) for path, _ in seen} == {tuple}
    pairs = lw.tree_leaves_with_path(tree, lambda path, node: len(path) == 1, True)
    assert [node for _, node in pairs] == tree
    with pytest.raises(ValueError, match="non-boolean value 1;"):
        lw.tree_leaves_with_path([1], lambda path, node: 1, is_leaf_takes_path=True)


def test_fields_that_do_not_fit(lw: ModuleType) -> None:
    text = "A namedtuple's _fields attribute should have the same size as the tuple."
    for fields in (3, ("one",), ("a", "b", "c"), None):
        fake = type("Fake", (tuple,), {"_fields": fields})
        assert lw.tree_leaves(fake((1, 2))) == [1, 2]
        with pytest.raises(ValueError) as caught:
            lw.tree_flatten_with_path([fake((1, 2))])
        assert str(caught.value) == text


def test_a_namedtuple_made_just_now(lw: ModuleType) -> None:
    for _ in range(50):
        fresh = namedtuple("Fresh", "left right")
        texts = [lw.keystr(path) for path, _ in lw.tree_leaves_with_path(fresh(1, 2))]
        assert texts == [".left", ".right"]
