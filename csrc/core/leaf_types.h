// Remembers which types are leaves for a registry, so that the registry need not be asked for each leaf.
#pragma once

#include "core/registry.h"

#include <array>

namespace leafwise {

class LeafTypes {
 public:
  LeafTypes(const Registry& registry, bool none_is_leaf) : registry_(registry), none_is_leaf_(none_is_leaf) {}

  // Whether every object of the type is a leaf, without a warning. Runs no Python code.
  bool contains(PyTypeObject* type) {
    Slot& slot = slots_[(reinterpret_cast<std::uintptr_t>(type) >> 5) % kSlots];
    return slot.type.get() == reinterpret_cast<PyObject*>(type) || look_up(type, slot);
  }

  int traverse(visitproc visit, void* arg) const {
    for (const Slot& slot : slots_) {
      if (const int stop = visit_ref(slot.type, visit, arg)) return stop;
    }
    return 0;
  }

 private:
  // Owned, so that no other type gets its address.
  struct Slot {
    Ref type;
  };
  static constexpr size_t kSlots = 16;

  bool look_up(PyTypeObject* type, Slot& slot);

  const Registry& registry_;
  const bool none_is_leaf_;
  std::array<Slot, kSlots> slots_;
};

}  // namespace leafwise
