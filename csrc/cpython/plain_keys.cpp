#include "cpython/plain_keys.h"

#include <cstring>

namespace leafwise {

bool is_plain_key(PyObject* key) noexcept {
  if (PyUnicode_CheckExact(key) || PyLong_CheckExact(key) || PyBool_Check(key) || PyFloat_CheckExact(key) ||
      PyBytes_CheckExact(key) || key == Py_None) {
    return true;
  }
  if (!PyTuple_CheckExact(key)) return false;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(key); ++i) {
    PyObject* item = PyTuple_GET_ITEM(key, i);
    // Tuples of tuples may be deep; such keys are rare, and no key has to be plain.
    if (PyTuple_CheckExact(item) || !is_plain_key(item)) return false;
  }
  return true;
}

namespace {

// Tuples in them are compared by identity: they may be deep.
bool same_items(PyObject* a, PyObject* b) noexcept {
  if (PyTuple_GET_SIZE(a) != PyTuple_GET_SIZE(b)) return false;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(a); ++i) {
    PyObject *item = PyTuple_GET_ITEM(a, i), *other = PyTuple_GET_ITEM(b, i);
    if (item != other && (PyTuple_CheckExact(item) || !same_plain_key_by_value(item, other))) return false;
  }
  return true;
}

}  // namespace

bool same_plain_key_by_value(PyObject* a, PyObject* b) noexcept {
  if (PyUnicode_CheckExact(a) && PyUnicode_CheckExact(b)) {
    if (!is_ready(a) || !is_ready(b)) return false;
    if (PyUnicode_GET_LENGTH(a) != PyUnicode_GET_LENGTH(b) || PyUnicode_KIND(a) != PyUnicode_KIND(b)) return false;
    const auto bytes = static_cast<size_t>(PyUnicode_GET_LENGTH(a)) * static_cast<size_t>(PyUnicode_KIND(a));
    return std::memcmp(PyUnicode_DATA(a), PyUnicode_DATA(b), bytes) == 0;
  }
  if (PyLong_CheckExact(a) && PyLong_CheckExact(b)) {
    int a_overflow = 0, b_overflow = 0;
    const long long a_value = PyLong_AsLongLongAndOverflow(a, &a_overflow);
    const long long b_value = PyLong_AsLongLongAndOverflow(b, &b_overflow);
    return a_overflow == 0 && b_overflow == 0 && a_value == b_value;
  }
  if (PyFloat_CheckExact(a) && PyFloat_CheckExact(b)) {
    const double a_value = PyFloat_AS_DOUBLE(a), b_value = PyFloat_AS_DOUBLE(b);
    // Neither is 0.0 the same as -0.0, nor one NaN the same as another, though of both only one answer of == says so.
    return a_value == b_value && std::memcmp(&a_value, &b_value, sizeof(double)) == 0;
  }
  return PyTuple_CheckExact(a) && PyTuple_CheckExact(b) && same_items(a, b);
}

bool has_only_str_keys(PyObject* dict) noexcept {
  PyObject *key, *value;
  for (Py_ssize_t position = 0; PyDict_Next(dict, &position, &key, &value) != 0;) {
    if (!PyUnicode_CheckExact(key)) return false;
  }
  return true;
}

}  // namespace leafwise
