// Signatures and docstrings of PyTreeDef and its methods (bind_treedef.cpp).
#pragma once

namespace leafwise::treedef_docs {

constexpr const char* kClass = R"(The structure of a tree: everything but its leaves.

`tree_flatten`, `tree_structure` and `treedef_tuple` make them. They are immutable, hashable
and can be pickled and copied. Two are equal if objects that have them are taken apart and
put together alike.

Example:
    >>> import leafwise
    >>> leafwise.tree_structure([1, {'k': (2, None)}])
    PyTreeDef([*, {'k': (*, None)}])
)";

constexpr const char* kUnflatten = R"(unflatten($self, leaves, /)
--

Build an object of this structure.

Args:
    leaves: An iterable of `num_leaves` leaves.

Returns:
    A new tree.

Raises:
    ValueError: There are too few or too many leaves.
    TypeError: `leaves` is not iterable.

Example:
    >>> import leafwise
    >>> leafwise.tree_structure({'a': 0, 'b': [0]}).unflatten([1, 2])
    {'a': 1, 'b': [2]}
)";

constexpr const char* kFlattenUpTo = R"(flatten_up_to($self, tree)
--

Take apart an object of which this structure is a prefix.

Args:
    tree: The object: where this structure has leaves, it may have any subtrees.

Returns:
    A list of the subtrees that are at this structure's leaves.

Raises:
    PyTreeMismatchError: The object has another structure; the error says at which key
        path. It is a ValueError.

Example:
    >>> import leafwise
    >>> leafwise.tree_structure({'a': 0, 'b': 0}).flatten_up_to({'a': 1, 'b': [2, 3]})
    [1, [2, 3]]
)";

constexpr const char* kChildren = R"(children($self)
--

Give the structures of the root's children.

Returns:
    A list of PyTreeDefs; of a leaf, an empty one.

Example:
    >>> import leafwise
    >>> leafwise.tree_structure({'a': 0, 'b': [0]}).children()
    [PyTreeDef(*), PyTreeDef([*])]
)";

constexpr const char* kNodeData = R"(node_data($self)
--

Give the type and the metadata of the root.

Returns:
    None for a leaf, else the pair (type, metadata). The metadata are the sorted keys of a
    dict, the keys of an OrderedDict, the default factory and the keys of a defaultdict,
    the aux data of a registered class, and None for what has none.

Example:
    >>> import leafwise
    >>> leafwise.tree_structure({'b': 0, 'a': [0]}).node_data()
    (<class 'dict'>, ['a', 'b'])
)";

constexpr const char* kCompose = R"(compose($self, inner, /)
--

Put another structure in the place of each leaf.

Args:
    inner: The PyTreeDef that takes the place of the leaves.

Returns:
    A new PyTreeDef.

Raises:
    ValueError: The two are of different registries.
    TypeError: `inner` is no PyTreeDef.

Example:
    >>> import leafwise
    >>> structure = leafwise.tree_structure
    >>> structure([0, 0]).compose(structure((0,)))
    PyTreeDef([(*,), (*,)])
)";

constexpr const char* kWalk = R"(walk($self, f_node, f_leaf, leaves)
--

Replace leaves and containers by what functions return, from the leaves to the root.

Args:
    f_node: Called with the tuple of what the children of a container became, and with the
        container's metadata (see `node_data`).
    f_leaf: Called with each leaf; None leaves them as they are.
    leaves: An iterable of `num_leaves` leaves.

Returns:
    What the root became.

Raises:
    ValueError: There are too few or too many leaves.

Example:
    >>> import leafwise
    >>> treedef = leafwise.tree_structure({'a': 0, 'b': [0]})
    >>> treedef.walk(lambda children, metadata: (metadata, children), None, [1, 2])
    (['a', 'b'], (1, (None, (2,))))
)";

constexpr const char* kFromIterableTree = R"(from_iterable_tree($self, iterables, /)
--

Build an object of this structure from nested iterables, whatever their types.

Args:
    iterables: For each container an iterable of what its children are made of, for each
        leaf any object.

Returns:
    A new tree.

Raises:
    ValueError: An iterable has more or fewer items than the container has children.
    TypeError: In the place of a container there is something that is not iterable.

Example:
    >>> import leafwise
    >>> leafwise.tree_structure({'a': 0, 'b': [0]}).from_iterable_tree((1, (2,)))
    {'a': 1, 'b': [2]}
)";

constexpr const char* kFromNodeDataAndChildren = R"(from_node_data_and_children(registry, node_data, children)
--

Make a structure of its root and the structures below: the inverse of the two methods.

Args:
    registry: The PyTreeRegistry of the structure; None means `leafwise.default_registry`.
    node_data: What `node_data()` returns.
    children: An iterable of PyTreeDefs.

Returns:
    A new PyTreeDef.

Raises:
    RuntimeError: The registry does not know the type.
    ValueError: The metadata does not fit the type or the number of children, or a child
        is of another registry.

Example:
    >>> import leafwise
    >>> leaf = leafwise.tree_structure(0)
    >>> leafwise.PyTreeDef.from_node_data_and_children(
    ...     leafwise.default_registry, (list, None), [leaf, leaf]
    ... )
    PyTreeDef([*, *])
)";

constexpr const char* kSerialize = R"(serialize_using_proto($self)
--

Write the structure as a protocol buffer, in JAX's format.

Returns:
    The message, bytes.

Raises:
    ValueError: There are nodes other than None, tuple, list and dict, or dict keys that
        are no str, or that UTF-8 cannot hold (lone surrogates).

Example:
    >>> import leafwise
    >>> leafwise.tree_structure([0]).serialize_using_proto()
    b'\n\x02\x10\x01\n\x04\x08\x01\x10\x02'
)";

constexpr const char* kDeserialize = R"(deserialize_using_proto(registry, data)
--

Read the structure that `serialize_using_proto` wrote, or JAX's method of the same name.

Args:
    registry: The PyTreeRegistry of the structure; None means `leafwise.default_registry`.
    data: The message, bytes.

Returns:
    A new PyTreeDef. Nothing is imported or called for it.

Raises:
    ValueError: The bytes are no such message.

Example:
    >>> import leafwise
    >>> data = leafwise.tree_structure({'a': [1, None]}).serialize_using_proto()
    >>> leafwise.PyTreeDef.deserialize_using_proto(leafwise.default_registry, data)
    PyTreeDef({'a': [*, None]})
)";

}  // namespace leafwise::treedef_docs
