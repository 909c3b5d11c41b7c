#include "core/leaf_types.h"

namespace leafwise {

bool LeafTypes::look_up(PyTypeObject* type, Slot& slot) {
  if (PyType_IsSubtype(type, &PyTuple_Type) != 0) {  // an object of it may be a named tuple by an attribute of its own
    const RegistryEntry* entry = registry_.find(type);
    return entry != nullptr && entry->kind == Kind::kLeaf && !entry->warns;
  }
  const RegistryEntry* entry = registry_.find(type);
  const bool is_leaf =
      entry == nullptr || (entry->kind == Kind::kLeaf && !entry->warns) || (none_is_leaf_ && type == Py_TYPE(Py_None));
  // The first type that comes stays: dropping it here could run Python code in the middle of a walk.
  if (is_leaf && !slot.type) slot.type = Ref::borrow(reinterpret_cast<PyObject*>(type));
  return is_leaf;
}

}  // namespace leafwise
