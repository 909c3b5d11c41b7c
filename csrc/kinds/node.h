// One node of a treedef: what is known of a container, without its children. A treedef is an array of them in pre-order
// (see core/treedef.h).
#pragma once

#include "cpython/containers.h"
#include "kinds/kind.h"
#include "kinds/node_keys.h"
#include "kinds/registration.h"

namespace leafwise {

struct Node {
  Kind kind = Kind::kLeaf;
  Py_ssize_t arity = 0;       // number of children
  Py_ssize_t num_leaves = 0;  // in the subtree that starts here
  Py_ssize_t num_nodes = 0;   // likewise, this one included
  Py_ssize_t extent = 0;      // of the subtree in the array: the next sibling is that many places further on
  Py_ssize_t repeats = 1;     // so many equal siblings in a row stand here once; the numbers above are of one of them

  // namedtuple: its type. defaultdict: the default factory. Custom class: its aux data. Dataclass: the tuple of the
  // values of its meta fields.
  Ref data;
  // Custom class and dataclass: the Registration by which it was flattened.
  Ref registration;
  // `arity` of them, or none. The dict kinds: the dict's keys in the order of the children. Custom class: the key entries,
  // if it was flattened with paths and names its children. Owned one by one, not in a tuple, so that the garbage
  // collector's get_referents(treedef) shows each of them.
  // Their order, for dict and defaultdict: the place in `keys` of the key that was inserted first, second ...; none if they
  // are sorted. A hint for reading the next dict that looks the same; no part of the structure.
  NodeKeys keys;

  Node() = default;
  explicit Node(Kind node_kind, Py_ssize_t node_arity = 0) : kind(node_kind), arity(node_arity) {}

  static Node leaf() {
    Node node;
    node.num_leaves = node.num_nodes = node.extent = 1;
    return node;
  }

  // Copying is spelled out, because it costs a reference count for each key.
  Node clone() const {
    Node copy(kind, arity);
    copy.num_leaves = num_leaves;
    copy.num_nodes = num_nodes;
    copy.extent = extent;
    copy.repeats = repeats;
    copy.data = data;
    copy.registration = registration;
    copy.keys = keys.clone();
    return copy;
  }

  void set_keys(const Ref* source) {
    keys = NodeKeys(arity, false);
    for (Py_ssize_t i = 0; i < arity; ++i) keys[static_cast<size_t>(i)] = source[i];
  }

  // A container whose children are all leaves: these are not in the array.
  bool has_implied_leaves() const noexcept { return extent == 1 && arity > 0; }

  const Ref& key(Py_ssize_t index) const { return keys[static_cast<size_t>(index)]; }
  const Registration& custom() const { return *reinterpret_cast<const Registration*>(registration.get()); }

  int traverse(visitproc visit, void* arg) const {
    if (const int stop = visit_ref(data, visit, arg)) return stop;
    if (const int stop = visit_ref(registration, visit, arg)) return stop;
    if (!keys) return 0;
    for (Py_ssize_t i = 0; i < arity; ++i) {
      if (const int stop = visit_ref(key(i), visit, arg)) return stop;
    }
    return 0;
  }
};

}  // namespace leafwise
