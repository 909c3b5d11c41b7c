#include "core/paths.h"

#include "core/path_walker.h"
#include "core/unrolled.h"
#include "kinds/dispatch.h"

namespace leafwise {

namespace {

Refs make_leaf_paths(const TreeDef& treedef) {
  PathWalker walker;
  Refs paths;
  paths.reserve(static_cast<size_t>(treedef.num_leaves()));
  for (const Node& node : Unrolled(treedef.root())) {
    walker.next();
    if (node.kind == Kind::kLeaf) paths.push_back(walker.path());
    if (node.arity == 0) continue;
    walker.enter(node);
    for (Py_ssize_t i = 0; node.has_implied_leaves() && i < node.arity; ++i) {
      walker.next();
      paths.push_back(walker.path());
    }
  }
  return paths;
}

}  // namespace

Ref leaf_paths(const TreeDef& treedef) {
  if (!treedef.paths) {
    Ref paths = tuple_from(make_leaf_paths(treedef));
    // Making them may have run Python code that asked for them, too; the first that are there stay.
    if (!treedef.paths) treedef.paths = std::move(paths);
  }
  return treedef.paths;
}

LeavesAndPaths flatten_and_paths(PyObject* tree, FlattenOptions options, PyObject* registry) {
  options.with_keys = true;
  LeavesAndTreedef flat = flatten_to_treedef(tree, options, registry);
  Ref paths = leaf_paths(treedef_of(flat.treedef.get()));
  return {std::move(paths), std::move(flat.leaves), std::move(flat.treedef)};
}

LeavesWithPath flatten_with_path(PyObject* tree, FlattenOptions options, PyObject* registry) {
  options.with_keys = true;
  LeavesAndTreedef flat = flatten_to_treedef(tree, options, registry);
  // The list of the leaves becomes the list of the pairs. Nobody has seen it, and nobody shall find it meanwhile.
  PyObject_GC_UnTrack(flat.leaves.get());
  const Ref paths = leaf_paths(treedef_of(flat.treedef.get()));
  const Py_ssize_t num_leaves = PyTuple_GET_SIZE(paths.get());
  for (Py_ssize_t i = 0; i < num_leaves; ++i) {
    PyObject*& place = PySequence_Fast_ITEMS(flat.leaves.get())[i];
    Ref leaf = Ref::steal(std::exchange(place, nullptr));
    place = pair_of(Ref::borrow(PyTuple_GET_ITEM(paths.get(), i)), std::move(leaf)).release();
  }
  PyObject_GC_Track(flat.leaves.get());
  return {std::move(flat.leaves), std::move(flat.treedef)};
}

Ref path_of_node(const TreeDef& treedef, size_t node_index) {
  // The containers around the node, and the child that the walk is at. Of others no keys are made: they may be many, or
  // fail.
  struct Container {
    const Node* node;
    Py_ssize_t child;
  };
  std::vector<Container> containers;
  const auto next = [&] {
    while (!containers.empty() && ++containers.back().child == containers.back().node->arity) containers.pop_back();
  };
  for (const Node& node : Unrolled(treedef.root())) {
    if (node_index-- == 0) break;
    next();
    if (node.arity > 0 && !node.has_implied_leaves()) containers.push_back({&node, -1});
  }
  next();
  Refs path;
  for (const Container& container : containers) path.push_back(key_of_child(*container.node, container.child));
  return tuple_from(std::move(path));
}

namespace {

constexpr Py_ssize_t kMaxKeys = 60;
constexpr Py_ssize_t kMaxKeyChars = 100;
constexpr Py_ssize_t kMaxPathChars = 400;

Ref shortened(Ref text, Py_ssize_t max_chars) {
  const Py_ssize_t length = PyUnicode_GET_LENGTH(text.get());
  if (length <= max_chars) return text;
  const Ref head = checked(PyUnicode_Substring(text.get(), 0, max_chars / 2));
  const Ref tail = checked(PyUnicode_Substring(text.get(), length - max_chars / 2, length));
  return format_text("%U...%U", head.get(), tail.get());
}

Ref short_key(PyObject* key) {
  if (Py_TYPE(key) != key_entry_type(KeyEntryClass::kDict)) {
    Ref text = Ref::steal(PyObject_Str(key));
    if (!text) {
      if (!is_ordinary_error()) throw PythonError{};
      PyErr_Clear();
      text = short_repr(key, kMaxKeyChars);
    }
    return shortened(std::move(text), kMaxKeyChars);
  }
  return format_text("[%U]", short_repr(reinterpret_cast<KeyEntry*>(key)->value.get(), kMaxKeyChars).get());
}

}  // namespace

Ref short_keystr(PyObject* path) {
  const Refs keys = snapshot_sequence(path);
  const size_t half = kMaxKeys / 2;
  TextBuilder text;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (i == half && keys.size() > 2 * half) {
      text.add("...");
      i = keys.size() - half;
    }
    text.add(short_key(keys[i].get()).get());
  }
  return shortened(text.join(), kMaxPathChars);
}

Ref locate(PyObject* path) {
  if (PyTuple_GET_SIZE(path) == 0) return format_text("the root of the tree");
  return format_text("key path %U", short_keystr(path).get());
}

}  // namespace leafwise
