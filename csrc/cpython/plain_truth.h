// The truth of objects of which the interpreter itself knows it.
#pragma once

#include "cpython/ref.h"

namespace leafwise {

// Exactly bool, int, float, complex, str, bytes or None: bool() of such an object runs no Python code and can't fail.
// These types are never freed.
inline bool has_plain_truth(const PyTypeObject* type) noexcept {
  return type == &PyBool_Type || type == &PyLong_Type || type == &PyFloat_Type || type == &PyUnicode_Type ||
         type == Py_TYPE(Py_None) || type == &PyBytes_Type || type == &PyComplex_Type;
}

// Of an object of such a type.
inline bool plain_truth(PyObject* object) noexcept {
  return object == Py_True || (object != Py_False && PyObject_IsTrue(object) == 1);
}

}  // namespace leafwise
