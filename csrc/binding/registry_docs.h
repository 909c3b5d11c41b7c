// Signatures and docstrings of PyTreeRegistry and its methods (bind_registry.cpp).
#pragma once

namespace leafwise::registry_docs {

constexpr const char* kClass =
    R"(PyTreeRegistry(enable_none=True, enable_tuple=True, enable_namedtuple=True, enable_list=True, enable_dict=True, *, parent=None)
--

Which classes are nodes, and how their objects are taken apart and put together.

Every function that walks a tree takes one as `registry`; the default is
`leafwise.default_registry`. A new registry knows the built-in containers and none of the
classes that are registered elsewhere, unless it has a parent: then it asks the parent for
whatever it does not have itself, built-in containers included, except those it has as
leaves.

Args:
    enable_none: Whether None is a node without children (True) or a leaf (False).
    enable_tuple: Whether tuples are nodes (True) or leaves (False).
    enable_namedtuple: Accepted for compatibility with JAX, where it has no effect either.
    enable_list: Whether lists are nodes (True) or leaves (False).
    enable_dict: The same for dict, OrderedDict and defaultdict.
    parent: A PyTreeRegistry, or None.

Raises:
    TypeError: A flag is no bool, or `parent` is no registry.

Example:
    >>> import leafwise
    >>> registry = leafwise.PyTreeRegistry(enable_none=False)
    >>> leafwise.tree_leaves([1, None], registry=registry)
    [1, None]
)";

constexpr const char* kRegisterNode =
    R"(register_node($self, nodetype, flatten_func, unflatten_func, flatten_with_keys_func=None, *, subclasses=False)
--

Make the objects of a class nodes; `leafwise.register_pytree_node` calls it.

Args:
    nodetype: The class.
    flatten_func: Called with an object; returns a pair of children and metadata.
    unflatten_func: Called with metadata and a tuple of children; returns an object.
    flatten_with_keys_func: As `flatten_func`, but with a pair (key, child) for each child;
        None numbers the children.
    subclasses: Whether objects of derived classes are nodes as well. Instead of True it may
        be a callable that is given a derived class and returns the functions for it.

Raises:
    ValueError: The class is registered already.
    TypeError: `nodetype` is no class, or one of the functions cannot be called.

Example:
    >>> import leafwise
    >>> class Box:
    ...     def __init__(self, content):
    ...         self.content = content
    >>> registry = leafwise.PyTreeRegistry()
    >>> registry.register_node(Box, lambda box: ((box.content,), None), lambda _, xs: Box(*xs))
    >>> leafwise.tree_leaves([Box(1), Box(2)], registry=registry)
    [1, 2]
)";

constexpr const char* kRegisterDataclassNode =
    R"(register_dataclass_node($self, nodetype, data_fields, meta_fields, *, construct='init', order=None, aliases=None, subclasses=False)
--

Make the objects of a class nodes by the names of its fields.

`leafwise.register_dataclass` calls it, which finds out and checks the names.

Args:
    nodetype: The class.
    data_fields: The names of the attributes that are children.
    meta_fields: The names of the attributes that are metadata.
    construct: `'init'` rebuilds objects by calling the class with its fields as keyword
        arguments, `'new'` by `__new__`, and by setting the attributes.
    order: All fields in the order in which `construct='new'` sets them; None means data,
        then meta fields.
    aliases: A dict: what the constructor calls a field whose name is another one.
    subclasses: Whether objects of derived classes are nodes as well. Instead of True it may
        be a callable that is given a derived class and returns the arguments for it.

Raises:
    ValueError: The class is registered already, or a field is named twice.
    TypeError: `nodetype` is no class.

Example:
    >>> import leafwise
    >>> class Point:
    ...     def __init__(self, x, y):
    ...         self.x, self.y = x, y
    >>> registry = leafwise.PyTreeRegistry()
    >>> registry.register_dataclass_node(Point, ['x', 'y'], [])
    >>> leafwise.tree_leaves(Point(1, [2]), registry=registry)
    [1, 2]
)";

constexpr const char* kUnregisterNode = R"(unregister_node($self, nodetype)
--

Make the objects of a registered class leaves again.

Structures that were made before can be used as before.

Args:
    nodetype: The class.

Raises:
    ValueError: The class is not registered here, or is built in.
    TypeError: `nodetype` is no class.

Example:
    >>> import leafwise
    >>> registry = leafwise.PyTreeRegistry()
    >>> registry.register_node(set, lambda items: (sorted(items), None), lambda _, xs: set(xs))
    >>> registry.unregister_node(set)
    >>> leafwise.tree_leaves({1, 2}, registry=registry)
    [{1, 2}]
)";

constexpr const char* kIsNode = R"(is_node($self, nodetype)
--

Tell whether objects of exactly this class are nodes.

Args:
    nodetype: The class. What is no class is no node either.

Returns:
    A bool.

Example:
    >>> import leafwise
    >>> leafwise.default_registry.is_node(list), leafwise.default_registry.is_node(set)
    (True, False)
)";

constexpr const char* kFlatten = R"(flatten($self, tree, leaf_predicate=None)
--

Take a tree apart; see `leafwise.tree_flatten`.

Args:
    tree: Any object.
    leaf_predicate: Called with each node and leaf: whether it is taken as a leaf.

Returns:
    A pair: the list of the leaves, and the PyTreeDef.

Raises:
    ValueError: See `leafwise.tree_flatten`.
    RecursionError: See `leafwise.tree_flatten`.

Example:
    >>> import leafwise
    >>> leafwise.default_registry.flatten([1, (2,)], lambda node: type(node) is tuple)
    ([1, (2,)], PyTreeDef([*, *]))
)";

constexpr const char* kFlattenWithPath = R"(flatten_with_path($self, tree, leaf_predicate=None)
--

Take a tree apart, with key paths; see `leafwise.tree_flatten_with_path`.

Args:
    tree: Any object.
    leaf_predicate: Called with the key path of each node and leaf, and with that: whether it is
        taken as a leaf.

Returns:
    A pair: the list of (path, leaf) pairs, and the PyTreeDef.

Raises:
    ValueError: See `leafwise.tree_flatten`.
    RecursionError: See `leafwise.tree_flatten`.

Example:
    >>> import leafwise
    >>> leafwise.default_registry.flatten_with_path([[1], 2], lambda path, _: len(path) == 1)
    ([((SequenceKey(idx=0),), [1]), ((SequenceKey(idx=1),), 2)], PyTreeDef([*, *]))
)";

constexpr const char* kFlattenOneLevel = R"(flatten_one_level($self, tree, /)
--

Take apart the root of a tree only; see `leafwise.flatten_one_level`.

Args:
    tree: Any object.

Returns:
    The pair of the children and the metadata, or None if `tree` is a leaf.

Example:
    >>> import leafwise
    >>> leafwise.default_registry.flatten_one_level({'b': [1, 2], 'a': 3})
    ((3, [1, 2]), ('a', 'b'))
)";

constexpr const char* kFlattenOneLevelWithKeys = R"(flatten_one_level_with_keys($self, tree, /)
--

Take apart the root of a tree only; see `leafwise.flatten_one_level_with_keys`.

Args:
    tree: Any object.

Returns:
    The pair of the (key, child) pairs and the metadata, or None if `tree` is a leaf.

Example:
    >>> import leafwise
    >>> leafwise.default_registry.flatten_one_level_with_keys([7])
    (((SequenceKey(idx=0), 7),), None)
)";

}  // namespace leafwise::registry_docs
