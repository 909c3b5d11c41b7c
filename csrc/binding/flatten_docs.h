// Signatures and docstrings of the functions of bind_flatten.cpp and bind_iter.cpp.
#pragma once

namespace leafwise {

constexpr const char* kFlattenDoc =
    R"(tree_flatten(tree, is_leaf=None, *, none_is_leaf=False, registry=None)
--

Take a tree apart into its leaves and its structure; `tree_unflatten` is the inverse.

Args:
    tree: Any object. None, list, tuple, dict, OrderedDict, defaultdict, named tuples,
        objects of registered classes, and of classes with `__tree_flatten__` and
        `__tree_unflatten__`, are nodes; everything else is a leaf. Dicts are visited in
        the order of their sorted keys.
    is_leaf: A callable, called with each node and leaf before anything else is done with it;
        where it returns True the node is taken as a leaf. None counts as False.
    none_is_leaf: Whether None is a leaf instead of a node without children.
    registry: The PyTreeRegistry that says which classes are nodes; None means
        `leafwise.default_registry`.

Returns:
    A pair: the list of the leaves, from left to right, and the PyTreeDef.

Raises:
    ValueError: The keys of a dict cannot be sorted, `is_leaf` returned no bool, or a
        flatten function gave something of the wrong shape.
    RecursionError: The tree is nested more deeply than `sys.getrecursionlimit()`, as a
        list that contains itself is.

Example:
    >>> import leafwise
    >>> leaves, treedef = leafwise.tree_flatten([1, {'k1': 2, 'k2': (3, 4)}, 5])
    >>> leaves
    [1, 2, 3, 4, 5]
    >>> treedef
    PyTreeDef([*, {'k1': *, 'k2': (*, *)}, *])
)";

constexpr const char* kLeavesDoc = R"(tree_leaves(tree, is_leaf=None, *, none_is_leaf=False, registry=None)
--

Give the leaves of a tree.

Args:
    tree: Any object.
    is_leaf: See `tree_flatten`.
    none_is_leaf: See `tree_flatten`.
    registry: See `tree_flatten`.

Returns:
    A new list of the leaves, from left to right.

Raises:
    ValueError: See `tree_flatten`.
    RecursionError: See `tree_flatten`.

Example:
    >>> import leafwise
    >>> leafwise.tree_leaves({'b': (2, 3), 'a': 1})
    [1, 2, 3]
)";

constexpr const char* kStructureDoc =
    R"(tree_structure(tree, is_leaf=None, *, none_is_leaf=False, registry=None)
--

Give the structure of a tree.

Args:
    tree: Any object.
    is_leaf: See `tree_flatten`.
    none_is_leaf: See `tree_flatten`.
    registry: See `tree_flatten`.

Returns:
    The PyTreeDef.

Raises:
    ValueError: See `tree_flatten`.
    RecursionError: See `tree_flatten`.

Example:
    >>> import leafwise
    >>> leafwise.tree_structure({'b': (2, None), 'a': 1})
    PyTreeDef({'a': *, 'b': (*, None)})
)";

constexpr const char* kUnflattenDoc = R"(tree_unflatten(treedef, leaves)
--

Put a tree together; the inverse of `tree_flatten`.

Args:
    treedef: The PyTreeDef of the tree.
    leaves: An iterable of as many leaves as the treedef has. It is used up before
        anything is built. The leaves may be any objects, containers included.

Returns:
    A new tree. Dicts have their keys in sorted order.

Raises:
    ValueError: There are too few or too many leaves.
    TypeError: `treedef` is no PyTreeDef, or `leaves` is not iterable.

Example:
    >>> import leafwise
    >>> treedef = leafwise.tree_structure({'a': 0, 'b': (0, 0)})
    >>> leafwise.tree_unflatten(treedef, 'xyz')
    {'a': 'x', 'b': ('y', 'z')}
)";

constexpr const char* kFlattenWithPathDoc =
    R"(tree_flatten_with_path(tree, is_leaf=None, is_leaf_takes_path=False, *, none_is_leaf=False, registry=None)
--

Take a tree apart as `tree_flatten` does, with the key path of each leaf.

Args:
    tree: Any object.
    is_leaf: See `tree_flatten`.
    is_leaf_takes_path: Whether `is_leaf` is called as `is_leaf(path, node)`.
    none_is_leaf: See `tree_flatten`.
    registry: See `tree_flatten`.

Returns:
    A pair: the list of (path, leaf) pairs, and the PyTreeDef. A path is a tuple of keys:
    SequenceKey for lists and tuples, DictKey for dicts, GetAttrKey for named tuples and
    dataclasses, and for registered classes what they name their children by, or
    FlattenedIndexKey.

Raises:
    ValueError: See `tree_flatten`.
    RecursionError: See `tree_flatten`.

Example:
    >>> import leafwise
    >>> pairs, treedef = leafwise.tree_flatten_with_path({'a': [1, 2]})
    >>> [(leafwise.keystr(path), leaf) for path, leaf in pairs]
    [("['a'][0]", 1), ("['a'][1]", 2)]
)";

