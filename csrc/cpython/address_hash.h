// The hash of an object by its address, as `object.__hash__` has it.
#pragma once

#include "cpython/ref.h"

namespace leafwise {

inline Py_hash_t address_hash(const PyObject* object) noexcept {
#if PY_VERSION_HEX >= 0x030D0000
  return Py_HashPointer(object);
#else
  return _Py_HashPointer(object);
#endif
}

}  // namespace leafwise
