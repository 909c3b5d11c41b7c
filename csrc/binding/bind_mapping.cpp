// What tree_map and tree_reduce are made of, besides flattening and unflattening; their Python is in mapping.py and
// reducing.py.
#include "binding/arguments.h"
#include "binding/bindings.h"

#include "core/call_each.h"
#include "core/fold.h"

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

// fold(f, leaves[, initial])
PyObject* fold(PyObject*, PyObject* const* args, Py_ssize_t num_args) {
  return guarded([&] {
    if ((num_args != 2 && num_args != 3) || !PyList_CheckExact(args[1])) {
      throw_error(PyExc_TypeError, "fold expects a function, a list and maybe what to begin with");
    }
    if (num_args == 3) return leafwise::fold(args[0], Ref::borrow(args[2]), args[1], 0);
    Ref first = item_of(args[1], 0);
    if (!first) throw_error(PyExc_TypeError, "reduce() of empty iterable with no initial value");
    return leafwise::fold(args[0], std::move(first), args[1], 1);
  });
}

PyMethodDef functions[] = {
    {"call_each", as_c_function(call_each), METH_FASTCALL,
     "call_each(f, treedef, columns, /)\n--\n\n"
     "The results of f for each leaf of a treedef, as a list. `columns` is a tuple of lists or tuples, each with a "
     "value "
     "for each leaf; f is called with a leaf's values in all of them."},
    {"fold", as_c_function(fold), METH_FASTCALL,
     "fold(f, leaves, initial=None, /)\n--\n\n"
     "f(...f(f(initial, leaves[0]), leaves[1])...); without `initial`, the first of the leaves takes its place."},
};

}  // namespace

void bind_mapping(PyObject* module) {
  for (PyMethodDef& function : functions) add_public_function(module, function);
}

}  // namespace leafwise
