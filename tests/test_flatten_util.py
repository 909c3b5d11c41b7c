"""Vectors of trees: the way there, the way back, what is refused, and what jax does."""

from __future__ import annotations

import ast
import copy
import doctest
import gc
import inspect
import math
import pickle
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leafwise
from leafwise import PyTreeRegistry, flatten_util, tree_leaves, tree_structure
from leafwise.flatten_util import Unravel, ravel_pytree
from nodes import Keyed, Record
from strategies import containers, no_leaves

DTYPES = [
    *("bool", "int8", "uint8", "int16", "int32", "uint32", "int64", "uint64"),
    *("float16", "float32", "float64", "complex64", "complex128"),
]
SHAPES = [(), (1,), (3,), (0,), (2, 3), (2, 0), (2, 1, 2)]


def make_array(dtype: str, shape: tuple[int, ...], start: int, layout: int) -> Any:
    """Small numbers, which each dtype has but bool, in one of several layouts in memory."""
    count = math.prod(shape)
    array = np.arange(start, start + count).astype(dtype).reshape(shape)
    if layout == 1:
        return np.asfortranarray(array)
    if layout == 2:
        return np.repeat(array.reshape(-1), 2)[::2].reshape(shape)
    if layout == 3:
        array.flags.writeable = False
    return array


arrays = st.builds(
    make_array,
    st.sampled_from(DTYPES),
    st.sampled_from(SHAPES),
    st.integers(0, 20),
    st.integers(0, 3),
)
scalars = st.one_of(
    st.booleans(),
    st.integers(-20, 20),
    st.floats(-4, 4, width=16),
    st.complex_numbers(max_magnitude=4, width=64),
    st.builds(
        lambda dtype, value: np.dtype(dtype).type(value), st.sampled_from(DTYPES), st.just(1)
    ),
)
trees = st.recursive(st.one_of(arrays, scalars, no_leaves), containers, max_leaves=8)


def assert_same(array: Any, other: Any) -> None:
    assert type(array) is type(other) is np.ndarray
    assert (array.dtype, array.shape) == (other.dtype, other.shape)
    np.testing.assert_array_equal(array, other)


@given(tree=trees)
def test_there_and_back(tree: Any) -> None:
    originals = [np.asarray(leaf) for leaf in tree_leaves(tree)]
    vector, unravel = ravel_pytree(tree)
    assert vector.shape == (sum(array.size for array in originals),)
    if originals:
        assert vector.dtype == np.result_type(*(array.dtype for array in originals))
        np.testing.assert_array_equal(vector, np.concatenate([a.ravel() for a in originals]))
    assert not any(np.shares_memory(vector, array) for array in originals)
    back = unravel(vector)
    assert tree_structure(back) == unravel.treedef == tree_structure(tree)
    for array, original in zip(tree_leaves(back), originals, strict=True):
        assert_same(array, original)
        assert np.shares_memory(array, vector) == (array.dtype == vector.dtype and array.size > 0)
    again, other = ravel_pytree(back)
    assert_same(again, vector)
    assert other == unravel


@given(tree=trees, other=trees)
def test_equality_and_hash(tree: Any, other: Any) -> None:
    """Equal for what makes equal trees: structure, shapes, and dtypes if there are several."""

    def meaning(tree: Any) -> Any:
        originals = [np.asarray(leaf) for leaf in tree_leaves(tree)]
        dtypes = [array.dtype for array in originals]
        shapes = [array.shape for array in originals]
        return tree_structure(tree), shapes, dtypes if len(set(dtypes)) > 1 else None

    (_, one), (_, two) = ravel_pytree(tree), ravel_pytree(other)
    assert (one == two) == (meaning(tree) == meaning(other))
    if one == two:
        assert hash(one) == hash(two)
    (vector, same) = ravel_pytree(tree)
    assert same == one
    assert hash(same) == hash(one)
    for copied in (pickle.loads(pickle.dumps(one)), copy.copy(one), copy.deepcopy(one)):
        assert type(copied) is Unravel
        assert copied == one
        assert hash(copied) == hash(one)
        for array, original in zip(tree_leaves(copied(vector)), tree_leaves(one(vector))):
            assert_same(array, original)


def test_unequal() -> None:
    _, unravel = ravel_pytree({"a": np.ones(2), "b": 1})
    for tree in (
        {"a": np.ones(2), "c": 1},
        [np.ones(2), 1],
        {"a": np.ones((2, 1)), "b": 1},
        {"a": np.ones(2), "b": 1.0},
        {"a": np.ones(2, "float32"), "b": 1},
    ):
        assert unravel != ravel_pytree(tree)[1]
    assert unravel != (unravel.treedef, unravel.shapes, unravel.dtypes, unravel.dtype)


