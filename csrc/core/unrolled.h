// The nodes of a structure one by one, each as often as it occurs. In the array, equal siblings in a row stand once (see
// treedef.h).
#pragma once

#include "core/small_stack.h"
#include "core/treedef.h"

namespace leafwise {

class Unrolled {
 public:
  struct End {};
  class Iterator {
   public:
    Iterator(const Node* first, const Node* end) noexcept : at_(first), end_(end) {}
    const Node& operator*() const noexcept { return *at_; }
    bool operator!=(End) const noexcept { return at_ != end_; }
    void operator++() {
      ++at_;
      while (!repeated_.empty() && at_ == repeated_.top().end) {
        if (--repeated_.top().remaining > 0) {
          at_ = repeated_.top().first;
          return;
        }
        repeated_.pop();
      }
      if (at_ != end_ && at_->repeats > 1) repeated_.push({at_, at_ + at_->extent, at_->repeats});
    }

    // How often the node comes from here on, in a row; goes to the last time. For a node without any below it.
    Py_ssize_t take_row() noexcept {
      if (repeated_.empty() || repeated_.top().first != at_ || repeated_.top().end != at_ + 1) return 1;
      return std::exchange(repeated_.top().remaining, 1);
    }

   private:
    struct Repeated {  // a subtree that occurs several times, and how often it is still to be visited
      const Node* first;
      const Node* end;
      Py_ssize_t remaining;
    };
    const Node* at_;
    const Node* end_;
    SmallStack<Repeated> repeated_;
  };

  // The subtree that starts at `root`, once.
  explicit Unrolled(const Node& root) noexcept : root_(&root) {}
  Iterator begin() const noexcept { return {root_, root_ + root_->extent}; }
  End end() const noexcept { return {}; }

 private:
  const Node* root_;
};

// The same for both of what `with_nodes` gives.
inline Py_ssize_t take_row(Unrolled::Iterator& at) noexcept { return at.take_row(); }
inline Py_ssize_t take_row(Nodes::const_iterator&) noexcept { return 1; }

// Calls `visit` with the nodes of a treedef, which are simply the array where no sibling is repeated: for walks that are
// so fast that this matters.
template <class Visitor>
decltype(auto) with_nodes(const TreeDef& treedef, Visitor&& visit) {
  return treedef.has_repeats ? visit(Unrolled(treedef.root())) : visit(treedef.nodes);
}

}  // namespace leafwise
