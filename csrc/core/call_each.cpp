#include "core/call_each.h"

#include "core/paths.h"
#include "cpython/guards.h"
#include "cpython/new_list.h"

#include <array>

namespace leafwise {
namespace {

// The arguments of a call, owned while it runs. The place before the first is the callee's to use.
class CallArguments {
 public:
  explicit CallArguments(Py_ssize_t count) : count_(static_cast<size_t>(count)) {
    if (count_ >= few_.size()) many_.resize(count_ + 1);
  }
  Ref& operator[](Py_ssize_t index) { return places()[1 + index]; }
  Ref pass_to(PyObject* f) {
    const CoreLock::Pause pause;
    return Ref::steal(PyObject_Vectorcall(f, borrowed(places() + 1), count_ | PY_VECTORCALL_ARGUMENTS_OFFSET, nullptr));
  }

 private:
  Ref* places() noexcept { return many_.empty() ? few_.data() : many_.data(); }
  const size_t count_;
  std::array<Ref, 5> few_;  // without an allocation
  Refs many_;
};

[[noreturn]] void throw_failure_of_call(const TreeDef& treedef, Py_ssize_t leaf) {
  if (PyErr_ExceptionMatches(PyExc_StopIteration) == 0) throw PythonError{};
  const SetAsideError stop;
  const Ref place = locate(PyTuple_GET_ITEM(leaf_paths(treedef).get(), leaf));
  stop.set_again();
  throw_error_from_current(PyExc_RuntimeError,
                           "generator raised StopIteration (by the function mapped over the tree, at %U)", place.get());
}

}  // namespace

Ref call_each(PyObject* f, const TreeDef& treedef, PyObject* const* columns, Py_ssize_t num_columns) {
  const RecursionGuard guard(" while mapping a function over a tree");
  const Py_ssize_t num_leaves = treedef.num_leaves();
  NewList results(num_leaves);
  CallArguments arguments(num_columns);
  for (Py_ssize_t leaf = 0; leaf < num_leaves; ++leaf) {
    for (Py_ssize_t i = 0; i < num_columns; ++i) {
      // `f` can get hold of the columns, as the garbage collector knows them.
      arguments[i] = item_of(columns[i], leaf);
      if (!arguments[i]) {
        throw_error(PyExc_RuntimeError, "the list of leaves changed its size while a function was mapped over it");
      }
    }
    Ref result = arguments.pass_to(f);
    if (!result) throw_failure_of_call(treedef, leaf);
    results.places()[leaf] = result.release();
  }
  return std::move(results).publish();
}

}  // namespace leafwise
