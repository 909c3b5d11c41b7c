// Combines the leaves of a tree, one after the other: the part of tree_reduce that comes after flattening.
#pragma once

#include "cpython/containers.h"

namespace leafwise {

// f(...f(f(initial, leaves[0]), leaves[1])...). `leaves` is a list, of which the first `skipped` items are left out. What
// `f` raises is raised.
Ref fold(PyObject* f, Ref initial, PyObject* leaves, Py_ssize_t skipped);

}  // namespace leafwise
