#include "core/node_builder.h"

namespace leafwise {

void NodeBuilder::add_leaf() {
  ++num_leaves_;
  ++num_nodes_;
  if (open_nodes_.empty() || open_nodes_.back().has_explicit_children) {
    nodes_.push_back(Node::leaf());
  } else {
    ++open_nodes_.back().implied_leaves;
  }
  finish_child();
}

void NodeBuilder::add_with_leaves(Node node) {
  make_last_open_explicit();
  num_leaves_ += node.num_leaves = node.arity;
  num_nodes_ += node.num_nodes = node.arity + 1;
  node.extent = 1;
  nodes_.push_back(std::move(node));
  finish_child();
}

void NodeBuilder::open(Node node) {
  make_last_open_explicit();
  open_nodes_.push_back({nodes_.size(), node.arity, num_leaves_, num_nodes_, 0, false});
  ++num_nodes_;
  nodes_.push_back(std::move(node));
  if (nodes_.back().arity > 0) return;
  close_last();
  finish_child();
}

// The leaves before a child that is no leaf get places in the array.
void NodeBuilder::make_last_open_explicit() {
  if (open_nodes_.empty() || open_nodes_.back().has_explicit_children) return;
  OpenNode& parent = open_nodes_.back();
  for (Py_ssize_t i = 0; i < parent.implied_leaves; ++i) nodes_.push_back(Node::leaf());
  parent.has_explicit_children = true;
}

void NodeBuilder::add_copy_of(const Nodes& nodes) {
  for (const Node& node : nodes) {
    if (node.kind == Kind::kLeaf) {
      add_leaf();
      continue;
    }
    open(node.clone());
    for (Py_ssize_t i = 0; node.has_implied_leaves() && i < node.arity; ++i) add_leaf();
  }
}

// The node that is complete now is one child less for its parent to wait for.
void NodeBuilder::finish_child() {
  while (!open_nodes_.empty() && --open_nodes_.back().remaining_children == 0) close_last();
}

void NodeBuilder::close_last() {
  const OpenNode& closing = open_nodes_.back();
  Node& node = nodes_[closing.index];
  node.num_leaves = num_leaves_ - closing.leaves_before;
  node.num_nodes = num_nodes_ - closing.nodes_before;
  node.extent = static_cast<Py_ssize_t>(nodes_.size() - closing.index);
  open_nodes_.pop_back();
}

}  // namespace leafwise
