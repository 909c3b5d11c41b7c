// Makes the array of nodes of a treedef (see treedef.h), node by node in pre-order.
#pragma once

#include "core/treedef.h"
#include "cpython/reused_vector.h"

namespace leafwise {

class NodeBuilder {
 public:
  void reserve(size_t num_nodes) { nodes_.reserve(num_nodes); }

  void add_leaf();
  // Adds a container, like `open`, and its children, which are all leaves.
  void add_with_leaves(Node&& node);
  // Adds a container, of which everything but the counts is set. As many of the next nodes as it has children are its
  // children.
  void open(Node&& node);
  // Adds a whole structure.
  void add_copy_of(const Node& root);

  // What `object`, the next child, will probably look like: its last sibling, if that is of the same type and size, if the
  // walk that compares may borrow (fast_walk.h), and if such siblings were alike before. Else null.
  const Node* expected(PyObject* object);
  // Adds a container that is like the expected one in everything.
  void repeat_last_sibling();
  // The next child does not look like that, so no more is expected from its siblings until two are alike again.
  void was_not_as_expected() noexcept { open_nodes_.back().expects_likeness = false; }

  // The key path that the next node will have. May run Python code.
  Ref path_of_next() const;

  // How many containers still wait for children.
  size_t depth() const noexcept { return open_nodes_.size(); }
  // Whether the root is there with all that is below it. Nothing may be added then.
  bool complete() const noexcept { return !nodes_.empty() && open_nodes_.empty(); }
  Nodes finish() &&;

 private:
  struct OpenNode {
    size_t index;  // in nodes_
    Py_ssize_t remaining_children;
    Py_ssize_t leaves_before;
    Py_ssize_t nodes_before;
    // Children that are leaves have no places in the array as long as there is no other child.
    Py_ssize_t implied_leaves;
    bool has_explicit_children;
    size_t last_child;  // its index in nodes_ if it is a complete container, else 0
    Reading reading;    // of that one; found out when it is needed
    bool expects_likeness;
  };

  void make_last_open_explicit();
  void finish_leaf();
  void finish_container(size_t index);
  size_t close_last();  // gives its index
  bool is_like_last_sibling(size_t index, size_t last_child) const;

  ReusedVector<Node> nodes_;
  ReusedVector<OpenNode> open_nodes_;
  Py_ssize_t num_leaves_ = 0;  // so far
  Py_ssize_t num_nodes_ = 0;   // likewise, implied leaves included
};

}  // namespace leafwise
