#include "cpython/warnings.h"

namespace leafwise {
namespace {

bool is_of_package(PyObject* frame) {
  const Ref globals = checked(PyObject_GetAttrString(frame, "f_globals"));
  const Ref name = Ref::steal(PyMapping_GetItemString(globals.get(), "__name__"));
  if (!name) {
    if (!PyErr_ExceptionMatches(PyExc_KeyError)) throw PythonError{};
    PyErr_Clear();
    return false;
  }
  if (!PyUnicode_Check(name.get())) return false;
  const Ref prefix = checked(PyUnicode_FromString("leafwise."));
  return check_bool(static_cast<int>(PyUnicode_Tailmatch(name.get(), prefix.get(), 0, PY_SSIZE_T_MAX, -1)));
}

// Which frame, counted from 1, the innermost, is the first that is not of the package.
Py_ssize_t stack_level() {
  Py_ssize_t level = 1;
  Ref frame = Ref::borrow(reinterpret_cast<PyObject*>(PyEval_GetFrame()));
  while (frame && frame.get() != Py_None && is_of_package(frame.get())) {
    frame = checked(PyObject_GetAttrString(frame.get(), "f_back"));
    ++level;
  }
  return level;
}

}  // namespace

void warn(PyObject* category, const Ref& text) {
  check_status(PyErr_WarnFormat(category, stack_level(), "%U", text.get()));
}

}  // namespace leafwise
