// Arguments of functions that are called by the vectorcall convention (METH_FASTCALL | METH_KEYWORDS).
#pragma once

#include "core/flatten.h"

namespace leafwise {

// The parameters of a function; the first `num_required` have no default, those from `num_positional` on are
// keyword-only.
struct Signature {
  static constexpr int kMaxParameters = 7;
  const char* function;
  int num_required;
  int num_positional;
  const char* parameters[kMaxParameters];
};

// The values given for each parameter, borrowed; null where none was given.
struct Arguments {
  PyObject* values[Signature::kMaxParameters] = {};

  Arguments(const Signature& signature, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names);
  PyObject* operator[](int index) const noexcept { return values[index]; }
};

// A function of the vectorcall convention as a PyMethodDef wants it.
template <class Function>
PyCFunction as_c_function(Function function) noexcept {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

template <class Function>
PyMethodDef fast_function(const char* name, Function function, const char* doc) noexcept {
  return {name, as_c_function(function), METH_FASTCALL | METH_KEYWORDS, doc};
}

// What is given for `is_leaf`: null or None means the default.
PyObject* is_leaf_argument(PyObject* is_leaf);
// What is given for a flag that is False if it is left out (null).
bool flag_argument(const char* parameter, PyObject* flag);

}  // namespace leafwise
