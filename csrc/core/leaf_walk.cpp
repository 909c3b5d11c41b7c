#include "core/leaf_walk.h"

namespace leafwise {

LeafWalk::LeafWalk(PyObject* tree, const FlattenOptions& options) : options_(options) {
  if (options.is_leaf != nullptr) predicate_.emplace(options.is_leaf, false);
  agenda_.push(Ref::borrow(tree));
}

Ref LeafWalk::next() {
  try {
    while (!agenda_.empty()) {
      Ref object = agenda_.pop();
      if (is_next_leaf(object.get())) return object;
    }
    return Ref();
  } catch (const PythonError&) {
    if (PyErr_ExceptionMatches(PyExc_StopIteration) == 0) throw;
    throw_error_from_current(PyExc_RuntimeError,
                             "generator raised StopIteration (while the leaves of a tree were read)");
  }
}

// Visits an object: says whether it is a leaf that is to be given, or puts its children on the agenda.
bool LeafWalk::is_next_leaf(PyObject* object) {
  if (predicate_ && (*predicate_)(object)) return true;
  if (is_leaf_of_last_type(object)) return true;
  const Classification found = classify(object, *options_.registry, options_.none_is_leaf);
  if (found.kind == Kind::kLeaf) {
    if (found.entry != nullptr && found.entry->warns) {
      warn_of_iterator(Py_TYPE(object));
    } else if (object != Py_None && !PyTuple_Check(object)) {  // these are leaves not by their type alone
      remember_leaf_type(object);
    }
    return true;
  }
  check_depth();
  open(object, found);
  return false;
}

bool LeafWalk::is_leaf_of_last_type(PyObject* object) const noexcept {
  return Py_TYPE(object) == last_leaf_type_ && Registry::version() == last_leaf_version_;
}

void LeafWalk::remember_leaf_type(PyObject* leaf) {
  last_leaf_type_ = Py_TYPE(leaf);
  last_leaf_version_ = Registry::version();
  last_leaf_type_owner_ = Ref::borrow(reinterpret_cast<PyObject*>(last_leaf_type_));
}

void LeafWalk::check_depth() {
  while (!sizes_below_.empty() && sizes_below_.back() > agenda_.size()) sizes_below_.pop_back();
  if (sizes_below_.size() >= static_cast<size_t>(Py_GetRecursionLimit())) throw_too_deep();
}

void LeafWalk::open(PyObject* object, const Classification& found) {
  const size_t size_below = agenda_.size();
  const bool is_dict = found.kind == Kind::kDict || found.kind == Kind::kDefaultDict;
  if (!is_dict || !push_str_dict(object)) open_node(object, found, agenda_, false);
  if (agenda_.size() > size_below) sizes_below_.push_back(size_below);
}

// A dict whose keys are all exactly str: no node is made for it.
bool LeafWalk::push_str_dict(PyObject* dict) {
  const SortedStrItems sorted(dict);
  if (!sorted.complete()) return false;
  const std::vector<BorrowedItem>& items = sorted.items();
  for (size_t i = items.size(); i-- > 0;) agenda_.push(Ref::borrow(items[i].value));
  return true;
}

int LeafWalk::traverse(visitproc visit, void* arg) const {
  if (const int stop = visit_ref(last_leaf_type_owner_, visit, arg)) return stop;
  return agenda_.traverse(visit, arg);
}

}  // namespace leafwise
