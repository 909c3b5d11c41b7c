// Key paths: how one gets from the root to a node, as a tuple of key entries.
#pragma once

#include "core/flatten.h"
#include "core/treedef.h"

namespace leafwise {

// A tuple with one tuple per leaf, made once per treedef. May run Python code (a named tuple's `_fields`).
Ref leaf_paths(const TreeDef& treedef);

struct LeavesWithPath {
  Ref pairs;  // a list of (path, leaf)
  Ref treedef;
};
// Flattens, with the key path of each leaf. Runs Python code as flatten does.
LeavesWithPath flatten_with_path(PyObject* tree, FlattenOptions options, PyObject* registry);

// The same with the paths, a tuple, and the leaves, a list, apart.
struct LeavesAndPaths {
  Ref paths;
  Ref leaves;
  Ref treedef;
};
LeavesAndPaths flatten_and_paths(PyObject* tree, FlattenOptions options, PyObject* registry);

// The path of the node that is visited after `node_index` others, those of implied leaves not counted.
Ref path_of_node(const TreeDef& treedef, size_t node_index);

// A path (a tuple of any objects) as keystr prints it, ['a'][0].b, but bounded in length for error messages. Runs the
// keys' repr and str.
Ref short_keystr(PyObject* path);

// Names a place in a tree, a path as above, in words that can follow "at".
Ref locate(PyObject* path);

}  // namespace leafwise
