// Where CPython keeps the attributes of most objects: not in a dict, which is made when somebody asks for `__dict__`, but
// in an array, in which the attribute of a name has the same place for all objects of a class.
//
// There is no C API to that array, and an attribute is read from it three to ten times as fast as by its name. So this
// file knows CPython's private layouts, one for each version that has such arrays (3.11 and later); all others, and
// builds without a GIL, have none here. `init_instance_values` tries it out, and what does not work is not used.
#pragma once

#include "cpython/error.h"

#include <cstdint>

namespace leafwise {

// To be called once, when the module is loaded.
void init_instance_values();

// Whether arrays can be read. If not, and the interpreter may have them for all that, objects must not be asked for their
// dicts either, because that would make these.
bool has_instance_values() noexcept;
#if PY_VERSION_HEX >= 0x030B0000
constexpr bool kMayHaveInstanceValues = true;
#else
constexpr bool kMayHaveInstanceValues = false;
#endif

// The object's array, in which what is not set is null; null if the object has none: its attributes are in its dict.
// Only if `has_instance_values()`. Runs no Python code, as everything here.
PyObject** instance_values(PyObject* object) noexcept;

// The place of an attribute in the arrays of all objects of a class; -1 if no object has had it yet. The name is interned.
Py_ssize_t place_in_instance_values(PyTypeObject* type, PyObject* name) noexcept;

// Sets an attribute, which is not yet set, in an array that is part of no dict.
void set_instance_value(PyObject** values, Py_ssize_t place, Ref value) noexcept;

// The value of a name in an object's dict, borrowed; null if the object has no dict or array with it. For objects without
// an array. Looks at `position` first, where it was found the last time. Compares names by identity.
PyObject* find_in_instance_dict(PyObject* object, PyObject* name, Py_ssize_t& position) noexcept;

}  // namespace leafwise
