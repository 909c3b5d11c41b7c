#include "core/leaf_truth.h"

#include "core/leaf_walk.h"
#include "cpython/guards.h"
#include "cpython/plain_truth.h"
#include "kinds/dicts.h"

namespace leafwise {
namespace {

// All that stands here goes without running Python code, so nothing changes meanwhile and everything may be borrowed. Null
// means that it takes the walk to find out.

// The value of the smallest key, if all keys are str. In large dicts to look for it takes too long.
PyObject* first_of_small_dict(PyObject* dict) noexcept {
  constexpr Py_ssize_t kMaxItems = 16;
  if (size_of(dict) > kMaxItems) return nullptr;
  PyObject *key, *value, *first_key = nullptr, *first_value = nullptr;
  for (Py_ssize_t position = 0; PyDict_Next(dict, &position, &key, &value) != 0;) {
    if (!PyUnicode_CheckExact(key)) return nullptr;
#if PY_VERSION_HEX < 0x030C0000
    if (PyUnicode_IS_READY(key) == 0) return nullptr;
#endif
    if (first_key != nullptr && PyUnicode_Compare(key, first_key) > 0) continue;
    first_key = key;
    first_value = value;
  }
  return first_value;
}

// The order of an OrderedDict is its own, but mostly also that of the dict that it is.
PyObject* first_of_ordered_dict(PyObject* dict) {
  PyObject *key, *value;
  Py_ssize_t position = 0;
  if (PyDict_Next(dict, &position, &key, &value) == 0) return nullptr;
  const GarbageCollectionPause pause;
  const Ref iterator = checked(PyObject_GetIter(dict));
  const Ref first_key = Ref::steal(PyIter_Next(iterator.get()));
  if (!first_key) PyErr_Clear();  // a dict that was changed as what it is; the walk will say so
  return first_key.get() == key ? value : nullptr;
}

PyObject* first_child(PyObject* object, Kind kind) {
  if (kind == Kind::kList || kind == Kind::kTuple) return PySequence_Fast_ITEMS(object)[0];  // it is not empty
  if (kind == Kind::kDict || kind == Kind::kDefaultDict) return first_of_small_dict(object);
  return kind == Kind::kOrderedDict ? first_of_ordered_dict(object) : nullptr;
}

// Whether the first leaf can be found, and is known to be what is looked for.
bool first_leaf_is(bool truth, PyObject* tree, const Registry& registry) {
  constexpr int kMaxDepth = 32;  // deeper trees are rare, and some of them have no end
  for (int depth = 0; depth < kMaxDepth && tree != nullptr; ++depth) {
    const bool may_be_leaf = has_plain_truth(Py_TYPE(tree));
    if (!may_be_leaf && size_of(tree) == 0) return false;
    if (may_be_leaf) return registry.is_known_leaf(Py_TYPE(tree)) && plain_truth(tree) == truth;
    const RegistryEntry* entry = registry.find(Py_TYPE(tree));
    if (entry == nullptr) return false;
    tree = first_child(tree, entry->kind);
  }
  return false;
}

}  // namespace

bool has_leaf_that_is(bool truth, PyObject* tree, const FlattenOptions& options) {
  const RecursionGuard guard(kRecursionWhere);
  // Often known at once; and the walk owns all children of a container before it looks at the first.
  if (options.is_leaf == nullptr && first_leaf_is(truth, tree, *options.registry)) return true;
  LeafWalk walk(tree, options);
  walk.look_for(truth);
  while (const Ref leaf = walk.next()) {
    if (check_bool(PyObject_IsTrue(leaf.get())) == truth) return true;
  }
  return false;
}

}  // namespace leafwise
