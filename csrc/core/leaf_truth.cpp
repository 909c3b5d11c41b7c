#include "core/leaf_truth.h"

#include "core/leaf_walk.h"
#include "cpython/guards.h"

namespace leafwise {

bool has_leaf_that_is(bool truth, PyObject* tree, const FlattenOptions& options) {
  const RecursionGuard guard(kRecursionWhere);
  LeafWalk walk(tree, options);
  walk.look_for(truth);
  while (const Ref leaf = walk.next()) {
    if (check_bool(PyObject_IsTrue(leaf.get())) == truth) return true;
  }
  return false;
}

}  // namespace leafwise