def test_names_of_one_dtype_hash_alike() -> None:
    _, one = ravel_pytree([np.ones(2, np.longlong), 1.0])
    _, other = ravel_pytree([np.ones(2, np.int64), 1.0])
    assert one == other
    assert hash(one) == hash(other)


def test_one_dtype_takes_any() -> None:
    _, unravel = ravel_pytree({"a": np.ones((2, 2)), "b": 0.5})
    assert (unravel.dtypes, unravel.dtype) == (None, None)
    assert unravel == ravel_pytree({"a": np.ones((2, 2), int), "b": 3})[1]
    for dtype in DTYPES:
        back = unravel(np.ones(5, dtype))
        assert_same(back["a"], np.ones((2, 2), dtype))
        assert_same(back["b"], np.ones((), dtype))


def test_several_dtypes_take_the_common_one() -> None:
    vector, unravel = ravel_pytree({"a": np.ones(2, "float32"), "b": np.int16(3), "c": True})
    assert vector.dtype == unravel.dtype == np.dtype("float32")
    back = unravel(np.array([0.5, 1.5, 2.5, 0.0], "float32"))
    assert_same(back["a"], np.array([0.5, 1.5], "float32"))
    assert_same(back["b"], np.array(2, "int16"))
    assert_same(back["c"], np.array(False))
    with pytest.raises(TypeError) as caught:
        unravel(vector.astype("float64"))
    assert str(caught.value) == (
        "unravel function given array of dtype float64, but expected dtype float32"
    )


def test_imaginary_parts_are_dropped_without_a_warning() -> None:
    vector, unravel = ravel_pytree([1j, 2.0, True])
    back = unravel(vector + 3j - [0, 0, 1])
    assert [leaf.item() for leaf in back] == [4j, 2.0, False]


@pytest.mark.parametrize("tree", [[], None, {"a": (None, [])}])
def test_no_leaves(tree: Any) -> None:
    vector, unravel = ravel_pytree(tree)
    assert_same(vector, np.zeros(0, "float32"))
    assert unravel(vector) == unravel(np.zeros(0, int)) == tree
    with pytest.raises(ValueError, match=r"shape \(2,\), but expected shape \(0,\)"):
        unravel(np.zeros(2))


@pytest.mark.parametrize("shape", [(4,), (6,), (0,), (), (5, 1), (1, 5)])
@pytest.mark.parametrize("first", [0.5, 1])
def test_wrong_shapes(shape: tuple[int, ...], first: Any) -> None:
    vector, unravel = ravel_pytree([first, np.ones((2, 2))])
    with pytest.raises(ValueError) as caught:
        unravel(np.ones(shape, vector.dtype))
    assert str(caught.value) == (
        f"unravel function given array of shape {shape}, but expected shape (5,)"
    )


@pytest.mark.parametrize(
    ("vector", "what"), [([1.0, 2.0], "list of length 2"), (1.0, "float"), (None, "None")]
)
def test_what_is_no_vector(vector: Any, what: str) -> None:
    _, unravel = ravel_pytree((1.0, 2.0))
    with pytest.raises(TypeError) as caught:
        unravel(vector)
    assert str(caught.value) == f"unravel function given {what}, but expected an array"


class NoNumber:
    pass


@pytest.mark.parametrize(
    ("leaf", "what"),
    [
        ("abc", "str"),
        (b"abc", "bytes"),
        (NoNumber(), "NoNumber"),
        (range(3), "range"),
        (np.float32, "type"),
        (np.array(["a"]), "ndarray of dtype <U1"),
        (np.array([None]), "ndarray of dtype object"),
        (np.zeros(2, [("x", "f4")]), "ndarray of dtype [('x', '<f4')]"),
        (np.datetime64("2020-01-01"), "datetime64 of dtype datetime64[D]"),
        (np.ma.array([1, 2], mask=[0, 1]), "MaskedArray"),
    ],
    ids=repr,
)
def test_leaves_that_are_no_numbers(leaf: Any, what: str) -> None:
    message = f"ravel_pytree takes numbers and arrays of numbers, but got {what} at "
    for tree, place in (
        (leaf, "the root of the tree"),
        ({"a": 1, "b": [2, (leaf, "later")]}, "key path ['b'][1][0]"),
        (Record(1, leaf), "key path .y"),
        (Keyed([leaf]), "key path .first"),
    ):
        with pytest.raises(TypeError) as caught:
            ravel_pytree(tree)
        assert str(caught.value) == message + place
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__


