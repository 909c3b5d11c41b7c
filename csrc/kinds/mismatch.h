// An object does not have the structure that a node demands.
#pragma once

#include "cpython/short_repr.h"

namespace leafwise {

// Thrown by a kind, which knows what is wrong but not where; core/flatten_up_to adds the key path and makes it a
// PyTreeMismatchError.
struct Mismatch {
  Ref message;   // JAX's text
  Ref expected;  // a few words: "list of length 2"
  Ref got;
};

// A few words on what an object is: "list of length 2", "dict with keys ['a', 'b']", "None", "int".
Ref describe(PyObject* object);
Ref describe_length(PyObject* type_name, Py_ssize_t length);
Ref describe_keys(PyObject* type_name, PyObject* key_list);

}  // namespace leafwise
