// Treedefs as plain data, for pickling and copying.
#pragma once

#include "core/registry.h"
#include "core/treedef.h"

namespace leafwise {

// A tuple with one (kind, arity, aux, type) per node, in pre-order; `type` is None but for registered classes. Key
// entries of custom nodes are left out: they are found again when an object is flattened.
Ref treedef_state(const TreeDef& treedef);

// The inverse. Trusts nothing: throws ValueError for whatever is no state of a treedef of this registry.
Ref treedef_from_state(PyObject* registry_object, const Registry& registry, PyObject* state);

// The treedef of a root with the given node_data() and children (treedefs); `node_data` None makes a leaf.
Ref treedef_from_node_data(PyObject* registry_object, const Registry& registry, PyObject* node_data,
                           const Refs& children);

}  // namespace leafwise
