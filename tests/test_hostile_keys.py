"""Keys of dicts whose hash and comparisons change the dict, raise, or lie."""

from __future__ import annotations

import itertools
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from nodes import ClearingKey


def test_comparisons_that_clear_their_dict(lw: ModuleType) -> None:
    tree: dict[Any, Any] = {}
    keys = [ClearingKey(number, tree) for number in (3, 1, 2)]
    tree.update({key: [key.number] for key in keys})
    leaves, treedef = lw.tree_flatten(tree)
    assert (leaves, tree) == ([1, 2, 3], {})
    assert treedef.node_data()[1] == [keys[1], keys[2], keys[0]]


class Acting:
    """A key that does something when it is hashed or compared, once it is told to."""

    doing = ""
    act: Callable[[], object] = staticmethod(lambda: None)

    def __init__(self, number: int) -> None:
        self.number = number

    def do(self, what: str) -> None:
        if what == Acting.doing:
            Acting.act()

    def __hash__(self) -> int:
        self.do("__hash__")
        return hash(self.number)

    def __eq__(self, other: object) -> bool:
        self.do("__eq__")
        return isinstance(other, Acting) and self.number == other.number

    def __lt__(self, other: Acting) -> bool:
        self.do("__lt__")
        return self.number < other.number

    def __repr__(self) -> str:
        return str(self.number)


@pytest.fixture
def acting(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[], object]], None]:
    def start(doing: str, act: Callable[[], object]) -> None:
        monkeypatch.setattr(Acting, "act", staticmethod(act))
        monkeypatch.setattr(Acting, "doing", doing)

    return start


DICTS: dict[str, Callable[..., Any]] = {
    "dict": lambda *numbers: {Acting(number): number for number in numbers},
    "OrderedDict": lambda *numbers: OrderedDict((Acting(number), number) for number in numbers),
    "defaultdict": lambda *numbers: defaultdict(
        int, {Acting(number): number for number in numbers}
    ),
}
WITH_INT = "defaultdict with metadata (<class 'int'>, "


@pytest.mark.parametrize(
    ("kind", "doing", "numbers", "expected"),
    [
        # Those that are looked up need no order; where some are missing, all are sorted to say so.
        ("dict", "__lt__", (3, 1, 2), [1, 2, 3]),
        ("dict", "__lt__", (3, 1, 4), "dict with keys [1, 3, 4]"),
        ("dict", "__eq__", (3, 1, 2), "dict with keys []"),
        ("dict", "__hash__", (3, 1, 2), "dict with keys []"),
        ("defaultdict", "__lt__", (3, 1, 2), [1, 2, 3]),
        (
            "defaultdict",
            "__lt__",
            (3, 1, 4),
            WITH_INT + "(1, 3, 4))",
        ),
        ("defaultdict", "__eq__", (3, 1, 2), WITH_INT + "())"),
        ("defaultdict", "__hash__", (3, 1, 2), WITH_INT + "())"),
        # The order is compared, and nothing looked up after that.
        ("OrderedDict", "__lt__", (3, 1, 2), [3, 1, 2]),
        ("OrderedDict", "__eq__", (3, 1, 2), [3, 1, 2]),
        ("OrderedDict", "__hash__", (3, 1, 2), KeyError),
    ],
)
def test_keys_that_clear_the_dict_that_is_read(
    lw: ModuleType, acting: Any, kind: str, doing: str, numbers: Any, expected: Any
) -> None:
    treedef = lw.tree_structure(DICTS[kind](3, 1, 2))
    tree = DICTS[kind](*numbers)
    acting(doing, tree.clear)
    if isinstance(expected, list):
        assert treedef.flatten_up_to(tree) == expected
    elif isinstance(expected, str):
        with pytest.raises(lw.PyTreeMismatchError) as caught:
            treedef.flatten_up_to(tree)
        assert caught.value.got == expected
    else:
        with pytest.raises(expected):
            treedef.flatten_up_to(tree)


@pytest.mark.parametrize("kind", DICTS)
@pytest.mark.parametrize("doing", ["__hash__", "__eq__"])
@pytest.mark.parametrize("error", [LookupError("mine"), KeyboardInterrupt()], ids=repr)
def test_keys_that_raise(
    lw: ModuleType, acting: Any, kind: str, doing: str, error: BaseException
) -> None:
    """In flatten_up_to, where keys are looked up or compared: as it is."""

    def fail() -> None:
        raise error

    treedef = lw.tree_structure(DICTS[kind](3, 1, 2))
    tree = DICTS[kind](3, 1, 2)
    acting(doing, fail)
    with pytest.raises(BaseException) as caught:
        treedef.flatten_up_to(tree)
    assert caught.value is error


def test_a_key_that_can_no_longer_be_hashed(lw: ModuleType) -> None:
    class Key:
        broken = False

        def __hash__(self) -> int:
            if Key.broken:
                raise LookupError("hash")
            return 1

    treedef = lw.tree_structure({Key(): 1})
    Key.broken = True
    with pytest.raises(LookupError, match="hash"):
        treedef.unflatten([1])
    with pytest.raises(LookupError, match="hash"):
        hash(treedef)


def test_keys_that_shrink_their_ordered_dict(lw: ModuleType) -> None:
    """By the number of comparisons after which they do: an error or the leaves, but no crash."""

    class Key:
        def __hash__(self) -> int:
            return 0

        def __eq__(self, other: object) -> bool:
            if next(comparisons) == patience:
                tree.pop(keys[-1], None)
            return self is other

    outcomes = set()
    for number in range(11):
        patience = -1
        comparisons = itertools.count()
        keys = [Key() for _ in range(3)]
        tree = OrderedDict.fromkeys(keys, 1)
        comparisons, patience = itertools.count(), number
        try:
            outcomes.add(str(lw.tree_leaves(tree)))
        except (KeyError, RuntimeError) as error:
            outcomes.add(type(error).__name__)
    possible = {"RuntimeError", "KeyError", "[1, 1]", "[1, 1, 1]"}
    assert {"RuntimeError", "[1, 1, 1]"} <= outcomes <= possible


def test_a_key_that_an_ordered_dict_has_no_place_for(lw: ModuleType) -> None:
    treedef = lw.tree_structure(OrderedDict(a=1, b=2, c=3))
    tree = OrderedDict(a=1, b=2)
    dict.__setitem__(tree, "c", 3)
    for _ in range(3):
        with pytest.raises(lw.PyTreeMismatchError) as caught:
            treedef.flatten_up_to(tree)
        assert caught.value.got == "OrderedDict with metadata ('a', 'b')"
        assert lw.tree_leaves(tree) == [1, 2]
