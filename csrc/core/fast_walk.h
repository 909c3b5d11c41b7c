// Walks an object and a treedef together, much faster than flattening does: it only compares, and copies leaves.
//
// Most structures are read without running any Python code. Nothing can change a container meanwhile, therefore the walk
// may borrow everything. Where objects have fields, reading these may run Python code after all; then the walk owns what it
// holds, as all careful code does. Which way it goes is a property of the structure (`Reading` in treedef.h).
//
// Where it can't tell (registered classes with functions, keys of user types, another structure) it says so, and the
// caller takes the careful way (flatten.h, flatten_up_to.h), which also knows what to complain about.
#pragma once

#include "core/treedef.h"

namespace leafwise {

class LeafTypes;

// What is in `tree` at the leaves of the treedef, as a new list; an empty Ref if the walk can't tell.
// With `leaf_types`, each of these has to be a leaf by its type.
Ref read_leaves(const TreeDef& treedef, PyObject* tree, LeafTypes* leaf_types);

// The same for a subtree that is read by borrowing; writes the leaves, borrowed, to `places`, of which there are enough.
bool read_one(const Node& root, PyObject* tree, LeafTypes& leaf_types, PyObject** places);

// The same as read_leaves without the list.
bool has_structure(const TreeDef& treedef, PyObject* tree, LeafTypes& leaf_types);

}  // namespace leafwise
