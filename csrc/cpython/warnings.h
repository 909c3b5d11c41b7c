// Python's warnings.
#pragma once

#include "cpython/error.h"

namespace leafwise {

// Warns, naming the line from which the package was called, not the one of its own that called the core. Throws if the
// warning is made an error; runs Python code.
void warn(PyObject* category, const Ref& text);

}  // namespace leafwise
