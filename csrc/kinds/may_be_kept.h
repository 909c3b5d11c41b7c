// Which metadata a cache may keep alive.
#pragma once

#include "cpython/ref.h"

namespace leafwise {

// Whether the object belongs to the program rather than to its data, and can be compared without running Python code: a
// plain key, a class, a function that carries no other objects. What a function carries (its closure, its defaults, the
// object that it is a method of) may be large, or a leaf.
bool may_be_kept(PyObject* metadata) noexcept;

}  // namespace leafwise
