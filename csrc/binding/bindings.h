// The parts of the module `leafwise._core`; module.cpp lists them in order.
//
// What is hot is made with the C API alone, because a call through pybind11 costs more than flattening a small tree:
// the functions of bind_flatten.cpp and bind_iter.cpp, the key entries, PyTreeDef. pybind11 serves the rest.
#pragma once

#include "core/registry.h"

#include <pybind11/pybind11.h>

namespace leafwise {

namespace py = pybind11;

// For functions that are made with pybind11: they run in the core alone, as the others do by `guarded`.
using InCore = py::call_guard<CoreLock>;

void bind_registry(py::module_& module);
void bind_keys(py::module_& module);
void bind_treedef(py::module_& module);
void bind_flatten(py::module_& module);
void bind_mapping(py::module_& module);
void bind_iter(py::module_& module);
void bind_cache(py::module_& module);

// The registry used when none is named. Lives as long as the process.
PyObject* default_registry();
// The C++ part of a PyTreeRegistry; null and None mean the default registry. Throws TypeError for anything else. Runs
// Python code if a source of the registry has changed; what it throws is thrown.
const Registry& registry_argument(PyObject* registry);

// Hands an owned object over to pybind11.
inline py::object steal(Ref ref) { return py::reinterpret_steal<py::object>(ref.release()); }

// Adds a type made with the C API to the module.
void add_type(py::module_& module, PyTypeObject* type);

// Adds a function made with the C API that users find in the package: it says that it is from there, and is pickled by
// that name. `definition` has to stay.
void add_public_function(py::module_& module, PyMethodDef& definition);

}  // namespace leafwise
