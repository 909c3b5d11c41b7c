#include "core/leaf_types.h"

#include "cpython/names.h"

namespace leafwise {

bool LeafTypes::look_up(PyTypeObject* type, Slot& slot) {
  // An object of a subclass of tuple may be a named tuple by an attribute of its own.
  if (PyType_FastSubclass(type, Py_TPFLAGS_TUPLE_SUBCLASS) != 0 && registry_.find(type) == nullptr) return false;
  if (!(none_is_leaf_ && type == Py_TYPE(Py_None)) && !registry_.is_known_leaf(type)) return false;
  // A class that can't be changed from Python gets its tag when a name is looked up; that runs no Python code there.
  if (type->tp_version_tag == 0 && PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE) == 0)
    look_up_in_class(type, names().tree_flatten);
  if (type->tp_version_tag == 0) return true;
  // The first type that comes stays: dropping it here could run Python code in the middle of a walk.
  if (!slot.type) slot.type = Ref::borrow(reinterpret_cast<PyObject*>(type));
  if (slot.type.get() == reinterpret_cast<PyObject*>(type)) slot.tag = type->tp_version_tag;
  return true;
}

}  // namespace leafwise
