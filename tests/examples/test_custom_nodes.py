from __future__ import annotations

from leafwise import is_tree_node, tree_flatten, tree_unflatten
from leafwise.examples import custom_nodes as example

OUTPUT = """\
before registration: 2 leaves
register_pytree_node: 6 leaves [1, 2, 3, 4, 5, 6]
after unregister_pytree_node: 2 leaves
register_pytree_node_class: 6 leaves [1, 2, 3, 4, 5, 6]
register_dataclass: 6 leaves [1, 2, 3, 4, 5, 6]
[DataclassContainer(name='Alice', a=10, b=20, c=30), \
DataclassContainer(name='Bob', a=40, b=50, c=60)]
"""


def test_output_is_the_same_each_time(capsys) -> None:
    for _ in range(2):
        example.main([])
        assert capsys.readouterr().out == OUTPUT
    assert not is_tree_node(example.MyContainer)


def test_containers_are_rebuilt_with_their_names() -> None:
    for cls in (example.DecoratedContainer, example.DataclassContainer):
        leaves, treedef = tree_flatten(cls("Alice", 1, (2, 3), None))
        assert leaves == [1, 2, 3]
        rebuilt = tree_unflatten(treedef, "xyz")
        assert type(rebuilt) is cls
        assert (rebuilt.name, rebuilt.a, rebuilt.b, rebuilt.c) == ("Alice", "x", ("y", "z"), None)
