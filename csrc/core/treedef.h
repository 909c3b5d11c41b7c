// A treedef: the structure of a pytree, without its leaves.
//
// It is an array of nodes in pre-order: each container stands before its children, the children from left to right. A
// container whose children are all leaves stands alone, they are implied by its arity; so a list of a million numbers is
// one node.
//
//     tree        [1, {'a': 2, 'b': (3, 4)}, None]
//
//     index       0       1     2       3     4        5
//     kind        list    leaf  dict    leaf  tuple    None
//     arity       3       0     2       0     2        0
//     num_leaves  4       1     3       1     2        0
//     num_nodes   8       1     5       1     3        1       leaves that are implied are counted
//     extent      6       1     3       1     1        1       they take no place
//     keys                      'a','b'
//
// Equal siblings in a row stand once, with a count, if one can stand for the other so that nobody could tell; so the
// structure of a million records is as small as that of one:
//
//     tree        [{'x': 1, 'y': 2}, {'x': 3, 'y': 4}, {'x': 5, 'y': 6}, 7]
//
//     index       0       1         2
//     kind        list    dict      leaf
//     arity       4       2         0
//     repeats     1       3         1
//     num_leaves  7       2         1       those of one of the dicts
//     num_nodes   11      3         1       likewise
//     extent      3       1         1
//
// `Unrolled` (core/unrolled.h) goes through the nodes as often as they occur.
//
// The first child of the container at `i` stands at `i + 1`, the next sibling of the node at `i` at
// `i + nodes[i].extent`, the last one ends where its parent ends. So a subtree is a slice of the array, flattening
// appends to it, and everything that walks it (unflatten, ==, hash, repr, paths ...) goes from front to back with a small
// stack in memory: no recursion, any depth. NodeBuilder makes such arrays, the only way; so equal structures have equal
// arrays, but for what is equal and yet not the same, such as the keys 1 and True.
//
// A treedef is immutable and owns all it refers to: its registry, dict keys, types, aux data, registrations; never
// leaves. Because it is complete when anybody first sees it, every reference cycle through it also goes through an object
// that was changed later and can be cleared, so like a tuple it has tp_traverse and no tp_clear.
#pragma once

#include "kinds/node.h"

#include <vector>

namespace leafwise {

using Nodes = std::vector<Node>;

class BuildPlan;  // core/build_plan.h

// How an object can be read that is thought to have the structure (see core/fast_walk.h): not at all, because only user
// code can tell; owning what is held, because some Python code may run; or borrowing everything.
enum class Reading : unsigned char { kUnknown, kNever, kOwned, kBorrowed };

// The Python object; its behaviour towards Python is in binding/bind_treedef.cpp.
struct TreeDef {
  PyObject_HEAD
  Nodes nodes;  // never empty
  bool has_repeats = false;
  Ref registry;  // the PyTreeRegistry it was made with

  // Made when they are first asked for.
  mutable Reading reading = Reading::kUnknown;
  mutable std::vector<std::uint32_t> nodes_with_fields;  // one of each class; empty until it is needed
  // A treedef that this one was found to be equal to, so that it need not be found again: programs compare the same two
  // all the time. Only ever one at a higher address, so that no cycles come of it; and only between treedefs without
  // anything of the user's, which might change its mind.
  mutable Ref known_equal;
  mutable Py_hash_t hash_value = -1;                    // -1: not yet
  mutable Ref paths;                                    // a tuple of the key paths of the leaves
  mutable bool was_rebuilt = false;                     // by unflatten, once
  mutable std::shared_ptr<const BuildPlan> build_plan;  // from the second time on
  mutable unsigned char plans_made = 0;

  TreeDef() noexcept;  // where BuildPlan is known
  ~TreeDef();

  const Node& root() const noexcept { return nodes.front(); }
  Py_ssize_t num_leaves() const noexcept { return root().num_leaves; }
};

// The Python type; set once, when the module is loaded.
extern PyTypeObject* treedef_type;

inline const TreeDef& treedef_of(PyObject* treedef) noexcept { return *reinterpret_cast<const TreeDef*>(treedef); }
inline bool is_treedef(PyObject* object) noexcept { return PyObject_TypeCheck(object, treedef_type) != 0; }

// Runs Python code when it is first asked for.
Reading reading_of(const TreeDef& treedef);
Reading reading_of(const Node& root);  // of the subtree
// The same as things stand: what has fields may be read by borrowing as long as its class is fit for that, and nothing
// without a GIL.
Reading reading_now(const TreeDef& treedef);
Reading reading_now(const Node& root);

Ref make_treedef(Nodes nodes, PyObject* registry);
Ref leaf_treedef(PyObject* registry);

// The treedefs of the root's children, as a list.
Ref treedef_children(const TreeDef& treedef);
// The treedef of a tuple whose items have the given treedefs; `registry` if there are none.
Ref treedef_tuple(const Refs& treedefs, PyObject* registry);
// `outer` with each leaf replaced by `inner`.
Ref compose(const TreeDef& outer, const TreeDef& inner);

// May run Python code (keys, metadata), and raise what it raises.
bool equal(const TreeDef& a, const TreeDef& b);
Py_hash_t hash(const TreeDef& treedef);
Ref repr(PyObject* object);

}  // namespace leafwise
