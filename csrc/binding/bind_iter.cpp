// tree_iter with its type, an iterator, and tree_all and tree_any.
#include "binding/bindings.h"
#include "binding/flatten_docs.h"
#include "binding/walk_arguments.h"

#include "core/leaf_truth.h"
#include "core/leaf_walk.h"
#include "cpython/guards.h"
#include "cpython/heap_object.h"

namespace leafwise {
namespace {

struct TreeIterator {
  PyObject_HEAD
  // What the walk borrows.
  Ref registry;
  Ref is_leaf;
  std::unique_ptr<LeafWalk> walk;  // null at the end
  bool is_running = false;
};

PyTypeObject* tree_iterator_type = nullptr;

TreeIterator& iterator_of(PyObject* self) { return *reinterpret_cast<TreeIterator*>(self); }

// Dropping may run Python code, for which the iterator is at its end already.
void finish(TreeIterator& iterator) noexcept {
  const Ref registry = std::move(iterator.registry), is_leaf = std::move(iterator.is_leaf);
  const std::unique_ptr<LeafWalk> walk = std::move(iterator.walk);
}

class Running {
 public:
  explicit Running(TreeIterator& iterator) : iterator_(iterator) { iterator_.is_running = true; }
  ~Running() { iterator_.is_running = false; }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  TreeIterator& iterator_;
};

Ref next_leaf(TreeIterator& iterator) {
  const RecursionGuard guard(kRecursionWhere);
  const Running running(iterator);
  return iterator.walk->next();
}

PyObject* next(PyObject* self) {
  return guarded([&] {
    TreeIterator& iterator = iterator_of(self);
    if (iterator.is_running) {
      throw_error(PyExc_ValueError, "tree_iter is already executing: a step may not begin before the last one ended");
    }
    if (!iterator.walk) return Ref();
    try {
      Ref leaf = next_leaf(iterator);
      if (!leaf) finish(iterator);
      return leaf;
    } catch (...) {
      finish(iterator);
      throw;
    }
  });
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  const TreeIterator& iterator = iterator_of(self);
  if (const int stop = visit_ref(iterator.registry, visit, arg)) return stop;
  if (const int stop = visit_ref(iterator.is_leaf, visit, arg)) return stop;
  if (iterator.walk) {
    if (const int stop = iterator.walk->traverse(visit, arg)) return stop;
  }
  return visit_type(self, visit, arg);
}

int clear(PyObject* self) {
  const CoreLock lock;
  finish(iterator_of(self));
  return 0;
}

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("The leaves of a tree, one by one; tree_iter makes it.")},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc_heap_object<TreeIterator>)},
    {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(clear)},
    {Py_tp_iter, reinterpret_cast<void*>(PyObject_SelfIter)},
    {Py_tp_iternext, reinterpret_cast<void*>(next)},
    {0, nullptr},
};
PyType_Spec spec = {"leafwise.tree_iterator", sizeof(TreeIterator), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};

PyObject* tree_iter(PyObject*, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names) {
  static constexpr Signature signature = {"tree_iter", 1, 2, {"tree", kIsLeaf, kNoneIsLeaf, kRegistry}};
  return guarded([&] {
    const WalkArguments walk = parse(signature, args, num_args, keyword_names);
    Ref self = make_heap_object<TreeIterator>(tree_iterator_type);
    TreeIterator& iterator = iterator_of(self.get());
    iterator.registry = Ref::borrow(walk.registry_object());
    iterator.is_leaf = Ref::borrow(walk.options.is_leaf);
    iterator.walk = std::make_unique<LeafWalk>(walk.tree, walk.options);
    PyObject_GC_Track(self.get());
    return self;
  });
}

PyObject* tree_all(PyObject*, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names) {
  static constexpr Signature signature = {"tree_all", 1, 1, {"tree", kIsLeaf, kNoneIsLeaf, kRegistry}};
  return guarded([&] {
    const WalkArguments walk = parse(signature, args, num_args, keyword_names);
    return Ref::borrow(has_leaf_that_is(false, walk.tree, walk.options) ? Py_False : Py_True);
  });
}

PyObject* tree_any(PyObject*, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names) {
  static constexpr Signature signature = {"tree_any", 1, 1, {"tree", kIsLeaf, kNoneIsLeaf, kRegistry}};
  return guarded([&] {
    const WalkArguments walk = parse(signature, args, num_args, keyword_names);
    return Ref::borrow(has_leaf_that_is(true, walk.tree, walk.options) ? Py_True : Py_False);
  });
}

PyMethodDef functions[] = {
    fast_function("tree_iter", tree_iter, kIterDoc),
    fast_function("tree_all", tree_all, kAllDoc),
    fast_function("tree_any", tree_any, kAnyDoc),
};

}  // namespace

void bind_iter(PyObject* module) {
  if (tree_iterator_type == nullptr) tree_iterator_type = make_heap_type(spec);
  for (PyMethodDef& function : functions) add_public_function(module, function);
}

}  // namespace leafwise
