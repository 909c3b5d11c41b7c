// Dict keys that can be compared without running Python code.
#pragma once

#include "cpython/ref.h"

namespace leafwise {

// Whether a str has its characters: before CPython 3.12 one that an old C API made may not, until it is used.
inline bool is_ready([[maybe_unused]] PyObject* str) noexcept {
#if PY_VERSION_HEX < 0x030C0000
  return PyUnicode_IS_READY(str) != 0;
#else
  return true;
#endif
}

// Exactly str, int, bool, float, bytes, None or a tuple of such: their `<`, == and hash are the interpreter's own.
bool is_plain_key(PyObject* key) noexcept;

// Whether two plain keys are the same for every purpose but identity. May say no for equal ones, such as bytes or large
// ints; never says yes for 1 and True, or 0.0 and -0.0.
bool same_plain_key_by_value(PyObject* a, PyObject* b) noexcept;
inline bool same_plain_key(PyObject* a, PyObject* b) noexcept { return a == b || same_plain_key_by_value(a, b); }

// Whether all keys of a dict, or of a subclass, are exactly str: then looking up a str in it runs no Python code.
bool has_only_str_keys(PyObject* dict) noexcept;

}  // namespace leafwise
