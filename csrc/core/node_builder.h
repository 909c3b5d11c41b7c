// Makes the array of nodes of a treedef (see treedef.h), node by node in pre-order.
#pragma once

#include "core/treedef.h"

namespace leafwise {

class NodeBuilder {
 public:
  NodeBuilder() {
    nodes_.reserve(kUsualSize);
    open_nodes_.reserve(kUsualSize);
  }
  void reserve(size_t num_nodes) { nodes_.reserve(num_nodes); }

  void add_leaf();
  // Adds a container, like `open`, and its children, which are all leaves.
  void add_with_leaves(Node node);
  // Adds a container, of which everything but the counts is set. As many of the next nodes as it has children are its
  // children.
  void open(Node node);
  // Adds a whole structure.
  void add_copy_of(const Nodes& nodes);

  // How many containers still wait for children.
  size_t depth() const noexcept { return open_nodes_.size(); }
  // Whether the root is there with all that is below it. Nothing may be added then.
  bool complete() const noexcept { return !nodes_.empty() && open_nodes_.empty(); }
  Nodes finish() && { return std::move(nodes_); }

 private:
  struct OpenNode {
    size_t index;  // in nodes_
    Py_ssize_t remaining_children;
    Py_ssize_t leaves_before;
    Py_ssize_t nodes_before;
    // Children that are leaves have no places in the array as long as there is no other child.
    Py_ssize_t implied_leaves;
    bool has_explicit_children;
  };

  // Room enough for most trees, so that it is asked for once; in pieces that malloc has at hand, which are up to 1 KiB.
  static constexpr size_t kUsualSize = 1000 / sizeof(Node);

  void make_last_open_explicit();
  void finish_child();
  void close_last();

  Nodes nodes_;
  std::vector<OpenNode> open_nodes_;
  Py_ssize_t num_leaves_ = 0;  // so far
  Py_ssize_t num_nodes_ = 0;   // likewise, implied leaves included
};

}  // namespace leafwise
