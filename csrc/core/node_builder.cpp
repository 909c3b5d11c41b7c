#include "core/node_builder.h"

#include "core/unrolled.h"
#include "kinds/dispatch.h"

#include <iterator>

namespace leafwise {

void NodeBuilder::add_leaf() {
  ++num_leaves_;
  ++num_nodes_;
  if (open_nodes_.empty() || open_nodes_.back().has_explicit_children) {
    nodes_.push_back(Node::leaf());
  } else {
    ++open_nodes_.back().implied_leaves;
  }
  finish_leaf();
}

void NodeBuilder::add_with_leaves(Node&& node) {
  make_last_open_explicit();
  num_leaves_ += node.num_leaves = node.arity;
  num_nodes_ += node.num_nodes = node.arity + 1;
  node.extent = 1;
  nodes_.push_back(std::move(node));
  finish_container(nodes_.size() - 1);
}

void NodeBuilder::open(Node&& node) {
  make_last_open_explicit();
  node.repeats = 1;
  open_nodes_.push_back({nodes_.size(), node.arity, num_leaves_, num_nodes_, 0, false, 0, Reading::kUnknown, true});
  ++num_nodes_;
  nodes_.push_back(std::move(node));
  if (nodes_.back().arity == 0) finish_container(close_last());
}

// The leaves before a child that is no leaf get places in the array.
void NodeBuilder::make_last_open_explicit() {
  if (open_nodes_.empty() || open_nodes_.back().has_explicit_children) return;
  OpenNode& parent = open_nodes_.back();
  for (Py_ssize_t i = 0; i < parent.implied_leaves; ++i) nodes_.push_back(Node::leaf());
  parent.has_explicit_children = true;
}

void NodeBuilder::add_copy_of(const Node& root) {
  for (const Node& node : Unrolled(root)) {
    if (node.kind == Kind::kLeaf) {
      add_leaf();
      continue;
    }
    open(node.clone());
    for (Py_ssize_t i = 0; node.has_implied_leaves() && i < node.arity; ++i) add_leaf();
  }
}

const Node* NodeBuilder::expected(PyObject* object) {
  // Larger ones are rare, and to compare them would take long without a chance to interrupt it.
  constexpr Py_ssize_t kMaxNodes = 65536;
  if (open_nodes_.empty()) return nullptr;
  OpenNode& parent = open_nodes_.back();
  if (parent.last_child == 0 || !parent.expects_likeness) return nullptr;
  const Node& sibling = nodes_[parent.last_child];
  if (!sibling.registration && size_of(object) != sibling.arity) return nullptr;
  PyTypeObject* type = with_kind(sibling.kind, [&](auto kind) { return kind.type(sibling); });
  if (Py_TYPE(object) != type) return nullptr;
  if (parent.reading == Reading::kUnknown) parent.reading = reading_now(sibling);
  return parent.reading == Reading::kBorrowed && sibling.num_nodes <= kMaxNodes ? &sibling : nullptr;
}

void NodeBuilder::repeat_last_sibling() {
  Node& sibling = nodes_[open_nodes_.back().last_child];
  ++sibling.repeats;
  num_leaves_ += sibling.num_leaves;
  num_nodes_ += sibling.num_nodes;
  if (--open_nodes_.back().remaining_children == 0) finish_container(close_last());
}

Ref NodeBuilder::path_of_next() const {
  Refs path;
  for (const OpenNode& open : open_nodes_) {
    const Node& node = nodes_[open.index];
    path.push_back(key_of_child(node, node.arity - open.remaining_children));
  }
  return tuple_from(std::move(path));
}

Nodes NodeBuilder::finish() && {
  return {std::make_move_iterator(nodes_.begin()), std::make_move_iterator(nodes_.end())};
}

void NodeBuilder::finish_leaf() {
  if (open_nodes_.empty()) return;
  open_nodes_.back().last_child = 0;
  if (--open_nodes_.back().remaining_children == 0) finish_container(close_last());
}

// The container that is complete now is one child less for its parent to wait for, which may then be complete, too. If it
// is like the child before it, it need not stay.
void NodeBuilder::finish_container(size_t index) {
  while (!open_nodes_.empty()) {
    OpenNode& parent = open_nodes_.back();
    if (parent.last_child != 0 && is_like_last_sibling(index, parent.last_child)) {
      ++nodes_[parent.last_child].repeats;
      parent.expects_likeness = true;
      nodes_.erase(nodes_.begin() + static_cast<std::ptrdiff_t>(index), nodes_.end());
    } else {
      parent.last_child = index;
      parent.reading = Reading::kUnknown;
    }
    if (--parent.remaining_children > 0) return;
    index = close_last();
  }
}

bool NodeBuilder::is_like_last_sibling(size_t index, size_t last_child) const {
  if (nodes_[last_child].extent != nodes_[index].extent) return false;
  for (size_t i = 0; index + i < nodes_.size(); ++i) {
    const Node &node = nodes_[last_child + i], &other = nodes_[index + i];
    if (node.kind != other.kind || node.arity != other.arity || node.extent != other.extent) return false;
    if (i > 0 && node.repeats != other.repeats) return false;
    if (!with_kind(node.kind, [&](auto kind) { return kind.alike(node, other); })) return false;
  }
  return true;
}

size_t NodeBuilder::close_last() {
  const OpenNode closing = open_nodes_.back();
  Node& node = nodes_[closing.index];
  node.num_leaves = num_leaves_ - closing.leaves_before;
  node.num_nodes = num_nodes_ - closing.nodes_before;
  node.extent = static_cast<Py_ssize_t>(nodes_.size() - closing.index);
  open_nodes_.pop_back();
  return closing.index;
}

}  // namespace leafwise
