#include "kinds/may_be_kept.h"

#include "cpython/plain_keys.h"

namespace leafwise {
namespace {

// `attributes` is a dict or null.
bool has_no_items(PyObject* attributes) noexcept { return attributes == nullptr || PyDict_Size(attributes) == 0; }

bool carries_nothing(PyObject* function) noexcept {
  PyObject* defaults = PyFunction_GET_DEFAULTS(function);
  return PyFunction_GET_CLOSURE(function) == nullptr && (defaults == nullptr || is_plain_key(defaults)) &&
         has_no_items(PyFunction_GET_KW_DEFAULTS(function)) &&
         has_no_items(reinterpret_cast<PyFunctionObject*>(function)->func_dict);
}

}  // namespace

bool may_be_kept(PyObject* metadata) noexcept {
  if (PyFunction_Check(metadata)) return carries_nothing(metadata);
  if (PyCFunction_Check(metadata)) {
    PyObject* self = PyCFunction_GET_SELF(metadata);
    return self == nullptr || PyModule_Check(self) || PyType_Check(self);
  }
  return is_plain_key(metadata) || PyType_Check(metadata);
}

}  // namespace leafwise
