// The parts of the module `leafwise._core`; module.cpp lists them in order.
//
// Types, and what is called often, are made with the C API alone, because a call through pybind11 costs more than
// flattening a small tree. pybind11 serves the rest: bind_rarely_called.cpp and module.cpp, the only files that include
// it, because each file that does takes ten times as long to compile.
#pragma once

#include "core/registry.h"
#include "core/treedef.h"

namespace leafwise {

void bind_registry(PyObject* module);
void bind_keys(PyObject* module);
void bind_treedef(PyObject* module);
void bind_flatten(PyObject* module);
void bind_mapping(PyObject* module);
void bind_iter(PyObject* module);
void bind_cache(PyObject* module);
void bind_rarely_called(PyObject* module);

// The registry used when none is named. Lives as long as the process.
PyObject* default_registry();
// The C++ part of a PyTreeRegistry; null and None mean the default registry. Throws TypeError for anything else, in which
// the argument is called `parameter`. Runs Python code if a source of the registry has changed; what it throws is thrown.
const Registry& registry_argument(PyObject* registry, const char* parameter = "registry");

// A PyTreeDef that was given to a function of this name; throws TypeError for anything else.
const TreeDef& treedef_argument(const char* function, PyObject* object);

// Adds a type made with the C API to the module.
void add_type(PyObject* module, PyTypeObject* type);

// Adds a function made with the C API that users find in the package: it says that it is from there, and is pickled by
// that name. `definition` has to stay.
void add_public_function(PyObject* module, PyMethodDef& definition);

}  // namespace leafwise
