#include "core/flatten_up_to.h"

#include "core/fast_walk.h"
#include "core/paths.h"
#include "core/placing.h"
#include "core/unrolled.h"
#include "kinds/dispatch.h"

namespace leafwise {
namespace {

PyObject* mismatch_error = nullptr;  // the class PyTreeMismatchError

[[noreturn]] void throw_mismatch(const TreeDef& treedef, size_t node_index, const Mismatch& mismatch) {
  const Ref path = path_of_node(treedef, node_index);
  const Ref message = format_text("%U\n\nAt %U: expected %U, got %U.", mismatch.message.get(), locate(path.get()).get(),
                                  mismatch.expected.get(), mismatch.got.get());
  PyObject* arguments[] = {message.get(), path.get(), mismatch.expected.get(), mismatch.got.get()};
  const Ref error = checked(PyObject_Vectorcall(mismatch_error, arguments, 4, nullptr));
  PyErr_SetObject(mismatch_error, error.get());
  throw PythonError{};
}

}  // namespace

void init_mismatch_error() {
  const Ref errors = checked(PyImport_ImportModule("leafwise.errors"));
  mismatch_error = checked(PyObject_GetAttrString(errors.get(), "PyTreeMismatchError")).release();
}

Ref flatten_up_to(const TreeDef& treedef, PyObject* tree) {
  if (Ref subtrees = read_leaves(treedef, tree, nullptr)) return subtrees;

  Agenda agenda;
  agenda.push(Ref::borrow(tree));
  Refs subtrees;
  subtrees.reserve(static_cast<size_t>(treedef.num_leaves()));
  size_t nodes_before = 0;
  for (const Node& node : Unrolled(treedef.root())) {
    const size_t node_index = nodes_before++;
    Ref object = agenda.pop();
    if (node.kind == Kind::kLeaf) {
      subtrees.push_back(std::move(object));
      continue;
    }
    try {
      with_kind(node.kind, [&](auto kind) { kind.match(node, object.get(), agenda); });
    } catch (const UnplacedError&) {
      throw_placed(object.get(), [&] { return path_of_node(treedef, node_index); });
    } catch (const Mismatch& mismatch) {
      throw_mismatch(treedef, node_index, mismatch);
    }
    if (!node.has_implied_leaves()) continue;
    for (Py_ssize_t child = 0; child < node.arity; ++child) subtrees.push_back(agenda.pop());
  }
  return list_from(std::move(subtrees));
}

}  // namespace leafwise
