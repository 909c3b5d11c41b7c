// The functions that walk objects: tree_flatten and its relatives.
#include "binding/arguments.h"
#include "binding/bindings.h"
#include "binding/flatten_docs.h"
#include "binding/walk_arguments.h"

#include "core/paths.h"
#include "core/unflatten.h"
#include "cpython/short_repr.h"
#include "cpython/signals.h"

namespace leafwise {
namespace {

WalkArguments parse_with_path(const Signature& signature, PyObject* const* args, Py_ssize_t num_args,
                              PyObject* keyword_names) {
  const Arguments arguments(signature, args, num_args, keyword_names);
  WalkArguments walk = walk_arguments(arguments[0], arguments[1], arguments[3], arguments[4]);
  walk.options.is_leaf_takes_path = flag_argument("is_leaf_takes_path", arguments[2]);
  return walk;
}

PyObject* tree_flatten(PyObject*, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names) {
  static constexpr Signature signature = {"tree_flatten", 1, 2, {"tree", kIsLeaf, kNoneIsLeaf, kRegistry}};
  return guarded([&] {
    const WalkArguments walk = parse(signature, args, num_args, keyword_names);
    LeavesAndTreedef result = flatten_to_treedef(walk.tree, walk.options, walk.registry_object());
    return pair_of(std::move(result.leaves), std::move(result.treedef));
  });
}

PyObject* tree_leaves(PyObject*, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names) {
  static constexpr Signature signature = {"tree_leaves", 1, 2, {"tree", kIsLeaf, kNoneIsLeaf, kRegistry}};
  return guarded([&] {
    const WalkArguments walk = parse(signature, args, num_args, keyword_names);
    return flatten_to_treedef(walk.tree, walk.options, walk.registry_object()).leaves;
  });
}

PyObject* tree_structure(PyObject*, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names) {
  static constexpr Signature signature = {"tree_structure", 1, 2, {"tree", kIsLeaf, kNoneIsLeaf, kRegistry}};
  return guarded([&] {
    const WalkArguments walk = parse(signature, args, num_args, keyword_names);
    return structure_of(walk.tree, walk.options, walk.registry_object());
  });
}

LeavesWithPath flatten_with_path(const WalkArguments& walk) {
  return flatten_with_path(walk.tree, walk.options, walk.registry_object());
}

PyObject* tree_flatten_with_path(PyObject*, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names) {
  static constexpr Signature signature = {
      "tree_flatten_with_path", 1, 3, {"tree", kIsLeaf, "is_leaf_takes_path", kNoneIsLeaf, kRegistry}};
  return guarded([&] {
    LeavesWithPath result = flatten_with_path(parse_with_path(signature, args, num_args, keyword_names));
    return pair_of(std::move(result.pairs), std::move(result.treedef));
  });
}

// flatten_and_paths(tree, is_leaf, is_leaf_takes_path, none_is_leaf, registry)
PyObject* flatten_and_paths(PyObject*, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names) {
  static constexpr Signature signature = {
      "flatten_and_paths", 5, 5, {"tree", kIsLeaf, "is_leaf_takes_path", kNoneIsLeaf, kRegistry}};
  return guarded([&] {
    const WalkArguments walk = parse_with_path(signature, args, num_args, keyword_names);
    LeavesAndPaths result = flatten_and_paths(walk.tree, walk.options, walk.registry_object());
    Ref items[] = {std::move(result.paths), std::move(result.leaves), std::move(result.treedef)};
    return tuple_from(items, 3);
  });
}

PyObject* tree_leaves_with_path(PyObject*, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names) {
  static constexpr Signature signature = {
      "tree_leaves_with_path", 1, 3, {"tree", kIsLeaf, "is_leaf_takes_path", kNoneIsLeaf, kRegistry}};
  return guarded([&] { return flatten_with_path(parse_with_path(signature, args, num_args, keyword_names)).pairs; });
}

PyObject* tree_unflatten(PyObject*, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names) {
  static constexpr Signature signature = {"tree_unflatten", 2, 2, {"treedef", "leaves"}};
  return guarded([&] {
    const Arguments arguments(signature, args, num_args, keyword_names);
    if (!is_treedef(arguments[0])) {
      throw_error(PyExc_TypeError, "tree_unflatten expects a leafwise.PyTreeDef first, got %U, of %R",
                  short_repr(arguments[0]).get(), Py_TYPE(arguments[0]));
    }
    return unflatten(treedef_of(arguments[0]), arguments[1]);
  });
}

// Without is_leaf: item by item, and no further than the first that is no leaf.
bool all_items_are_leaves(const WalkArguments& walk) {
  const Ref iterator = checked(PyObject_GetIter(walk.tree));
  SignalCheck signals;
  while (const Ref item = Ref::steal(PyIter_Next(iterator.get()))) {
    if (classify(item.get(), *walk.options.registry, walk.options.none_is_leaf).kind != Kind::kLeaf) return false;
    signals.count_round();
  }
  if (PyErr_Occurred() != nullptr) throw PythonError{};
  return true;
}

// With is_leaf, which is asked for the list of them, too: do they come out of flattening as they went in?
bool items_stay_as_they_are(const WalkArguments& walk) {
  const Refs items = drain(walk.tree);
  const GrowingList leaves = flatten(list_from(items).get(), walk.options).leaves;
  if (leaves.size() != static_cast<Py_ssize_t>(items.size())) return false;
  for (size_t i = 0; i < items.size(); ++i) {
    if (leaves[static_cast<Py_ssize_t>(i)] != items[i].get()) return false;
  }
  return true;
}

PyObject* all_leaves(PyObject*, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names) {
  static constexpr Signature signature = {"all_leaves", 1, 2, {"iterable", kIsLeaf, kNoneIsLeaf, kRegistry}};
  return guarded([&] {
    const WalkArguments walk = parse(signature, args, num_args, keyword_names);
    check_iterable("all_leaves expects an iterable", walk.tree);
    const bool all = walk.options.is_leaf == nullptr ? all_items_are_leaves(walk) : items_stay_as_they_are(walk);
    return Ref::borrow(all ? Py_True : Py_False);
  });
}

PyMethodDef functions[] = {
    fast_function("tree_flatten", tree_flatten, kFlattenDoc),
    fast_function("tree_leaves", tree_leaves, kLeavesDoc),
    fast_function("tree_structure", tree_structure, kStructureDoc),
    fast_function("tree_unflatten", tree_unflatten, kUnflattenDoc),
    fast_function("tree_flatten_with_path", tree_flatten_with_path, kFlattenWithPathDoc),
    fast_function("tree_leaves_with_path", tree_leaves_with_path, kLeavesWithPathDoc),
    fast_function("all_leaves", all_leaves, kAllLeavesDoc),
    fast_function("flatten_and_paths", flatten_and_paths, kFlattenAndPathsDoc),
};

}  // namespace

void bind_flatten(PyObject* module) {
  for (PyMethodDef& function : functions) add_public_function(module, function);
}

}  // namespace leafwise
