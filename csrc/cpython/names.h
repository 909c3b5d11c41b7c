// Interned attribute names; made once, when the module is loaded, where a failure can be reported.
#pragma once

#include "cpython/error.h"

namespace leafwise {

struct Names {
  PyObject* fields;  // _fields
  PyObject* default_factory;
  PyObject* frozen;
  PyObject* enum_module;       // enum
  PyObject* dataclass_fields;  // __dataclass_fields__
  PyObject* dataclass_params;  // __dataclass_params__
  PyObject* dunder_array;
  PyObject* dunder_dict;
  PyObject* dunder_init;
  PyObject* dunder_module;
  PyObject* dunder_name;
  PyObject* dunder_new;
  PyObject* n_fields;
  PyObject* tuple_new;     // _tuple_new
  PyObject* tree_flatten;  // with two underscores on each side, as the next two
  PyObject* tree_unflatten;
  PyObject* tree_flatten_with_keys;
};

void init_names();
const Names& names() noexcept;

}  // namespace leafwise
