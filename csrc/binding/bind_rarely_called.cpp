// The functions that are seldom called, or take long anyway, made with pybind11.
#include "binding/bindings.h"
#include "binding/walk_arguments.h"

#include "core/one_level.h"
#include "core/paths.h"
#include "cpython/short_repr.h"
#include "kinds/mismatch.h"

#include <pybind11/pybind11.h>

namespace leafwise {
namespace {

namespace py = pybind11;

// They run in the core alone, as those made with the C API do by `guarded`.
using InCore = py::call_guard<CoreLock>;

// Hands an owned object over to pybind11.
py::object steal(Ref ref) { return py::reinterpret_steal<py::object>(ref.release()); }

FlattenOptions one_level_options(const py::object& none_is_leaf, const py::object& registry) {
  FlattenOptions options;
  options.registry = &registry_argument(registry.ptr());
  options.none_is_leaf = flag_argument(kNoneIsLeaf, none_is_leaf.ptr());
  return options;
}

py::object tuple_of_treedefs(const py::object& treedefs) {
  check_iterable("treedefs must be iterable", treedefs.ptr());
  const Refs items = drain(treedefs.ptr());
  PyObject* registry = default_registry();
  for (size_t i = 0; i < items.size(); ++i) {
    const TreeDef& treedef = treedef_argument("treedef_tuple", items[i].get());
    if (i == 0) registry = treedef.registry.get();
    if (treedef.registry.get() != registry) {
      throw_error(PyExc_ValueError, "PyTree registries of PyTreeDefs passed to Tuple() must match.");
    }
  }
  return steal(treedef_tuple(items, registry));
}

void bind_walks(py::module_& module) {
  module.def(
      "flatten_one_level",
      [](const py::object& tree, const py::object& none_is_leaf, const py::object& registry) {
        return steal(flatten_one_level(tree.ptr(), one_level_options(none_is_leaf, registry)));
      },
      InCore());
  module.def(
      "flatten_one_level_with_keys",
      [](const py::object& tree, const py::object& none_is_leaf, const py::object& registry, const py::object& path) {
        return steal(flatten_one_level_with_keys(tree.ptr(), one_level_options(none_is_leaf, registry), path.ptr()));
      },
      InCore(), py::arg("tree"), py::arg("none_is_leaf"), py::arg("registry"), py::arg("path") = py::none());
  module.def(
      "is_tree_node",
      [](const py::object& type, const py::object& registry) {
        return is_node_type(type.ptr(), registry_argument(registry.ptr()));
      },
      InCore());
  module.def(
      "short_repr",
      [](const py::object& object, Py_ssize_t max_chars) { return steal(short_repr(object.ptr(), max_chars)); },
      InCore(), py::arg("object"), py::arg("max_chars") = 1000);
  module.def("describe", [](const py::object& object) { return steal(describe(object.ptr())); }, InCore());
  module.def("locate", [](const py::tuple& path) { return steal(locate(path.ptr())); }, InCore());
  module.def("short_keystr", [](const py::tuple& path) { return steal(short_keystr(path.ptr())); }, InCore());
}

void bind_treedefs(py::module_& module) {
  module.def("treedef_tuple", &tuple_of_treedefs, InCore(), py::arg("treedefs"));
  module.def(
      "treedef_children",
      [](const py::object& treedef) {
        return steal(treedef_children(treedef_argument("treedef_children", treedef.ptr())));
      },
      InCore());
  module.def(
      "treedef_is_leaf",
      [](const py::object& treedef) {
        return treedef_argument("treedef_is_leaf", treedef.ptr()).root().num_nodes == 1;
      },
      InCore());
  module.def(
      "treedef_is_strict_leaf",
      [](const py::object& treedef) {
        return treedef_argument("treedef_is_strict_leaf", treedef.ptr()).root().kind == Kind::kLeaf;
      },
      InCore());
  module.def(
      "check_treedef",
      [](const py::str& function, const py::object& treedef) {
        const char* name = PyUnicode_AsUTF8(function.ptr());
        if (name == nullptr) throw PythonError{};
        treedef_argument(name, treedef.ptr());
      },
      InCore());
  module.def(
      "leaf_paths",
      [](const py::object& treedef) { return steal(leaf_paths(treedef_argument("leaf_paths", treedef.ptr()))); },
      InCore());
}

}  // namespace

void bind_rarely_called(PyObject* module_object) {
  auto module = py::reinterpret_borrow<py::module_>(module_object);
  bind_walks(module);
  bind_treedefs(module);
}

}  // namespace leafwise
