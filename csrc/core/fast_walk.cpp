#include "core/fast_walk.h"

#include "core/leaf_types.h"
#include "cpython/new_list.h"
#include "kinds/dispatch.h"

namespace leafwise {
namespace {

// The objects that are still to be visited, borrowed, the next one on top. One for all walks, because no walk can begin
// while another one runs.
class Pending {
 public:
  void clear() noexcept { size_ = 0; }
  PyObject* pop() noexcept { return objects_[--size_]; }
  // Room for so many more; what is last in it is on top.
  PyObject** grow(Py_ssize_t count) {
    const size_t end = size_ + static_cast<size_t>(count);
    if (end > objects_.size()) objects_.resize(std::max(end, 2 * objects_.size()));
    PyObject** room = objects_.data() + size_;
    size_ = end;
    return room;
  }
  void shrink(Py_ssize_t count) noexcept { size_ -= static_cast<size_t>(count); }
  // After a walk over something wide the memory is given back.
  void trim() noexcept {
    if (objects_.size() > kKept) std::vector<PyObject*>().swap(objects_);
  }

 private:
  static constexpr size_t kKept = 16384;
  std::vector<PyObject*> objects_;
  size_t size_ = 0;
};
Pending pending;

bool read(const Node& node, PyObject* object, PyObject** children, std::ptrdiff_t step) {
  return with_kind(node.kind, [&](auto kind) { return kind.read(node, object, children, step); });
}

// Whether each object is a leaf by its type; most are of the type of the one before.
class LeafCheck {
 public:
  explicit LeafCheck(LeafTypes* leaf_types) : leaf_types_(leaf_types) {}
  bool operator()(PyObject* const* objects, Py_ssize_t count) {
    if (leaf_types_ == nullptr) return true;
    for (Py_ssize_t i = 0; i < count; ++i) {
      PyTypeObject* type = Py_TYPE(objects[i]);
      if (type == last_type_) continue;
      if (!leaf_types_->contains(type)) return false;
      last_type_ = type;
    }
    return true;
  }

 private:
  LeafTypes* leaf_types_;
  PyTypeObject* last_type_ = nullptr;
};

// Where the leaves go: to the places of a list, or nowhere.
class ListPlaces {
 public:
  explicit ListPlaces(NewList& list) : next_(list.places()) {}
  PyObject** room(Py_ssize_t) { return next_; }
  void taken(Py_ssize_t count) {
    own(next_, count);
    next_ += count;
  }
  void refused(Py_ssize_t count) { std::fill_n(next_, count, nullptr); }

 private:
  PyObject** next_;
};
class Nowhere {
 public:
  PyObject** room(Py_ssize_t count) { return pending.grow(count); }
  void taken(Py_ssize_t count) { pending.shrink(count); }
  void refused(Py_ssize_t) {}
};

template <class Places>
bool walk(const Nodes& nodes, PyObject* tree, LeafCheck is_leaf, Places places) {
  pending.clear();
  *pending.grow(1) = tree;
  for (const Node& node : nodes) {
    PyObject* object = pending.pop();
    if (node.kind != Kind::kLeaf && !node.has_implied_leaves()) {
      // In reverse, so that the first child is on top. Empty containers have none.
      PyObject** children = pending.grow(node.arity);
      if (!read(node, object, children + node.arity - 1, -1)) return false;
      continue;
    }
    const Py_ssize_t count = node.kind == Kind::kLeaf ? 1 : node.arity;
    PyObject** leaves = places.room(count);
    if (node.kind == Kind::kLeaf) *leaves = object;
    if ((node.kind != Kind::kLeaf && !read(node, object, leaves, 1)) || !is_leaf(leaves, count)) {
      places.refused(count);
      return false;
    }
    places.taken(count);
  }
  return true;
}

}  // namespace

Ref read_leaves(const TreeDef& treedef, PyObject* tree, LeafTypes* leaf_types) {
  NewList leaves(treedef.num_leaves());
  const bool complete = walk(treedef.nodes, tree, LeafCheck(leaf_types), ListPlaces(leaves));
  pending.trim();
  return complete ? std::move(leaves).publish() : Ref();
}

bool has_structure(const TreeDef& treedef, PyObject* tree, LeafTypes& leaf_types) {
  const bool complete = walk(treedef.nodes, tree, LeafCheck(&leaf_types), Nowhere());
  pending.trim();
  return complete;
}

}  // namespace leafwise
