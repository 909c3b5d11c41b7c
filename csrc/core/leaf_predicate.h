// is_leaf, the user's word on what is a leaf, called on every node.
#pragma once

#include "core/path_walker.h"

namespace leafwise {

// With `takes_path` it is called with the key path of the node as well. It is asked about every node of a walk in
// pre-order, and told of each container by `enter`.
class LeafPredicate {
 public:
  LeafPredicate(PyObject* is_leaf, bool takes_path) : is_leaf_(is_leaf), takes_path_(takes_path) {}

  // Runs Python code.
  bool operator()(PyObject* object);
  // The node asked about last is this container.
  void enter(const Node& node) {
    if (takes_path_ && node.arity > 0) walker_.enter(node);
  }

 private:
  PyObject* is_leaf_;
  bool takes_path_;
  PathWalker walker_;
};

}  // namespace leafwise
