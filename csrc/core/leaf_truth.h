// Whether there is a leaf of a certain truth in a tree: what tree_all and tree_any ask.
#pragma once

#include "core/flatten.h"

namespace leafwise {

// Looks at the leaves one by one, and no further than the first for which bool() gives `truth`. Runs Python code: that of
// a LeafWalk, and __bool__ and __len__ of the leaves.
bool has_leaf_that_is(bool truth, PyObject* tree, const FlattenOptions& options);

}  // namespace leafwise
