// Signatures and docstrings of the functions of bind_flatten.cpp and bind_iter.cpp.
#pragma once

namespace leafwise {

constexpr const char* kFlattenDoc =
    R"(tree_flatten(tree, is_leaf=None, *, none_is_leaf=False, registry=None)
--

Takes a tree apart into its leaves and its structure; `tree_unflatten` is the inverse.

Args:
  tree: any object. None, list, tuple, dict, OrderedDict, defaultdict, named tuples and objects of registered classes are
    nodes; everything else is a leaf. Dicts are visited in the order of their sorted keys.
  is_leaf: a callable, called with each node before anything else is done with it; where it returns True the node is
    taken as a leaf.
  none_is_leaf: whether None is a leaf instead of a node without children.
  registry: the PyTreeRegistry that says which classes are nodes; None means leafwise.default_registry.

Returns:
  A pair: the list of the leaves, from left to right, and the PyTreeDef.

Raises:
  ValueError: the keys of a dict can't be sorted, is_leaf returned no bool, or a flatten function gave something of the
    wrong shape.
  RecursionError: the tree is nested more deeply than sys.getrecursionlimit(), as a list that contains itself is.

>>> import leafwise
>>> leaves, treedef = leafwise.tree_flatten([1, {'k1': 2, 'k2': (3, 4)}, 5])
>>> leaves
[1, 2, 3, 4, 5]
>>> treedef
PyTreeDef([*, {'k1': *, 'k2': (*, *)}, *])
)";

constexpr const char* kLeavesDoc = R"(tree_leaves(tree, is_leaf=None, *, none_is_leaf=False, registry=None)
--

The leaves of a tree, from left to right, as a new list. Arguments and errors are those of `tree_flatten`.

>>> import leafwise
>>> leafwise.tree_leaves({'b': (2, 3), 'a': 1})
[1, 2, 3]
)";

constexpr const char* kStructureDoc =
    R"(tree_structure(tree, is_leaf=None, *, none_is_leaf=False, registry=None)
--

The structure of a tree, a PyTreeDef. Arguments and errors are those of `tree_flatten`.

>>> import leafwise
>>> leafwise.tree_structure({'b': (2, None), 'a': 1})
PyTreeDef({'a': *, 'b': (*, None)})
)";

constexpr const char* kUnflattenDoc = R"(tree_unflatten(treedef, leaves)
--

Puts a tree together; the inverse of `tree_flatten`.

Args:
  treedef: the PyTreeDef of the tree.
  leaves: an iterable of as many leaves as the treedef has. It is used up before anything is built. The leaves may be any
    objects, containers included.

Returns:
  A new tree. Dicts have their keys in sorted order.

Raises:
  ValueError: there are too few or too many leaves.
  TypeError: treedef is no PyTreeDef, or leaves is not iterable.

>>> import leafwise
>>> treedef = leafwise.tree_structure({'a': 0, 'b': (0, 0)})
>>> leafwise.tree_unflatten(treedef, 'xyz')
{'a': 'x', 'b': ('y', 'z')}
)";

constexpr const char* kFlattenWithPathDoc =
    R"(tree_flatten_with_path(tree, is_leaf=None, is_leaf_takes_path=False, *, none_is_leaf=False, registry=None)
--

Like `tree_flatten`, with the key path of each leaf.

Args:
  tree, is_leaf, none_is_leaf, registry: as for `tree_flatten`.
  is_leaf_takes_path: whether is_leaf is called as is_leaf(path, node).

Returns:
  A pair: the list of (path, leaf) pairs, and the PyTreeDef. A path is a tuple of key entries: SequenceKey for lists and
  tuples, DictKey for dicts, GetAttrKey for named tuples and dataclasses, and for registered classes what they name their
  children by, or FlattenedIndexKey.

Raises:
  As `tree_flatten`.

>>> import leafwise
>>> pairs, treedef = leafwise.tree_flatten_with_path({'a': [1, 2]})
>>> [(leafwise.keystr(path), leaf) for path, leaf in pairs]
[("['a'][0]", 1), ("['a'][1]", 2)]
)";

