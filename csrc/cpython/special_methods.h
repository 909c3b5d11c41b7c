// Methods of a class, found as the interpreter finds special methods: in the class and its bases, by their names alone. No
// object's own attributes, no metaclass, no `__getattr__` is asked.
#pragma once

#include "cpython/names.h"

namespace leafwise {

// What the class or one of its bases has by this name; empty if that is nothing, or None, by which a class says that it
// does not want what it would inherit. Runs Python code if there are keys of user types in the dicts of these classes.
Ref special_method(PyTypeObject* type, PyObject* name);
// Whether it stands in the class itself. May run the same.
bool defines(PyTypeObject* type, PyObject* name);

// What `method` is when it is read from the class: for a class method it has the class bound. May run Python code.
Ref bound_to_class(PyObject* method, PyTypeObject* type);
// A function of one argument: an object, whose method it calls. For plain functions that is the method itself.
Ref function_of_object(PyObject* method);

}  // namespace leafwise
