// Remembers which types are leaves for a registry, so that the registry need not be asked for each leaf.
#pragma once

#include "core/registry.h"

#include <array>

namespace leafwise {

class LeafTypes {
 public:
  LeafTypes(const Registry& registry, bool none_is_leaf) : registry_(registry), none_is_leaf_(none_is_leaf) {}

  // Whether every object of the type is known to be a leaf, without a warning. Runs no Python code.
  bool contains(PyTypeObject* type) { return is_known(type) || look_up(type, slot_of(type)); }
  // Whether it is one of those that `contains` has remembered.
  bool is_known(PyTypeObject* type) {
    const Slot& slot = slot_of(type);
    return slot.type.get() == reinterpret_cast<PyObject*>(type) && slot.tag == type->tp_version_tag;
  }

  int traverse(visitproc visit, void* arg) const {
    for (const Slot& slot : slots_) {
      if (const int stop = visit_ref(slot.type, visit, arg)) return stop;
    }
    return 0;
  }

 private:
  // Owned, so that no other type gets its address. A class that has changed has another tag, and may be a node now.
  struct Slot {
    Ref type;
    unsigned tag = 0;
  };
  static constexpr size_t kSlots = 16;

  Slot& slot_of(PyTypeObject* type) { return slots_[(reinterpret_cast<std::uintptr_t>(type) >> 5) % kSlots]; }
  bool look_up(PyTypeObject* type, Slot& slot);

  const Registry& registry_;
  const bool none_is_leaf_;
  std::array<Slot, kSlots> slots_;
};

}  // namespace leafwise
