#include "core/fold.h"

#include "cpython/guards.h"

namespace leafwise {

Ref fold(PyObject* f, Ref initial, PyObject* leaves, Py_ssize_t skipped) {
  const RecursionGuard guard(" while reducing a tree");
  Ref result = std::move(initial);
  // `f` can get hold of the list, as the garbage collector knows it, and change it.
  for (Py_ssize_t i = skipped; const Ref leaf = item_of(leaves, i); ++i) {
    // The place before the first argument is the callee's to use.
    PyObject* arguments[] = {nullptr, result.get(), leaf.get()};
    const CoreLock::Pause pause;
    result = checked(PyObject_Vectorcall(f, arguments + 1, 2 | PY_VECTORCALL_ARGUMENTS_OFFSET, nullptr));
  }
  return result;
}

}  // namespace leafwise
