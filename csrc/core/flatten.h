// Flatten: an object -> its leaves and its nodes.
#pragma once

#include "core/registry.h"
#include "core/treedef.h"
#include "cpython/growing_list.h"
#include "kinds/agenda.h"

namespace leafwise {

struct FlattenOptions {
  const Registry* registry = nullptr;
  PyObject* is_leaf = nullptr;      // a callable, or null
  bool is_leaf_takes_path = false;  // is_leaf(path, node) instead of is_leaf(node)
  bool none_is_leaf = false;
  bool with_keys = false;  // nodes get what their key paths need
};

struct Flattened {
  GrowingList leaves;  // to be published last
  Nodes nodes;
  // Some leaf is one by itself, not by its type, or warns: the next time it has to be asked again.
  bool has_unsure_leaves = false;
};

// Runs Python code: is_leaf, flatten functions, `<` of dict keys, finalizers. Throws RecursionError for trees nested more
// deeply than sys.getrecursionlimit(), which cyclic ones are.
Flattened flatten(PyObject* tree, const FlattenOptions& options);

// An object taken apart: by a structure seen before if there is one, else by `flatten`. `registry_object` is the Python
// object that `options.registry` is in.
struct LeavesAndTreedef {
  Ref leaves;  // a list
  Ref treedef;
};
LeavesAndTreedef flatten_to_treedef(PyObject* tree, const FlattenOptions& options, PyObject* registry_object);
// The treedef alone.
Ref structure_of(PyObject* tree, const FlattenOptions& options, PyObject* registry_object);

// What the object is by itself. Runs Python code if its class was not seen before, or is a subclass of tuple.
Classification classify(PyObject* object, const Registry& registry, bool none_is_leaf);

// Whether objects of exactly this type are nodes; false for what is no type. Runs Python code, too.
bool is_node_type(PyObject* type, const Registry& registry);

// What walks from leaf to leaf have in common. The first may run Python code.
void warn_of_iterator(PyTypeObject* type);
[[noreturn]] void throw_too_deep();
constexpr const char* kRecursionWhere = " in flatten; PyTree may have cyclical node references.";

// A node for the object, its children on the agenda. `classification` is of the same object and not for a leaf.
Node open_node(PyObject* object, const Classification& classification, Agenda& agenda, bool with_keys);

}  // namespace leafwise
