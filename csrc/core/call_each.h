// Calls a function with what is at each leaf: the part of tree_map between flattening and unflattening.
#pragma once

#include "core/treedef.h"

namespace leafwise {

// The results of `f` for each leaf of the treedef, as a list. Each of the `columns`, lists or tuples, has a value for each
// leaf, and `f` is called with a leaf's values in all of them. What `f` raises is raised; its StopIteration, which
// whoever iterates over leaves would take for the end of them, as a RuntimeError that says where.
Ref call_each(PyObject* f, const TreeDef& treedef, PyObject* const* columns, Py_ssize_t num_columns);

}  // namespace leafwise
