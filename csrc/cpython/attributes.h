// Reading attributes.
#pragma once

#include "cpython/names.h"

namespace leafwise {

// The attribute, or an empty Ref when there is none. Runs Python code; what it raises, but for AttributeError, passes
// through.
inline Ref optional_attribute(PyObject* object, PyObject* name) {
  Ref value = Ref::steal(PyObject_GetAttr(object, name));
  if (!value) {
    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) throw PythonError{};
    PyErr_Clear();
  }
  return value;
}

}  // namespace leafwise
