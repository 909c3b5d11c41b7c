// flatten_up_to: an object and a treedef whose structure is a prefix of the object's -> the subtrees at the treedef's
// leaves.
#pragma once

#include "core/treedef.h"

namespace leafwise {

// A new list, one object per leaf of the treedef. Runs Python code as flatten does. Throws PyTreeMismatchError, with the
// key path, where the object has another structure.
Ref flatten_up_to(const TreeDef& treedef, PyObject* tree);

// Imports the exception class; called once, when the module is loaded.
void init_mismatch_error();

}  // namespace leafwise