constexpr const char* kLeavesWithPathDoc =
    R"(tree_leaves_with_path(tree, is_leaf=None, is_leaf_takes_path=False, *, none_is_leaf=False, registry=None)
--

The leaves of a tree with their key paths, as a list of (path, leaf) pairs. Arguments and errors are those of
`tree_flatten_with_path`.

>>> import leafwise
>>> leafwise.tree_leaves_with_path([7])
[((SequenceKey(idx=0),), 7)]
)";

constexpr const char* kFlattenAndPathsDoc =
    R"(flatten_and_paths(tree, is_leaf, is_leaf_takes_path, none_is_leaf, registry)
--

What `tree_flatten_with_path` gives, as a tuple of paths, a list of leaves, and the treedef.
)";

constexpr const char* kAllLeavesDoc =
    R"(all_leaves(iterable, is_leaf=None, *, none_is_leaf=False, registry=None)
--

Whether all items of an iterable are leaves.

Args:
  iterable: an iterable of objects, any.
  is_leaf, none_is_leaf, registry: as for `tree_flatten`. is_leaf is also asked about the list of the items.

Returns:
  A bool. Without is_leaf, nothing behind the first item that is no leaf is looked at.

>>> import leafwise
>>> leafwise.all_leaves([1, 'a']), leafwise.all_leaves([1, (2,)])
(True, False)
)";

constexpr const char* kIterDoc =
    R"(tree_iter(tree, is_leaf=None, *, none_is_leaf=False, registry=None)
--

The leaves of a tree one by one, from left to right: an iterator that goes no further than it is asked.

The children of a container are read when the iterator comes to it, all at once. What happens to the container before
that is seen, what happens to it later is not. After an exception, and after the last leaf, the iterator is at its end
for good.

Args:
  tree, is_leaf, none_is_leaf, registry: as for `tree_flatten`.

Returns:
  An iterator. It is no copy of the tree: it holds what is still to be visited, and nothing else.

Raises:
  ValueError, RecursionError: as `tree_flatten`, but from the step that comes to the place. ValueError also from a step
    that begins while another one is running: in is_leaf, in a flatten function, or in another thread.

>>> import leafwise
>>> leaves = leafwise.tree_iter({'b': (2, None), 'a': [1]})
>>> next(leaves)
1
>>> list(leaves)
[2]
)";

constexpr const char* kAllDoc = R"(tree_all(tree, *, is_leaf=None, none_is_leaf=False, registry=None)
--

Whether all leaves of a tree are true.

The leaves are looked at from left to right, as `tree_iter` gives them. Nothing behind the first that is false is
visited, so that no error is raised for what is there.

Args:
  tree, is_leaf, none_is_leaf, registry: as for `tree_flatten`.

Returns:
  A bool: True if no leaf is false; so also if there are no leaves.

Raises:
  As `tree_flatten`, and what bool() of a leaf raises: of an array of several items, a ValueError.

>>> import leafwise
>>> leafwise.tree_all({'a': True, 'b': [1, 'x']}), leafwise.tree_all([True, 0])
(True, False)
)";

constexpr const char* kAnyDoc = R"(tree_any(tree, *, is_leaf=None, none_is_leaf=False, registry=None)
--

Whether any leaf of a tree is true.

The leaves are looked at from left to right, as `tree_iter` gives them. Nothing behind the first that is true is visited,
so that no error is raised for what is there.

Args:
  tree, is_leaf, none_is_leaf, registry: as for `tree_flatten`.

Returns:
  A bool: True if some leaf is true; False if there are no leaves.

Raises:
  As `tree_flatten`, and what bool() of a leaf raises: of an array of several items, a ValueError.

>>> import leafwise
>>> leafwise.tree_any({'a': 0, 'b': ['', 'x']}), leafwise.tree_any([None, 0])
(True, False)
)";

}  // namespace leafwise
