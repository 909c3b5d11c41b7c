// Where CPython keeps the attributes of most objects: not in a dict, which is made when somebody asks for `__dict__`, but
// in an array, in which the attribute of a name has the same place for all objects of a class.
//
// There is no C API to that array, and an attribute is read from it three to ten times as fast as by its name. So this
// file knows CPython's private layouts, one for each version that has such arrays (3.11 and later); all others, and
// builds without a GIL, have none here. `init_instance_values` tries it out, and what does not work is not used.
#pragma once

#include "cpython/error.h"

#include <cstdint>

#if PY_VERSION_HEX >= 0x030B0000 && PY_VERSION_HEX < 0x03100000 && !defined(Py_GIL_DISABLED)
#define LEAFWISE_INSTANCE_VALUES
#endif

namespace leafwise {

// To be called once, when the module is loaded.
void init_instance_values();

// Whether objects' attributes can be read here: from their arrays, or from their dicts where CPython has no arrays yet. An
// object that may have an array that can't be read must not be asked for its dict, because that would make one.
bool can_read_attributes() noexcept;

// What `object.__new__(type)` gives, for a class that leaves it to `object`.
Ref new_instance(PyTypeObject* type);

// The place of an attribute in the arrays of all objects of a class; -1 if no object has had it yet. The name is interned.
Py_ssize_t place_in_instance_values(PyTypeObject* type, PyObject* name) noexcept;

// The value of a name in an object's dict, borrowed; null if the object has no dict or array with it. For objects without
// an array. Looks at `position` first, where it was found the last time. Compares names by identity.
PyObject* find_in_instance_dict(PyObject* object, PyObject* name, Py_ssize_t& position) noexcept;

// instance_values(object): the object's array, in which what is not set is null; null if the object has none: its attributes
// are in its dict. Only if `can_read_attributes()`. Runs no Python code, as everything here.
//
// add_to_order(values, place): notes that the attribute was set after those that were noted before.
#ifndef LEAFWISE_INSTANCE_VALUES
inline PyObject** instance_values(PyObject*) noexcept { return nullptr; }
inline void add_to_order(PyObject**, Py_ssize_t) noexcept {}
#elif PY_VERSION_HEX >= 0x030D0000
struct InstanceValuesHead {
  std::uint8_t capacity;
  std::uint8_t size;
  std::uint8_t embedded;
  std::uint8_t valid;
};

inline PyObject** instance_values(PyObject* object) noexcept {
  constexpr unsigned long kInlineValues = 1UL << 2;  // Py_TPFLAGS_INLINE_VALUES
  if ((Py_TYPE(object)->tp_flags & kInlineValues) == 0) return nullptr;
  char* after_object = reinterpret_cast<char*>(object) + Py_TYPE(object)->tp_basicsize;
  if (reinterpret_cast<InstanceValuesHead*>(after_object)->valid == 0) return nullptr;
  return reinterpret_cast<PyObject**>(after_object + sizeof(PyObject*));
}

// The order in which attributes were set stands after the values.
inline void add_to_order(PyObject** values, Py_ssize_t place) noexcept {
  auto* head = reinterpret_cast<InstanceValuesHead*>(values - 1);
  reinterpret_cast<std::uint8_t*>(values + head->capacity)[head->size++] = static_cast<std::uint8_t>(place);
}
#else
inline PyObject** instance_values(PyObject* object) noexcept {
  constexpr unsigned long kManagedDict = 1UL << 4;  // Py_TPFLAGS_MANAGED_DICT
  if ((Py_TYPE(object)->tp_flags & kManagedDict) == 0) return nullptr;
#if PY_VERSION_HEX >= 0x030C0000
  // One word before the object for either, told apart by its lowest bit.
  const std::uintptr_t dict_or_values = reinterpret_cast<std::uintptr_t*>(object)[-3];
  return (dict_or_values & 1U) != 0 ? reinterpret_cast<PyObject**>(dict_or_values + 1) : nullptr;
#else
  return reinterpret_cast<PyObject***>(object)[-4];
#endif
}

// The order in which attributes were set stands before the values, backwards, behind its length.
inline void add_to_order(PyObject** values, Py_ssize_t place) noexcept {
  std::uint8_t* size = reinterpret_cast<std::uint8_t*>(values) - 2;
  ++*size;
  *(size - *size) = static_cast<std::uint8_t>(place);
}
#endif

// Sets an attribute, which is not yet set, in an array that is part of no dict.
inline void set_instance_value(PyObject** values, Py_ssize_t place, Ref value) noexcept {
  values[place] = value.release();
  add_to_order(values, place);
}

}  // namespace leafwise
