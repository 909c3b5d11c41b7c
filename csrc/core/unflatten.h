// Unflatten: leaves and a treedef -> an object. And `walk`, which is the same with other builders.
#pragma once

#include "core/treedef.h"

namespace leafwise {

// `iterable` has the leaves; it is drained before anything is built. Runs Python code: the iterator, unflatten functions,
// constructors, hashing of dict keys. Throws ValueError for too few or too many leaves.
Ref unflatten(const TreeDef& treedef, PyObject* iterable);

// Replaces each leaf by f_leaf(leaf) (None: the leaf itself) and each container by f_node(children, aux); returns what
// the root became.
Ref walk(const TreeDef& treedef, PyObject* f_node, PyObject* f_leaf, PyObject* iterable);

// Builds an object of nested iterables, which have this structure but may be of other types: an iterable with as many
// items as there are children for each container, in the order of the children.
Ref from_iterable_tree(const TreeDef& treedef, PyObject* iterables);

}  // namespace leafwise
