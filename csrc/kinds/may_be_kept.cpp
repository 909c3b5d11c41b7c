#include "kinds/may_be_kept.h"

#include "cpython/attributes.h"
#include "cpython/containers.h"
#include "cpython/plain_keys.h"

#include <cstring>

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

// `looks`: how many more objects may be looked at. Those that are parts of several may be met many times.
bool may_be_kept(PyObject* metadata, int& looks);

bool has_base(const PyTypeObject* type, const char* name) noexcept {
  while (type != nullptr && std::strcmp(type->tp_name, name) != 0) type = type->tp_base;
  return type != nullptr;
}

// Their class keeps them alive anyway.
bool is_enum_member(PyObject* object) {
  const Ref module = Ref::steal(PyImport_GetModule(names().enum_module));
  if (!module && PyErr_Occurred() != nullptr) throw PythonError{};
  if (!module) return false;  // there are no enums yet
  const Ref metaclass = checked(PyObject_GetAttrString(module.get(), "EnumMeta"));
  return PyType_Check(metaclass.get()) &&
         PyType_IsSubtype(Py_TYPE(Py_TYPE(object)), reinterpret_cast<PyTypeObject*>(metaclass.get())) != 0;
}

bool is_frozen_dataclass_of_such(PyObject* object, int& looks) {
  auto* type = reinterpret_cast<PyObject*>(Py_TYPE(object));
  const Ref parameters = optional_attribute(type, names().dataclass_params);
  const Ref frozen = parameters ? optional_attribute(parameters.get(), names().frozen) : Ref();
  const Ref fields = frozen.get() == Py_True ? optional_attribute(type, names().dataclass_fields) : Ref();
  if (!fields || !PyDict_CheckExact(fields.get())) return false;
  for (const Ref& name : drain(fields.get())) {
    const Ref value = optional_attribute(object, name.get());
    if (!value || !may_be_kept(value.get(), looks)) return false;
  }
  return true;
}

bool may_be_kept(PyObject* metadata, int& looks) {
  if (--looks < 0) return false;
  if (PyFunction_Check(metadata)) return carries_nothing(metadata);
  if (PyCFunction_Check(metadata)) {
    PyObject* self = PyCFunction_GET_SELF(metadata);
    return self == nullptr || PyModule_Check(self) || PyType_Check(self);
  }
  if (is_plain_key(metadata) || PyType_Check(metadata) || has_base(Py_TYPE(metadata), "numpy.dtype")) return true;
  // The rest are of classes in Python.
  if ((Py_TYPE(metadata)->tp_flags & Py_TPFLAGS_HEAPTYPE) == 0) return false;
  return is_enum_member(metadata) || is_frozen_dataclass_of_such(metadata, looks);
}

}  // namespace

bool may_be_kept(PyObject* metadata) {
  int looks = 64;
  try {
    return may_be_kept(metadata, looks);
  } catch (const PythonError&) {  // of an attribute of the user's: nobody asked for it
    if (!is_ordinary_error()) throw;
    PyErr_Clear();
    return false;
  }
}

}  // namespace leafwise
