// flatten_one_level: an object -> its children and what is left of it, one level deep.
#pragma once

#include "core/flatten.h"

namespace leafwise {

// A pair (children, aux), both as JAX gives them. Throws ValueError for a leaf.
Ref flatten_one_level(PyObject* object, const FlattenOptions& options);
// The same with (key entry, child) pairs as the children. `path` is where in a tree the object is, for errors, or None.
Ref flatten_one_level_with_keys(PyObject* object, const FlattenOptions& options, PyObject* path = Py_None);

}  // namespace leafwise
