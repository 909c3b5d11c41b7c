#include "core/path_walker.h"

#include "core/small_stack.h"
#include "kinds/dispatch.h"

namespace leafwise {

void PathWalker::next() noexcept {
  while (!containers_.empty() && ++containers_.back().child == containers_.back().arity) {
    keys_.resize(containers_.back().first_key);
    containers_.pop_back();
  }
}

void PathWalker::enter(const Node& node) {
  const size_t first_key = keys_.size();
  keys_.resize(first_key + static_cast<size_t>(node.arity));
  with_kind(node.kind, [&](auto kind) { kind.keys(node, 0, node.arity, keys_.data() + first_key); });
  containers_.push_back({first_key, node.arity, -1});
}

Ref PathWalker::path() const {
  SmallStack<PyObject*> path;
  for (const Container& container : containers_) {
    path.push(keys_[container.first_key + static_cast<size_t>(container.child)].get());
  }
  return tuple_from(Items(path.top(containers_.size())), static_cast<Py_ssize_t>(containers_.size()));
}

}  // namespace leafwise
