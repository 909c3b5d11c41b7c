#include "core/path_walker.h"

#include "kinds/dispatch.h"

#include <algorithm>

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
  with_kind(node.kind, [&](auto kind) { kind.keys(node, keys_.data() + first_key); });
  containers_.push_back({first_key, node.arity, -1});
}

Ref PathWalker::path() const {
  Refs path;
  path.reserve(containers_.size());
  for (const Container& container : containers_) {
    path.push_back(keys_[container.first_key + static_cast<size_t>(container.child)]);
  }
  Ref result = tuple_from(std::move(path));
  // Nothing in such a path can be part of a cycle, so the garbage collector need not look at it.
  const auto is_atomic = [&](const Container& container) {
    return is_atomic_key_entry(keys_[container.first_key + static_cast<size_t>(container.child)].get());
  };
  if (std::all_of(containers_.begin(), containers_.end(), is_atomic)) PyObject_GC_UnTrack(result.get());
  return result;
}

}  // namespace leafwise
