#include "core/leaf_walk.h"

#include "core/placing.h"
#include "cpython/plain_truth.h"
#include "kinds/dataclass.h"

namespace leafwise {

LeafWalk::LeafWalk(PyObject* tree, const FlattenOptions& options) : options_(options) {
  if (options.is_leaf != nullptr) predicate_.emplace(options.is_leaf, false);
  agenda_.push(Ref::borrow(tree));
}

Ref LeafWalk::next() {
  try {
    while (!agenda_.empty()) {
      Ref object = agenda_.pop();
      signals_.count_round();
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
  if (last_leaf_type_.is_of(object)) return true;
  const Classification found = classify(object, *options_.registry, options_.none_is_leaf);
  if (found.kind == Kind::kLeaf) {
    if (found.warns) {
      warn_of_iterator(Py_TYPE(object));
    } else if (object != Py_None && !PyTuple_Check(object)) {  // these are leaves not by their type alone
      last_leaf_type_.remember(object);
    }
    return true;
  }
  try {
    check_depth();
    open(object, found);
  } catch (const UnplacedError&) {
    throw_placed(object);  // the walk knows of no keys
  }
  return false;
}

// Whether it is a leaf of which the truth is known. Runs no Python code.
bool LeafWalk::is_plain_leaf(PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  if (type == plain_leaf_type_ && Registry::version() == plain_leaf_version_) return true;
  if (!has_plain_truth(type) || !options_.registry->is_known_leaf(type)) return false;
  plain_leaf_type_ = type;
  plain_leaf_version_ = Registry::version();
  return true;
}

void LeafWalk::check_depth() {
  while (!sizes_below_.empty() && sizes_below_.back() > agenda_.size()) sizes_below_.pop_back();
  if (sizes_below_.size() >= static_cast<size_t>(Py_GetRecursionLimit())) throw_too_deep();
}

void LeafWalk::open(PyObject* object, const Classification& found) {
  const size_t size_below = agenda_.size();
  const bool is_open = push_plain_container(object, found.kind) || push_fields(object, found);
  if (!is_open) open_node(object, found, agenda_, false);
  if (agenda_.size() > size_below) sizes_below_.push_back(size_below);
}

// The built-in containers whose children are known without more: no node is made for them, and no Python code runs. Says
// whether it is one.
bool LeafWalk::push_plain_container(PyObject* object, Kind kind) {
  if (kind == Kind::kList || kind == Kind::kTuple) {
    push_items(object);
    return true;
  }
  return (kind == Kind::kDict || kind == Kind::kDefaultDict) && push_str_dict(object);
}

// An object whose fields are known to be readable without running Python code: no node is made for it either.
bool LeafWalk::push_fields(PyObject* object, const Classification& found) {
  if (found.kind != Kind::kDataclass) return false;
  const auto& registration = *reinterpret_cast<const Registration*>(found.registration.get());
  return registration.places.is_current(Py_TYPE(object)) &&
         DataclassKind::push_in_place(registration, object, agenda_, nullptr);
}

// Leaves at the front that are not wanted don't even get on the agenda, nor does what follows a wanted one.
void LeafWalk::push_items(PyObject* list_or_tuple) {
  const ContainerLock lock(list_or_tuple);
  PyObject* const* items = PySequence_Fast_ITEMS(list_or_tuple);
  const Py_ssize_t count = PySequence_Fast_GET_SIZE(list_or_tuple);
  Py_ssize_t first = 0;
  if (looks_ahead()) {
    for (; first < count && is_plain_leaf(items[first]); ++first) {
      if (plain_truth(items[first]) == *wanted_) return agenda_.push(Ref::borrow(items[first]));
    }
  }
  for (Py_ssize_t i = count; i-- > first;) agenda_.push(Ref::borrow(items[i]));
}

// A dict whose keys are all exactly str.
bool LeafWalk::push_str_dict(PyObject* dict) {
  if (looks_ahead() && push_wanted_value(dict)) return true;
  const SortedStrItems sorted(dict);
  if (!sorted.complete()) return false;
  const std::vector<BorrowedItem>& items = sorted.items();
  for (size_t i = items.size(); i-- > 0;) agenda_.push(Ref::borrow(items[i].value));
  return true;
}

// If the truth of all values is known, their order does not matter: a wanted one is pushed, if there is one. Else does
// nothing, and says false.
bool LeafWalk::push_wanted_value(PyObject* dict) {
  PyObject *key, *value, *wanted_value = nullptr;
  for (Py_ssize_t position = 0; PyDict_Next(dict, &position, &key, &value) != 0;) {
    if (!is_plain_leaf(value) || !PyUnicode_CheckExact(key)) return false;
    if (plain_truth(value) == *wanted_) wanted_value = value;
  }
  if (wanted_value != nullptr) agenda_.push(Ref::borrow(wanted_value));
  return true;
}

int LeafWalk::traverse(visitproc visit, void* arg) const {
  if (const int stop = last_leaf_type_.traverse(visit, arg)) return stop;
  return agenda_.traverse(visit, arg);
}

}  // namespace leafwise
