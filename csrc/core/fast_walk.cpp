#include "core/fast_walk.h"

#include "core/leaf_types.h"
#include "core/unrolled.h"
#include "cpython/new_list.h"
#include "kinds/dispatch.h"

#include <algorithm>

namespace leafwise {
namespace {

// The objects that are still to be visited, the next one on top.
class Pending {
 public:
  size_t size() const noexcept { return size_; }
  PyObject* pop() noexcept { return objects_[--size_]; }
  // Room for so many more, of which the last is on top once they are `added`.
  PyObject** room(Py_ssize_t count) {
    const size_t end = size_ + static_cast<size_t>(count);
    if (end > objects_.size()) objects_.resize(std::max(end, 2 * objects_.size()));
    return objects_.data() + size_;
  }
  void added(Py_ssize_t count) noexcept { size_ += static_cast<size_t>(count); }
  void clear() noexcept { size_ = 0; }
  // After a walk over something wide the memory is given back.
  void trim() noexcept {
    if (objects_.size() > kKept) std::vector<PyObject*>().swap(objects_);
  }

 private:
  static constexpr size_t kKept = 16384;
  std::vector<PyObject*> objects_;
  size_t size_ = 0;
};

// The two ways to hold what the walk comes by.
class Borrowing {
 public:
  static constexpr bool kOwns = false;
  using Object = PyObject*;
  using List = QuietNewList;
  Borrowing() noexcept { pending().clear(); }
  ~Borrowing() { pending().trim(); }
  // One for all walks, because no walk can begin while another one runs.
  Pending& pending() const noexcept { return shared_pending_; }
  static Object hold(PyObject* object) noexcept { return object; }
  static Object take(PyObject* object) noexcept { return object; }
  static PyObject* get(Object object) noexcept { return object; }
  static void give(Object object, PyObject** place) noexcept { *place = object; }
  static void own_leaves(PyObject* const* leaves, Py_ssize_t count) noexcept { own(leaves, count); }
  static void drop(PyObject* const*, Py_ssize_t) noexcept {}
  static bool read(const Node& node, PyObject* object, PyObject** children, std::ptrdiff_t step) {
    return with_kind(node.kind, [&](auto kind) { return kind.read(node, object, children, step); });
  }
  // The next objects, all of which should be as the node, whose children are leaves.
  bool read_row(const Node& node, Py_ssize_t count, PyObject** leaves) {
    return with_kind(node.kind, [&](auto kind) {
      for (; count > 0; --count, leaves += node.arity) {
        if (!kind.read(node, pending().pop(), leaves, 1)) return false;
      }
      return true;
    });
  }
  static constexpr Py_ssize_t kMaxRow = 512;

 private:
  static Pending shared_pending_;
};
Pending Borrowing::shared_pending_;

class Owning {
 public:
  static constexpr bool kOwns = true;
  using Object = Ref;
  using List = NewList;
  ~Owning() {
    while (pending_.size() > 0) take(pending_.pop());
  }
  Pending& pending() noexcept { return pending_; }
  static PyObject* hold(PyObject* object) noexcept { return Ref::borrow(object).release(); }
  static Object take(PyObject* object) noexcept { return Ref::steal(object); }
  static PyObject* get(const Object& object) noexcept { return object.get(); }
  static void give(Object object, PyObject** place) noexcept { *place = object.release(); }
  static void own_leaves(PyObject* const*, Py_ssize_t) noexcept {}
  static void drop(PyObject* const* objects, Py_ssize_t count) noexcept {
    for (Py_ssize_t i = 0; i < count; ++i) take(objects[i]);
  }
  static bool read(const Node& node, PyObject* object, PyObject** children, std::ptrdiff_t step) {
    return with_kind(node.kind, [&](auto kind) {
      if constexpr (kind.kHasFields) return kind.read_owned(node, object, children, step);
      const ContainerLock lock(object);
      if (!kind.read(node, object, children, step)) return false;
      for (Py_ssize_t i = 0; i < node.arity; ++i) own(children + i * step, 1);
      return true;
    });
  }
  // One after the other, because what was read of those before would have to be dropped.
  bool read_row(const Node& node, Py_ssize_t, PyObject** leaves) {
    return read(node, take(pending_.pop()).get(), leaves, 1);
  }
  static constexpr Py_ssize_t kMaxRow = 1;

 private:
  Pending pending_;
};

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
  // The last type may be gone, and another one have its address.
  void forget_last_type() noexcept { last_type_ = nullptr; }

 private:
  LeafTypes* leaf_types_;
  PyTypeObject* last_type_ = nullptr;
};

// Where the leaves go: to the places of a list, to places of the caller's, or nowhere.
template <class Way>
class ListPlaces {
 public:
  explicit ListPlaces(typename Way::List& list) : next_(list.places()) {}
  PyObject** room(Py_ssize_t) { return next_; }
  void taken(Py_ssize_t count) {
    Way::own_leaves(next_, count);
    next_ += count;
  }
  void refused(Py_ssize_t count) { std::fill_n(next_, count, nullptr); }

 private:
  PyObject** next_;
};
class BorrowedPlaces {
 public:
  explicit BorrowedPlaces(PyObject** places) : next_(places) {}
  PyObject** room(Py_ssize_t) { return next_; }
  void taken(Py_ssize_t count) { next_ += count; }
  void refused(Py_ssize_t) {}

