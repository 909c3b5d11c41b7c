#include "core/leaf_truth.h"

#include "core/leaf_walk.h"
#include "cpython/guards.h"
#include "cpython/plain_keys.h"
#include "cpython/plain_truth.h"
#include "kinds/dicts.h"

#include <algorithm>

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
    if (!PyUnicode_CheckExact(key) || !is_ready(key)) return nullptr;
    if (first_key != nullptr && PyUnicode_Compare(key, first_key) > 0) continue;
    first_key = key;
    first_value = value;
  }
  return first_value;
}

bool first_leaf_is(bool truth, PyObject* tree, const Registry& registry, int levels);

// Whether the first leaf in an OrderedDict is the one in the value that was inserted first, and is what is looked for. That
// its order is that of insertion, as it mostly is, and that hashing its keys runs no Python code, are found out last, since
// it takes longer. A known limit: if methods of dict have taken away items behind the first, nobody notices.
bool first_leaf_in_ordered_dict_is(bool truth, PyObject* dict, const Registry& registry, int levels) {
  PyObject *key, *value;
  Py_ssize_t position = 0;
  return PyDict_Next(dict, &position, &key, &value) != 0 && first_leaf_is(truth, value, registry, levels) &&
         has_only_str_keys(dict) && is_first_key(key, dict);
}

PyObject* first_child(PyObject* object, Kind kind) {
  if (kind == Kind::kList || kind == Kind::kTuple) return PySequence_Fast_ITEMS(object)[0];  // it is not empty
  return kind == Kind::kDict || kind == Kind::kDefaultDict ? first_of_small_dict(object) : nullptr;
}

// Whether the first leaf can be found, under no more than so many containers, and is known to be what is looked for.
bool first_leaf_is(bool truth, PyObject* tree, const Registry& registry, int levels) {
  for (; tree != nullptr; --levels) {
    const bool may_be_leaf = has_plain_truth(Py_TYPE(tree));
    if (!may_be_leaf && (size_of(tree) == 0 || levels == 0)) return false;
    if (may_be_leaf) return registry.is_known_leaf(Py_TYPE(tree)) && plain_truth(tree) == truth;
    const RegistryEntry* entry = registry.find(Py_TYPE(tree));
    if (entry == nullptr) return false;
    if (entry->kind == Kind::kOrderedDict) return first_leaf_in_ordered_dict_is(truth, tree, registry, levels - 1);
    tree = first_child(tree, entry->kind);
  }
  return false;
}

// Deeper trees are rare, some of them have no end, and none may be deeper than this limit.
int most_levels() noexcept { return std::min(32, Py_GetRecursionLimit()); }

}  // namespace

bool has_leaf_that_is(bool truth, PyObject* tree, const FlattenOptions& options) {
  const RecursionGuard guard(kRecursionWhere);
  // Often known at once; and the walk owns all children of a container before it looks at the first.
  if (kHasGil && options.is_leaf == nullptr && first_leaf_is(truth, tree, *options.registry, most_levels()))
    return true;
  LeafWalk walk(tree, options);
  walk.look_for(truth);
  while (const Ref leaf = walk.next()) {
    if (check_bool(PyObject_IsTrue(leaf.get())) == truth) return true;
  }
  return false;
}

}  // namespace leafwise
