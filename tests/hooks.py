"""Trees in which user code runs wherever it can, and what that code may do to harm its caller.

`tick()` is called by every hook: by predicates and functions; by the flatten, unflatten and key
functions of a class; by hashing, comparing and showing keys, metadata and leaves; by iterators that
give leaves or children; and by finalizers. It does nothing unless `Ticks` says so.
"""

from __future__ import annotations

import contextlib
import gc
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from nodes import Pair


class Ticks:
    """At which call of user code what happens."""

    count = 0
    at = -1  # -1: at none
    action: Callable[[], object] = staticmethod(lambda: None)

    @classmethod
    def set(cls, at: int, action: Callable[[], object]) -> None:
        cls.count, cls.at, cls.action = 0, at, staticmethod(action)

    @classmethod
    def stop(cls) -> None:
        cls.set(-1, lambda: None)


def tick() -> None:
    number, Ticks.count = Ticks.count, Ticks.count + 1
    if number == Ticks.at:
        Ticks.action()


class Noisy:
    """Used as key, metadata and leaf; equal by its name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        tick()
        return isinstance(other, Noisy) and self.name == other.name

    def __lt__(self, other: Noisy) -> bool:
        tick()
        return self.name < other.name

    def __hash__(self) -> int:
        tick()
        return hash(self.name)

    def __repr__(self) -> str:
        tick()
        return self.name

    def __bool__(self) -> bool:
        tick()
        return True

    def __reduce__(self) -> Any:
        tick()
        return Noisy, (self.name,)


class Dying:
    """A temporary whose end is a call, too."""

    def __del__(self) -> None:
        tick()


class Box:
    """A class whose functions all run user code."""

    def __init__(self, *children: Any) -> None:
        self.children = children


def giving(items: Any) -> Iterator[Any]:
    """An iterator that runs user code before each item, and at its end."""
    for item in items:
        temporary = Dying()
        del temporary
        yield item
    tick()


def flatten_box(box: Box) -> tuple[Any, Any]:
    tick()
    return giving(box.children), Noisy("aux")


def unflatten_box(aux: Any, children: Any) -> Box:
    tick()
    return Box(*children)


def flatten_box_with_keys(box: Box) -> tuple[Any, Any]:
    tick()
    pairs = [(Noisy(f"key {number}"), child) for number, child in enumerate(box.children)]
    return giving(pairs), Noisy("aux")


def make_registry(lw: ModuleType) -> Any:
    registry = lw.PyTreeRegistry()
    lw.register_pytree_with_keys(
        Box, flatten_box_with_keys, unflatten_box, flatten_box, registry=registry
    )
    return registry


def make_tree() -> list[Any]:
    """Seven leaves, in each kind of container."""
    return [
        {Noisy("b"): [Noisy("leaf 1")], Noisy("a"): (Noisy("leaf 2"), None)},
        Box([Noisy("leaf 3")], Noisy("leaf 4")),
        OrderedDict({Noisy("c"): Pair(Noisy("leaf 5"), {})}),
        defaultdict(list, {Noisy("d"): Noisy("leaf 6")}),
        Noisy("leaf 7"),
    ]


def make_quiet_tree() -> list[Any]:
    """The same with nothing in it that runs user code, so that its structure is remembered."""
    return [
        {"b": ["leaf 1"], "a": ("leaf 2", None)},
        {"e": ["leaf 3"], "f": "leaf 4"},
        OrderedDict({"c": Pair("leaf 5", {})}),
        defaultdict(list, {"d": "leaf 6"}),
        "leaf 7",
    ]


def containers_in(tree: Any) -> list[Any]:
    """The containers of a tree that can be changed, and those around them."""
    found, pending = [], [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, (list, dict)):
            found.append(node)
        children = node.children if isinstance(node, Box) else node
        if isinstance(children, (list, tuple)):
            pending.extend(children)
        elif isinstance(children, dict):
            pending.extend(children.values())
    return found


class Harm:
    """What the hooks may do; `tree` is what is being walked, `call` what is running."""

    def __init__(self, lw: ModuleType, registry: Any, tree: Any, call: Callable[[], object]):
        self.lw, self.registry, self.call = lw, registry, call
        self.containers = containers_in(tree)

    def fail(self) -> None:
        raise LookupError("of the hook")

    def clear(self) -> None:
        """Let everything go: there are no other references to most of it."""
        while self.containers:
            self.containers.pop().clear()

    def grow(self) -> None:
        for container in self.containers:
            if isinstance(container, list):
                container[:0] = [[0], 1]
            else:
                container.update({"more": [0], 3: 1})

    def replace(self) -> None:
        for container in self.containers:
            if isinstance(container, list):
                container[:] = [() for _ in container]
            else:
                for key in list(container):
                    container[key] = ()

    def call_again(self) -> None:
        try:
            self.call()
        except Exception:  # what was changed before may no longer fit
            pass

    def register(self) -> None:
        """Forget the class that is being walked, and know others."""
        self.registry.unregister_node(Box)
        for _ in range(20):
            cls = type("New", (), {})
            self.registry.register_node(cls, lambda node: ((), None), lambda aux, children: None)
        self.registry.register_node(Noisy, lambda noisy: ((), noisy.name), lambda name, _: name)
        getattr(self.lw, "clear_cache", lambda: None)()

    def look_around(self) -> None:
        """Look at everything there is, as a debugger might: nothing may be unfinished."""
        for thing in gc.get_objects():
            if type(thing) in (list, tuple) and not made_by_zip(thing):
                for item in thing:
                    type(item)
            elif type(thing) is dict:
                list(thing.items())

    def collect(self) -> None:
        gc.collect()


def made_by_zip(thing: list[object] | tuple[object, ...]) -> bool:
    """Whether it is an unfinished tuple of iterators: CPython's `zip` and `map` make such."""
    if type(thing) is list or len(thing) > 3:
        return False
    present = gc.get_referents(thing)
    return len(present) < len(thing) and all(isinstance(item, Iterator) for item in present)


@contextlib.contextmanager
def ticking_collector() -> Iterator[None]:
    """Let the garbage collector run all the time, and user code with it."""
    thresholds = gc.get_threshold()

    def callback(phase: str, info: object) -> None:
        tick()

    gc.freeze()  # what was there before need not be looked at all the time
    gc.callbacks.append(callback)
    gc.set_threshold(1)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.callbacks.remove(callback)
        gc.unfreeze()


HARMS = ["fail", "clear", "grow", "replace", "call_again", "register", "look_around", "collect"]
