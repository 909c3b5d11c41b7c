// repr() for error messages: bounded in length and depth, and never failing.
#pragma once

#include "cpython/text.h"

namespace leafwise {

// Equal to repr(object) where that is short; otherwise with "..." where something was left out. An object whose repr
// raises an Exception is shown as what it is. Runs the repr of what it shows; throws only for errors that are no
// Exception (KeyboardInterrupt) and for lack of memory.
Ref short_repr(PyObject* object, Py_ssize_t max_chars = 1000);

}  // namespace leafwise
