"""A program as users write it, for the type checkers; it is run as well, by test_typing.py."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

import leafwise
from leafwise import KeyPath, PyTree, PyTreeDef, PyTreeRegistry, tree

if TYPE_CHECKING:
    from typing_extensions import assert_type
else:

    def assert_type(value: Any, kind: Any) -> Any:
        return value


@leafwise.register_dataclass
@dataclasses.dataclass
class Layer:
    weights: float
    biases: float
    name: str = tree.static(default="layer")


@leafwise.dataclass
class Linear:
    weights: float
    biases: float = 0.0
    name: str = leafwise.field(static=True, default="linear")
    history: list[float] = dataclasses.field(default_factory=list, init=False)


@leafwise.dataclass(frozen=True, kw_only=True, construct="new")
class Model:
    layers: list[Linear]
    scale: float = 1.0


class Moments(NamedTuple):
    mean: float
    variance: float


@leafwise.register_pytree_node_class
class Pair:
    def __init__(self, first: Any, second: Any) -> None:
        self.first, self.second = first, second

    def tree_flatten(self) -> tuple[tuple[Any, Any], None]:
        return (self.first, self.second), None

    @classmethod
    def tree_unflatten(cls, aux: None, children: tuple[Any, Any]) -> Pair:
        return cls(*children)


def total(numbers: PyTree[float]) -> float:
    leaves: list[float] = leafwise.tree_leaves(numbers)
    return sum(leaves)


def scaled(numbers: PyTree[float], factor: float) -> PyTree[float]:
    result: PyTree[float] = leafwise.tree_map(lambda x: x * factor, numbers)
    return result


def main() -> None:
    one: float = 1.0
    some: list[float] = [1.0, 2.0]
    named: dict[str, float] = {"a": 1.0}
    nested: dict[str, list[tuple[float, float]]] = {"a": [(1.0, 2.0)]}
    assert [total(one), total(some), total(named), total(nested)] == [1.0, 3.0, 1.0, 3.0]
    assert total((1.0, [2.0, {"x": 3.0}])) == 6.0
    assert total(Moments(1.0, 2.0)) == 3.0
    assert total(Layer(1.0, 2.0)) == 3.0
    assert total(Linear(1.0, 2.0)) == 3.0
    assert total(Model(layers=[Linear(1.0)], scale=2.0)) == 3.0
    try:
        Linear("one", biases=2)  # type: ignore[arg-type]
        Model([Linear(1.0)])  # type: ignore[call-arg]
    except TypeError as error:
        assert "positional" in str(error)
    try:
        Model(layers=[]).scale = 2.0  # type: ignore[misc]
    except dataclasses.FrozenInstanceError:
        pass
    assert total({"layers": [Layer(1.0, 2.0), Layer(3.0, 4.0)], "none": None}) == 10.0
    assert total(scaled(some, 2.0)) == 6.0

    wrong: PyTree[float] = {"a": object()}  # type: ignore[dict-item]
    wrong_too: PyTree[float] = {1.0}  # type: ignore[assignment]
    assert len(leafwise.tree_leaves([wrong, wrong_too])) == 2

    leaves, treedef = leafwise.tree_flatten(nested)
    assert_type(leaves, list[Any])
    assert_type(treedef, PyTreeDef)
    assert_type(treedef.num_leaves, int)
    assert_type(treedef == leafwise.tree_structure(nested), bool)
    pairs, _ = leafwise.tree_flatten_with_path(nested)
    assert_type(pairs, list[tuple[KeyPath, Any]])
    assert_type(leafwise.keystr(pairs[0][0]), str)
    assert_type(leafwise.PyTreeRegistry(), PyTreeRegistry)
    assert_type(Layer(1.0, 2.0), Layer)
    assert_type(Pair(1, 2), Pair)
    assert_type(tree.all([True]), bool)
    try:
        leafwise.tree_map(lambda x, y: x, [1], [1, 2])
    except leafwise.PyTreeMismatchError as error:
        assert_type(error.expected, str)
        assert error.expected != error.got


if __name__ == "__main__":
    main()