 private:
  PyObject** next_;
};
template <class Way>
class Nowhere {
 public:
  explicit Nowhere(Way& way) : pending_(way.pending()) {}
  PyObject** room(Py_ssize_t count) { return room_ = pending_.room(count); }
  void taken(Py_ssize_t count) {
    Way::drop(room_, count);
    room_ += count;
  }
  void refused(Py_ssize_t) {}

 private:
  Pending& pending_;
  PyObject** room_ = nullptr;
};

// In pieces, so that each leaf of a long list is still at hand in the processor's cache when it is owned.
template <class Way, class Places>
bool take_leaves(PyObject* const* leaves, Py_ssize_t count, LeafCheck& is_leaf, Places& places) {
  constexpr Py_ssize_t kPiece = 512;
  for (Py_ssize_t done = 0; done < count; done += kPiece) {
    const Py_ssize_t size = std::min(kPiece, count - done);
    const bool are_leaves = is_leaf(leaves + done, size);
    if (!are_leaves) {
      Way::kOwns ? places.taken(count - done) : places.refused(count - done);
      return false;
    }
    places.taken(size);
    if (Way::kOwns) is_leaf.forget_last_type();
  }
  return true;
}

// Objects in a row that are all as one node, whose children are leaves.
template <class Way, class Places>
bool take_row_of_leaves(const Node& node, Py_ssize_t row, LeafCheck& is_leaf, Way& way, Places& places) {
  const Py_ssize_t max_rows = std::max<Py_ssize_t>(Way::kMaxRow / node.arity, 1);
  while (row > 0) {
    const Py_ssize_t rows = std::min(row, max_rows), count = rows * node.arity;
    PyObject** leaves = places.room(count);
    if (!way.read_row(node, rows, leaves)) {
      places.refused(count);
      return false;
    }
    if (!take_leaves<Way>(leaves, count, is_leaf, places)) return false;
    row -= rows;
  }
  return true;
}

template <class Way, class Places, class NodeRange>
bool walk(const NodeRange& nodes, PyObject* tree, LeafCheck is_leaf, Way& way, Places places) {
  Pending& pending = way.pending();
  PyObject** root = pending.room(1);
  *root = Way::hold(tree);
  pending.added(1);
  for (auto at = nodes.begin(); at != nodes.end(); ++at) {
    const Node& node = *at;
    if (node.has_implied_leaves()) {
      if (!take_row_of_leaves(node, take_row(at), is_leaf, way, places)) return false;
      continue;
    }
    typename Way::Object object = Way::take(pending.pop());
    if (node.kind != Kind::kLeaf) {
      // In reverse, so that the first child is on top. Empty containers have none.
      PyObject** children = pending.room(node.arity);
      if (!Way::read(node, Way::get(object), children + node.arity - 1, -1)) return false;
      pending.added(node.arity);
      continue;
    }
    PyObject** place = places.room(1);
    Way::give(std::move(object), place);
    if (!take_leaves<Way>(place, 1, is_leaf, places)) return false;
  }
  return true;
}

// Nothing that runs meanwhile may change what is a node.
class UnchangedRegistries {
 public:
  explicit operator bool() const noexcept { return version_ == Registry::version(); }

 private:
  const std::uint64_t version_ = Registry::version();
};

template <class Way>
Ref read_leaves_by(const TreeDef& treedef, PyObject* tree, LeafTypes* leaf_types) {
  Way way;
  const UnchangedRegistries unchanged;
  typename Way::List leaves(treedef.num_leaves());
  const bool complete = with_nodes(treedef, [&](const auto& nodes) {
    return walk(nodes, tree, LeafCheck(leaf_types), way, ListPlaces<Way>(leaves));
  });
  return complete && unchanged ? std::move(leaves).publish() : Ref();
}

template <class Way>
bool has_structure_by(const TreeDef& treedef, PyObject* tree, LeafTypes& leaf_types) {
  Way way;
  const UnchangedRegistries unchanged;
  const bool complete = with_nodes(
      treedef, [&](const auto& nodes) { return walk(nodes, tree, LeafCheck(&leaf_types), way, Nowhere<Way>(way)); });
  return complete && unchanged;
}

}  // namespace

Ref read_leaves(const TreeDef& treedef, PyObject* tree, LeafTypes* leaf_types) {
  const Reading reading = reading_now(treedef);
  if (reading == Reading::kBorrowed) return read_leaves_by<Borrowing>(treedef, tree, leaf_types);
  return reading == Reading::kOwned ? read_leaves_by<Owning>(treedef, tree, leaf_types) : Ref();
}

bool read_one(const Node& root, PyObject* tree, LeafTypes& leaf_types, PyObject** places) {
  Borrowing way;
  return walk(Unrolled(root), tree, LeafCheck(&leaf_types), way, BorrowedPlaces(places));
}

bool has_structure(const TreeDef& treedef, PyObject* tree, LeafTypes& leaf_types) {
  const Reading reading = reading_now(treedef);
  if (reading == Reading::kBorrowed) return has_structure_by<Borrowing>(treedef, tree, leaf_types);
  return reading == Reading::kOwned && has_structure_by<Owning>(treedef, tree, leaf_types);
}

}  // namespace leafwise