def test_int_too_large() -> None:
    with pytest.raises(OverflowError, match=r"at key path \['a'\]\[1\]$"):
        ravel_pytree({"a": [1, 2**64]})


def test_the_dtype_of_an_int_does_not_depend_on_its_value() -> None:
    """Else equal structures had unequal ways back."""
    with pytest.raises(OverflowError):
        ravel_pytree(2**63)
    assert ravel_pytree(2**62)[0].dtype == np.dtype(int)


def test_errors_of_leaves_pass_through() -> None:
    class Unwilling:
        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            raise LookupError("not now")

    with pytest.raises(LookupError, match="not now"):
        ravel_pytree([Unwilling()])


def test_other_arrays() -> None:
    class Wrapped:
        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            return np.arange(3.0)

    vector, unravel = ravel_pytree([Wrapped(), np.float64(3)])
    assert vector.tolist() == [0, 1, 2, 3]
    assert_same(unravel(Wrapped().__array__().repeat(2)[:4])[0], np.array([0.0, 0.0, 1.0]))


def test_views() -> None:
    vector, unravel = ravel_pytree({"a": np.zeros((2, 2)), "b": 0.0})
    tree = unravel(vector)
    tree["a"][1, 0] = 5
    tree["b"][...] = 7
    assert vector.tolist() == [0, 0, 5, 0, 7]
    strided = np.arange(10.0)[::2]
    assert all(np.shares_memory(leaf, strided) for leaf in tree_leaves(unravel(strided)))
    vector.flags.writeable = False
    assert not unravel(vector)["a"].flags.writeable


def test_the_vector_is_a_copy() -> None:
    array = np.zeros(3)
    vector, _ = ravel_pytree(array)
    vector += 1
    assert array.tolist() == [0, 0, 0]


def test_there_is_no_further_copy() -> None:
    import tracemalloc

    tree = [np.asfortranarray(np.ones((300, 500))), np.ones((500, 300)).T, np.ones(100_000, "f4")]
    tracemalloc.start()
    try:
        vector, unravel = ravel_pytree(tree)
        peak = tracemalloc.get_traced_memory()[1]
        assert peak < vector.nbytes * 1.05
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        back = unravel(vector)
        assert tracemalloc.get_traced_memory()[1] - before < back[2].nbytes * 1.05
    finally:
        tracemalloc.stop()


def test_byte_orders() -> None:
    """The vector is in the machine's order, a leaf in its own."""
    for dtype in (">f8", "<f8"):
        vector, unravel = ravel_pytree([np.arange(2).astype(dtype)])
        assert vector.dtype == np.dtype("=f8")
        assert_same(unravel(vector)[0], np.arange(2).astype(dtype))


def test_dtypes_of_other_packages() -> None:
    bfloat16 = np.dtype(pytest.importorskip("ml_dtypes", reason="jax brings it").bfloat16)
    vector, unravel = ravel_pytree([np.ones(2, bfloat16), np.zeros(1, bfloat16)])
    assert vector.dtype == bfloat16
    vector, unravel = ravel_pytree([np.ones(2, bfloat16), np.float32(0.1)])
    assert vector.dtype == np.dtype("float32")
    assert [leaf.dtype for leaf in unravel(vector)] == [bfloat16, np.dtype("float32")]
    with pytest.raises(TypeError):
        ravel_pytree([np.ones(2, bfloat16), np.float16(1)])


def test_registry_and_none() -> None:
    without_lists = PyTreeRegistry(enable_list=False)
    with pytest.raises(TypeError, match=r"got list of length 2 at key path \['a'\]$"):
        ravel_pytree({"a": [1, 2]}, registry=without_lists)
    _, unravel = ravel_pytree({"a": (1, 2)}, registry=without_lists)
    assert unravel(np.zeros(2))["a"] == (0, 0)
    assert ravel_pytree([1, None])[0].tolist() == [1]
    with pytest.raises(TypeError, match=r"got None at key path \[1\]$"):
        ravel_pytree([1, None], none_is_leaf=True)
    with pytest.raises(TypeError, match="registry must be a PyTreeRegistry"):
        ravel_pytree([1], registry=3)  # type: ignore[arg-type]


def test_the_way_back_is_a_value() -> None:
    _, unravel = ravel_pytree([1, 2.0])
    with pytest.raises(AttributeError):
        unravel.shapes = ()  # type: ignore[misc]
    assert tree_leaves([unravel]) == [unravel]
    reference = weakref.ref(unravel)
    assert reference() is unravel
    del unravel
    gc.collect()
    assert reference() is None


