#include "cpython/special_methods.h"

namespace leafwise {
namespace {

Ref namespace_of(PyTypeObject* type) {
#if PY_VERSION_HEX >= 0x030C0000
  return Ref::steal(PyType_GetDict(type));
#else
  return Ref::borrow(type->tp_dict);
#endif
}

// Called with the method as `self`.
PyObject* call_method(PyObject* method, PyObject* object) {
  return guarded([&] {
    const descrgetfunc get = Py_TYPE(method)->tp_descr_get;
    if (get == nullptr) return checked(PyObject_CallNoArgs(method));
    const Ref bound = checked(get(method, object, reinterpret_cast<PyObject*>(Py_TYPE(object))));
    return checked(PyObject_CallNoArgs(bound.get()));
  });
}

PyMethodDef call_method_definition = {"call_method", call_method, METH_O, nullptr};

}  // namespace

Ref special_method(PyTypeObject* type, PyObject* name) {
  Ref method = look_up_in_class(type, name);
  return method.get() == Py_None ? Ref() : method;
}

bool defines(PyTypeObject* type, PyObject* name) {
  const Ref names_of_type = namespace_of(type);
  return names_of_type && check_bool(PyDict_Contains(names_of_type.get(), name));
}

Ref bound_to_class(PyObject* method, PyTypeObject* type) {
  const descrgetfunc get = Py_TYPE(method)->tp_descr_get;
  if (get == nullptr) return Ref::borrow(method);
  return checked(get(method, nullptr, reinterpret_cast<PyObject*>(type)));
}

Ref function_of_object(PyObject* method) {
  if (PyType_HasFeature(Py_TYPE(method), Py_TPFLAGS_METHOD_DESCRIPTOR) != 0) return Ref::borrow(method);
  return checked(PyCFunction_New(&call_method_definition, method));
}

}  // namespace leafwise
