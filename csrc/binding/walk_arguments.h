// The arguments that all functions which walk trees have.
#pragma once

#include "binding/arguments.h"

namespace leafwise {

// Names of parameters.
constexpr const char* kIsLeaf = "is_leaf";
constexpr const char* kNoneIsLeaf = "none_is_leaf";
constexpr const char* kRegistry = "registry";

// All borrowed.
struct WalkArguments {
  PyObject* tree;
  FlattenOptions options;
  PyObject* registry;  // the Python object; null if it was left out

  PyObject* registry_object() const;
};

// Checks them. May run Python code, as the registry is refreshed.
WalkArguments walk_arguments(PyObject* tree, PyObject* is_leaf, PyObject* none_is_leaf, PyObject* registry);

// Of a function whose parameters are these four.
WalkArguments parse(const Signature& signature, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names);

}  // namespace leafwise
