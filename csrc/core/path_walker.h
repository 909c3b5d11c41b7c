// Knows the key path of the node that a walk in pre-order is at.
#pragma once

#include "core/treedef.h"

namespace leafwise {

class PathWalker {
 public:
  // Goes on to the next node: the next child of the innermost container that has one left. Call it for each node, the
  // root included.
  void next() noexcept;
  // Says that the children of `node`, at which the walk is, come next; it has some. May run Python code.
  void enter(const Node& node);
  // A tuple of key entries.
  Ref path() const;

 private:
  struct Container {
    size_t first_key;  // in keys_: the key entries of its children
    Py_ssize_t arity;
    Py_ssize_t child;  // the one the walk is at; -1 before the first
  };
  std::vector<Container> containers_;
  Refs keys_;
};

}  // namespace leafwise
