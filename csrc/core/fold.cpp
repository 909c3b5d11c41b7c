#include "core/fold.h"

#include "cpython/guards.h"

namespace leafwise {

Ref fold(PyObject* f, Ref initial, PyObject* leaves, Py_ssize_t skipped) {
  const RecursionGuard guard(" while reducing a tree");
  Ref result = std::move(initial);
  // `f` can get hold of the list, as the garbage collector knows it, and change it.
  for (Py_ssize_t i = skipped; i < PyList_GET_SIZE(leaves); ++i) {
    const Ref leaf = Ref::borrow(PyList_GET_ITEM(leaves, i));
    // The place before the first argument is the callee's to use.
    PyObject* arguments[] = {nullptr, result.get(), leaf.get()};
    result = checked(PyObject_Vectorcall(f, arguments + 1, 2 | PY_VECTORCALL_ARGUMENTS_OFFSET, nullptr));
  }
  return result;
}

}  // namespace leafwise
