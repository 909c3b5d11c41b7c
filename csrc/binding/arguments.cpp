#include "binding/arguments.h"

#include "cpython/short_repr.h"

#include <cstring>

namespace leafwise {
namespace {

int find_parameter(const Signature& signature, PyObject* name) {
  for (int i = 0; i < Signature::kMaxParameters && signature.parameters[i] != nullptr; ++i) {
    if (PyUnicode_IS_COMPACT_ASCII(name) &&
        std::strcmp(static_cast<const char*>(PyUnicode_DATA(name)), signature.parameters[i]) == 0) {
      return i;
    }
  }
  throw_error(PyExc_TypeError, "%s() got an unexpected keyword argument %R", signature.function, name);
}

}  // namespace

Arguments::Arguments(const Signature& signature, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names) {
  if (num_args > signature.num_positional) {
    throw_error(PyExc_TypeError, "%s() takes at most %d positional arguments but %zd were given", signature.function,
                signature.num_positional, num_args);
  }
  for (Py_ssize_t i = 0; i < num_args; ++i) values[i] = args[i];
  if (keyword_names == nullptr && num_args >= signature.num_required) return;
  const Py_ssize_t num_keywords = keyword_names == nullptr ? 0 : PyTuple_GET_SIZE(keyword_names);
  for (Py_ssize_t i = 0; i < num_keywords; ++i) {
    PyObject* name = PyTuple_GET_ITEM(keyword_names, i);
    PyObject*& value = values[find_parameter(signature, name)];
    if (value != nullptr) {
      throw_error(PyExc_TypeError, "%s() got multiple values for argument %R", signature.function, name);
    }
    value = args[num_args + i];
  }
  for (int i = 0; i < signature.num_required; ++i) {
    if (values[i] == nullptr) {
      throw_error(PyExc_TypeError, "%s() missing required argument: '%s'", signature.function, signature.parameters[i]);
    }
  }
}

PyObject* is_leaf_argument(PyObject* is_leaf) {
  if (is_leaf == nullptr || is_leaf == Py_None) return nullptr;
  if (PyCallable_Check(is_leaf) == 0) {
    throw_error(PyExc_TypeError, "is_leaf must be a callable or None, got %U", short_repr(is_leaf).get());
  }
  return is_leaf;
}

bool flag_argument(const char* parameter, PyObject* flag) {
  if (flag == nullptr || flag == Py_False) return false;
  if (flag == Py_True) return true;
  throw_error(PyExc_TypeError, "%s must be a bool, got %U", parameter, short_repr(flag).get());
}

}  // namespace leafwise
