#include "cpython/heap_object.h"

namespace leafwise {

PyTypeObject* make_heap_type(PyType_Spec& spec) {
  PyObject* type = PyType_FromSpec(&spec);
  if (type == nullptr) throw PythonError{};
  return reinterpret_cast<PyTypeObject*>(type);
}

}  // namespace leafwise
