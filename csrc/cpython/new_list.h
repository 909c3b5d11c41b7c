// A list of known size, filled place by place. The garbage collector does not list it before it is published, so nobody
// sees its empty places.
#pragma once

#include "cpython/error.h"

namespace leafwise {

class NewList {
 public:
  explicit NewList(Py_ssize_t size) : list_(checked(PyList_New(size))) { PyObject_GC_UnTrack(list_.get()); }
  // Null at first; each takes an owned object.
  PyObject** places() noexcept { return PySequence_Fast_ITEMS(list_.get()); }
  // When all places are filled.
  Ref publish() && {
    PyObject_GC_Track(list_.get());
    return std::move(list_);
  }

 private:
  Ref list_;
};

// The same for where no Python code can run before all places are filled: such a list need not be hidden.
class QuietNewList {
 public:
  explicit QuietNewList(Py_ssize_t size) : list_(checked(PyList_New(size))) {}
  PyObject** places() noexcept { return PySequence_Fast_ITEMS(list_.get()); }
  Ref publish() && { return std::move(list_); }

 private:
  Ref list_;
};

// Makes `count` borrowed references owned ones.
inline void own(PyObject* const* objects, Py_ssize_t count) noexcept {
  for (Py_ssize_t i = 0; i < count; ++i) Py_INCREF(objects[i]);
}

}  // namespace leafwise
