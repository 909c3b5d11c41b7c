#include "binding/walk_arguments.h"

#include "binding/bindings.h"

namespace leafwise {

PyObject* WalkArguments::registry_object() const { return registry == nullptr ? default_registry() : registry; }

WalkArguments walk_arguments(PyObject* tree, PyObject* is_leaf, PyObject* none_is_leaf, PyObject* registry) {
  if (registry == Py_None) registry = nullptr;
  WalkArguments walk{tree, {}, registry};
  walk.options.registry = &registry_argument(registry);
  walk.options.is_leaf = is_leaf_argument(is_leaf);
  walk.options.none_is_leaf = flag_argument(kNoneIsLeaf, none_is_leaf);
  return walk;
}

WalkArguments parse(const Signature& signature, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names) {
  const Arguments arguments(signature, args, num_args, keyword_names);
  return walk_arguments(arguments[0], arguments[1], arguments[2], arguments[3]);
}

}  // namespace leafwise
