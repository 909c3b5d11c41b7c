"""Make nodes of your own classes, so that leafwise looks for leaves inside them.

Run it: `python -m leafwise.examples.custom_nodes`
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from typing import Any

from leafwise import (
    register_dataclass,
    register_pytree_node,
    register_pytree_node_class,
    tree_leaves,
    tree_map,
    unregister_pytree_node,
)


class MyContainer:
    """A name and three values. leafwise does not know it: an object like this is one leaf."""

    def __init__(self, name: str, a: Any, b: Any, c: Any) -> None:
        self.name = name
        self.a = a
        self.b = b
        self.c = c


def flatten_container(container: MyContainer) -> tuple[tuple[Any, ...], str]:
    """Return the children, where leaves are looked for, and what else is needed to rebuild."""
    return (container.a, container.b, container.c), container.name


def unflatten_container(name: str, children: tuple[Any, ...]) -> MyContainer:
    """Rebuild a container from what `flatten_container` returned."""
    return MyContainer(name, *children)


@register_pytree_node_class
class DecoratedContainer(MyContainer):
    """The same, with the two functions as methods and a decorator that registers the class."""

    def tree_flatten(self) -> tuple[tuple[Any, ...], str]:
        """Return the children and the name."""
        return (self.a, self.b, self.c), self.name

    @classmethod
    def tree_unflatten(cls, name: str, children: tuple[Any, ...]) -> DecoratedContainer:
        """Rebuild a container."""
        return cls(name, *children)


@register_dataclass
@dataclass
class DataclassContainer:
    """The same as a dataclass: the fields are the children, except those marked as static."""

    name: str = field(metadata={"static": True})
    a: Any
    b: Any
    c: Any


def show_leaves(title: str, tree: Any) -> None:
    """Print how many leaves there are."""
    leaves = tree_leaves(tree)
    print(f"{title}: {len(leaves)} leaves {leaves}")


def main(arguments: list[str] | None = None) -> None:
    """Count the leaves of two containers in a list, unregistered and registered."""
    argparse.ArgumentParser(
        description="Register classes, so that their objects are nodes."
    ).parse_args(arguments)
    people = [MyContainer("Alice", 1, 2, 3), MyContainer("Bob", 4, 5, 6)]
    print(f"before registration: {len(tree_leaves(people))} leaves")

    register_pytree_node(MyContainer, flatten_container, unflatten_container)
    show_leaves("register_pytree_node", people)
    # A registration can be taken back.
    unregister_pytree_node(MyContainer)
    print(f"after unregister_pytree_node: {len(tree_leaves(people))} leaves")

    decorated = [DecoratedContainer("Alice", 1, 2, 3), DecoratedContainer("Bob", 4, 5, 6)]
    show_leaves("register_pytree_node_class", decorated)

    records = [DataclassContainer("Alice", 1, 2, 3), DataclassContainer("Bob", 4, 5, 6)]
    show_leaves("register_dataclass", records)
    print(tree_map(lambda leaf: leaf * 10, records))


if __name__ == "__main__":
    main()
