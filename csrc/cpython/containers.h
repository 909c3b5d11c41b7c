// Python containers, read and made safely.
//
// Reading takes a snapshot: every item is owned before anything else happens, so that code which later changes the
// container changes nothing for the reader. Making publishes nothing before it is complete.
#pragma once

#include "cpython/error.h"

#include <vector>

namespace leafwise {

using Refs = std::vector<Ref>;

// The number of items of a list, tuple or dict, or of a subclass of these; 0 for anything else. Runs no Python code. Another
// thread may change a list or dict that is not locked: it is what was true at some time.
inline Py_ssize_t size_of(PyObject* object) noexcept {
  if (PyList_Check(object)) return PyList_GET_SIZE(object);
  if (PyTuple_Check(object)) return PyTuple_GET_SIZE(object);
  if (!PyDict_Check(object)) return 0;
  return kHasGil ? reinterpret_cast<PyDictObject*>(object)->ma_used : PyDict_Size(object);
}

// The items of a list or tuple (or of a subclass, read as the plain container). Runs no Python code.
Refs snapshot_sequence(PyObject* list_or_tuple);

// One item of a list or tuple; an empty Ref if there are fewer. Runs no Python code.
inline Ref item_of(PyObject* list_or_tuple, Py_ssize_t index) {
  const ContainerLock lock(list_or_tuple);
  if (index >= PySequence_Fast_GET_SIZE(list_or_tuple)) return Ref();
  return Ref::borrow(PySequence_Fast_ITEMS(list_or_tuple)[index]);
}

// Throws a TypeError for an argument over which nobody could iterate; `wanted` says what it must be.
void check_iterable(const char* wanted, PyObject* object);

// All items of any iterable. Stops with one item more than `limit`, so that endless iterators end. Runs Python code
// unless `iterable` is exactly a list or a tuple.
Refs drain(PyObject* iterable, Py_ssize_t limit = PY_SSIZE_T_MAX);

// What a new container is to be filled with: objects that stand in a row somewhere. Owned ones are moved out of there;
// borrowed ones stay, and the container gets references of its own.
class Items {
 public:
  Items(Ref* owned) noexcept : owned_(owned), objects_(borrowed(owned)) {}
  explicit Items(PyObject* const* borrowed_objects) noexcept : objects_(borrowed_objects) {}
  PyObject* operator[](Py_ssize_t index) const noexcept { return objects_[index]; }
  PyObject* const* objects() const noexcept { return objects_; }
  Ref take(Py_ssize_t index) noexcept {
    return owned_ != nullptr ? std::move(owned_[index]) : Ref::borrow(objects_[index]);
  }
  // Moves or copies the first of them to an array.
  void take_all(PyObject** places, Py_ssize_t count) noexcept;
  // Without the first `count`.
  Items after(Py_ssize_t count) const noexcept {
    return owned_ != nullptr ? Items(owned_ + count) : Items(objects_ + count);
  }

 private:
  Ref* owned_ = nullptr;
  PyObject* const* objects_;
};

// A new list or tuple of the first `count` items.
Ref list_from(Items items, Py_ssize_t count);
Ref tuple_from(Items items, Py_ssize_t count);
inline Ref list_from(Refs items) { return list_from(items.data(), static_cast<Py_ssize_t>(items.size())); }
inline Ref tuple_from(Refs items) { return tuple_from(items.data(), static_cast<Py_ssize_t>(items.size())); }
Ref pair_of(Ref first, Ref second);

// visitproc over an owned reference, for tp_traverse.
inline int visit_ref(const Ref& ref, visitproc visit, void* arg) { return ref ? visit(ref.get(), arg) : 0; }

}  // namespace leafwise