@pytest.mark.parametrize("name", flatten_util.__all__)
def test_documentation(name: str) -> None:
    thing = getattr(flatten_util, name)
    text = inspect.getdoc(thing) or ""
    test = doctest.DocTestParser().get_doctest(text, {}, name, None, 0)
    assert test.examples
    report: list[str] = []
    assert doctest.DocTestRunner().run(test, out=report.append).failed == 0, "".join(report)


def test_names() -> None:
    assert str(inspect.signature(ravel_pytree)).startswith(
        "(pytree: 'Any', *, none_is_leaf: 'bool' = False, registry: 'PyTreeRegistry' = "
    )
    assert pickle.loads(pickle.dumps(ravel_pytree)) is ravel_pytree


def test_only_this_module_imports_numpy() -> None:
    package = Path(leafwise.__file__).resolve().parent
    found = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] == "numpy" for name in names):
                found.add(path.relative_to(package).parts[0])
    assert found == {"flatten_util.py", "examples"}


def test_it_imports_no_peer() -> None:
    script = (
        "import sys, leafwise.flatten_util; print({'jax', 'torch', 'optree'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (result.stdout.strip(), result.stderr) == ("set()", "")


# Where vectors are not of the dtype that jax gives them: jax promotes an integer and a narrower
# inexact dtype to the latter, numpy to one that has the numbers of both.
def promoted_differently(dtypes: set[np.dtype[Any]]) -> bool:
    return {"i", "u"} & {dtype.kind for dtype in dtypes} != set() and (
        {"f", "c"} & {dtype.kind for dtype in dtypes} != set()
    )


# jax compiles anew for each shape and dtype: there are few trees, and these are small.
few_leaves = st.recursive(
    st.one_of(arrays, scalars),
    lambda children: st.lists(children, max_size=3) | st.tuples(children, children),
    max_leaves=4,
)


@settings(max_examples=settings().max_examples // 4)
@given(tree=few_leaves)
def test_like_jax(tree: Any) -> None:
    """With 64 bits; by default jax makes 32 of them, which numpy does not."""
    jax = pytest.importorskip("jax", reason="jax is in the extra `peers`")
    from jax.flatten_util import ravel_pytree as jax_ravel_pytree

    with jax.enable_x64(True):
        theirs, their_unravel = jax_ravel_pytree(tree)
        ours, unravel = ravel_pytree(tree)
        originals = {np.asarray(leaf).dtype for leaf in tree_leaves(tree)}
        if not promoted_differently(originals):
            assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, np.asarray(theirs), rtol=1e-3)
        back, their_back = unravel(ours), their_unravel(theirs)
        for leaf, their_leaf in zip(tree_leaves(back), tree_leaves(their_back), strict=True):
            assert (leaf.dtype, leaf.shape) == (their_leaf.dtype, their_leaf.shape)
            np.testing.assert_allclose(leaf, np.asarray(their_leaf), rtol=1e-3)
        assert unravel == ravel_pytree(their_back)[1]


def test_errors_like_jax() -> None:
    """The same types, and the same texts for dtypes.

    Deviations: jax takes anything for a vector if the tree has no leaves, and vectors with further
    dimensions if the first is as long as expected; here they are a ValueError.
    """
    jax = pytest.importorskip("jax", reason="jax is in the extra `peers`")
    from jax.flatten_util import ravel_pytree as jax_ravel_pytree

    with jax.enable_x64(True):
        mixed, single = [np.ones(2), np.int32(1)], [1.0, 2.0, 3.0]
        calls = [
            (mixed, np.ones(3, "int16")),
            (mixed, np.ones(4)),
            (mixed, [1.0]),
            (single, np.ones(4)),
            (single, np.ones((1, 3))),
            (single, [1.0]),
        ]
        for tree, vector in calls:
            with pytest.raises((TypeError, ValueError)) as theirs:
                jax_ravel_pytree(tree)[1](vector)
            with pytest.raises(theirs.type) as ours:
                ravel_pytree(tree)[1](vector)
            if "of dtype" in str(theirs.value):
                assert str(ours.value) == str(theirs.value)
        for leaf in (object(), np.array(["a"]), np.array([None])):
            for ravel in (ravel_pytree, jax_ravel_pytree):
                with pytest.raises(TypeError):
                    ravel([leaf])


def test_without_numpy_it_says_what_to_install() -> None:
    script = "import sys; sys.modules['numpy'] = None; import leafwise.flatten_util"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.stderr.endswith(
        "ModuleNotFoundError: leafwise.flatten_util needs numpy: run `pip install numpy`\n"
    )
