// Python objects that are a C++ struct beginning with PyObject_HEAD, of a heap type with garbage collection.
#pragma once

#include "cpython/error.h"

namespace leafwise {

// The type object of a spec. Lives as long as the process.
PyTypeObject* make_heap_type(PyType_Spec& spec);

// A new object, its C++ members constructed, not yet tracked by the garbage collector: track it when it is complete.
// An object that never gets complete is freed as any other.
template <class Object>
Ref make_heap_object(PyTypeObject* type) {
  PyObject* object = type->tp_alloc(type, 0);
  if (object == nullptr) throw PythonError{};
  PyObject_GC_UnTrack(object);
  const PyObject head = *object;  // constructing the C++ members may wipe it
  new (object) Object();
  *object = head;
  return Ref::steal(object);
}

// tp_dealloc. Objects of these types can hold each other in long chains (a treedef as aux data of a treedef ...), hence
// the trashcan, which bounds the depth of nested deallocations.
template <class Object>
void dealloc_heap_object(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);  // before waiting: the garbage collector would take it for garbage, and drop it once more
  const CoreLock lock;
  Py_TRASHCAN_BEGIN(self, dealloc_heap_object<Object>)
  if (type->tp_weaklistoffset > 0) PyObject_ClearWeakRefs(self);
  reinterpret_cast<Object*>(self)->~Object();
  type->tp_free(self);
  Py_DECREF(type);
  Py_TRASHCAN_END
}

// tp_traverse of an object of a heap type also visits the type.
inline int visit_type(PyObject* self, visitproc visit, void* arg) {
  return visit(reinterpret_cast<PyObject*>(Py_TYPE(self)), arg);
}

}  // namespace leafwise