constexpr const char* kLeavesWithPathDoc =
    R"(tree_leaves_with_path(tree, is_leaf=None, is_leaf_takes_path=False, *, none_is_leaf=False, registry=None)
--

Give the leaves of a tree with their key paths.

Args:
    tree: Any object.
    is_leaf: See `tree_flatten`.
    is_leaf_takes_path: Whether `is_leaf` is called as `is_leaf(path, node)`.
    none_is_leaf: See `tree_flatten`.
    registry: See `tree_flatten`.

Returns:
    A list of (path, leaf) pairs, from left to right; see `tree_flatten_with_path`.

Raises:
    ValueError: See `tree_flatten`.
    RecursionError: See `tree_flatten`.

Example:
    >>> import leafwise
    >>> leafwise.tree_leaves_with_path([7])
    [((SequenceKey(idx=0),), 7)]
)";

constexpr const char* kFlattenAndPathsDoc =
    R"(flatten_and_paths(tree, is_leaf, is_leaf_takes_path, none_is_leaf, registry)
--

Give what `tree_flatten_with_path` does as a tuple of paths, a list of leaves, and the treedef.
)";

constexpr const char* kAllLeavesDoc =
    R"(all_leaves(iterable, is_leaf=None, *, none_is_leaf=False, registry=None)
--

Tell whether all items of an iterable are leaves.

Args:
    iterable: An iterable of any objects.
    is_leaf: See `tree_flatten`. It is also asked about the list of the items.
    none_is_leaf: See `tree_flatten`.
    registry: See `tree_flatten`.

Returns:
    A bool. Without `is_leaf`, nothing behind the first item that is no leaf is looked at.

Raises:
    TypeError: `iterable` is not iterable.
    ValueError: `is_leaf` returned no bool.

Example:
    >>> import leafwise
    >>> leafwise.all_leaves([1, 'a']), leafwise.all_leaves([1, (2,)])
    (True, False)
)";

constexpr const char* kIterDoc =
    R"(tree_iter(tree, is_leaf=None, *, none_is_leaf=False, registry=None)
--

Give the leaves of a tree one by one, going no further than is asked.

The children of a container are read when the iterator comes to it, all at once. What
happens to the container before that is seen, what happens to it later is not. After an
exception, and after the last leaf, the iterator is at its end for good.

Args:
    tree: Any object.
    is_leaf: See `tree_flatten`.
    none_is_leaf: See `tree_flatten`.
    registry: See `tree_flatten`.

Returns:
    An iterator over the leaves, from left to right. It is no copy of the tree: it holds
    what is still to be visited, and nothing else.

Raises:
    ValueError: See `tree_flatten`, but raised by the step that comes to the place. Also
        by a step that begins while another one is running: in `is_leaf`, in a flatten
        function, or in another thread.
    RecursionError: See `tree_flatten`; raised by the step that comes to the place.

Example:
    >>> import leafwise
    >>> leaves = leafwise.tree_iter({'b': (2, None), 'a': [1]})
    >>> next(leaves)
    1
    >>> list(leaves)
    [2]
)";

constexpr const char* kAllDoc = R"(tree_all(tree, *, is_leaf=None, none_is_leaf=False, registry=None)
--

Tell whether all leaves of a tree are true.

The leaves are looked at from left to right, as `tree_iter` gives them. Nothing behind the
first that is false is visited, so that no error is raised for what is there.

Args:
    tree: Any object.
    is_leaf: See `tree_flatten`.
    none_is_leaf: See `tree_flatten`.
    registry: See `tree_flatten`.

Returns:
    A bool: True if no leaf is false; so also if there are no leaves.

Raises:
    ValueError: See `tree_flatten`. And whatever `bool()` of a leaf raises: of an array of
        several items, a ValueError.
    RecursionError: See `tree_flatten`.

Example:
    >>> import leafwise
    >>> leafwise.tree_all({'a': True, 'b': [1, 'x']}), leafwise.tree_all([True, 0])
    (True, False)
)";

constexpr const char* kAnyDoc = R"(tree_any(tree, *, is_leaf=None, none_is_leaf=False, registry=None)
--

Tell whether any leaf of a tree is true.

The leaves are looked at from left to right, as `tree_iter` gives them. Nothing behind the
first that is true is visited, so that no error is raised for what is there.

Args:
    tree: Any object.
    is_leaf: See `tree_flatten`.
    none_is_leaf: See `tree_flatten`.
    registry: See `tree_flatten`.

Returns:
    A bool: True if some leaf is true; False if there are no leaves.

Raises:
    ValueError: See `tree_flatten`. And whatever `bool()` of a leaf raises: of an array of
        several items, a ValueError.
    RecursionError: See `tree_flatten`.

Example:
    >>> import leafwise
    >>> leafwise.tree_any({'a': 0, 'b': ['', 'x']}), leafwise.tree_any([None, 0])
    (True, False)
)";

}  // namespace leafwise
