// Says in the text of an error where in a tree it was.
#pragma once

#include "cpython/error.h"

#include <functional>

namespace leafwise {

// To be called where an UnplacedError was caught: tells what `object` is, and where it is; throws. `find_path` gives the key
// path, and may run Python code; it is empty where nobody knows the path.
[[noreturn]] void throw_placed(PyObject* object, const std::function<Ref()>& find_path = nullptr);

}  // namespace leafwise
