// Makes objects of a class that is registered by its fields without calling the class, where nobody can tell the
// difference: its constructor is the one that `dataclasses` generates, which does nothing but set the fields; or it was
// registered with construct="new", which asks for no constructor, and has no `__new__` of its own.
#pragma once

#include "kinds/node.h"

namespace leafwise {

class InstanceMaker {
 public:
  // Null if objects have to be made by the class itself. Runs Python code, and swallows what that raises.
  static std::unique_ptr<const InstanceMaker> of(Ref registration);

  // Whether the class, and its constructor, are as they were.
  bool is_current() const noexcept;
  // An object of the class; only while the maker is current. Runs no Python code but that of the garbage collector.
  Ref make(const Node& node, Items children) const;

  int traverse(visitproc visit, void* arg) const;

 private:
  explicit InstanceMaker(Ref registration) : registration_(std::move(registration)) {}
  bool find_constructor();
  const Registration& registration() const { return *reinterpret_cast<const Registration*>(registration_.get()); }

  Ref registration_;
  Ref constructor_;  // the generated `__init__` and its code; null with construct="new"
  Ref code_;
  unsigned version_ = 0;  // of the class; the places are found anew when it has changed, but not a maker
};

}  // namespace leafwise
