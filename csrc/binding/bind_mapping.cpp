// What tree_map and its relatives are made of, besides flattening and unflattening; their Python is in mapping.py.
#include "binding/arguments.h"
#include "binding/bindings.h"

#include "core/call_each.h"

namespace leafwise {
namespace {

// call_each(f, treedef, columns)
PyObject* call_each(PyObject*, PyObject* const* args, Py_ssize_t num_args) {
  return guarded([&] {
    if (num_args != 3 || !is_treedef(args[1]) || !PyTuple_CheckExact(args[2])) {
      throw_error(PyExc_TypeError, "call_each expects a function, a PyTreeDef and a tuple of columns");
    }
    PyObject* const* columns = PySequence_Fast_ITEMS(args[2]);
    const Py_ssize_t num_columns = PyTuple_GET_SIZE(args[2]);
    for (Py_ssize_t i = 0; i < num_columns; ++i) {
      if (!PyList_CheckExact(columns[i]) && !PyTuple_CheckExact(columns[i])) {
        throw_error(PyExc_TypeError, "call_each expects lists or tuples as columns, got %R", Py_TYPE(columns[i]));
      }
    }
    return leafwise::call_each(args[0], treedef_of(args[1]), columns, num_columns);
  });
}

PyMethodDef call_each_definition = {
    "call_each", as_c_function(call_each), METH_FASTCALL,
    "call_each(f, treedef, columns, /)\n--\n\n"
    "The results of f for each leaf of a treedef, as a list. `columns` is a tuple of lists or tuples, each with a value "
    "for each leaf; f is called with a leaf's values in all of them."};

}  // namespace

void bind_mapping(py::module_& module) {
  const Ref package = checked(PyUnicode_FromString("leafwise"));
  const Ref function = checked(PyCFunction_NewEx(&call_each_definition, nullptr, package.get()));
  check_status(PyModule_AddObjectRef(module.ptr(), "call_each", function.get()));
}

}  // namespace leafwise
