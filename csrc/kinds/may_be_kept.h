// Which metadata a cache may keep alive.
#pragma once

#include "cpython/ref.h"

namespace leafwise {

// Whether the object belongs to the program rather than to its data: a plain key, a class, a function that carries no other
// objects, a member of an enum, a data type of NumPy, or a frozen dataclass of such. What a function carries (its closure,
// its defaults, the object that it is a method of) may be large, or a leaf. Runs Python code.
bool may_be_kept(PyObject* metadata);

}  // namespace leafwise
