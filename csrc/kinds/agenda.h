// What a walker has still to visit: a stack of owned objects, the next one on top.
//
// Everything on it is owned and was read from its container at one moment, so callbacks may do to the containers what
// they like. And it is a stack in memory, not on the C stack, so trees may be deep.
#pragma once

#include "cpython/dict_items.h"
#include "cpython/reused_vector.h"

#include <algorithm>

namespace leafwise {

class Agenda {
 public:
  bool empty() const noexcept { return pending_.empty(); }
  void push(Ref object) { pending_.push_back(std::move(object)); }
  Ref pop() {
    Ref next = std::move(pending_.back());
    pending_.pop_back();
    return next;
  }

  // Children go on the stack from the last to the first, so that the first comes off first.
  void push_children(Refs children) {
    for (size_t i = children.size(); i-- > 0;) pending_.push_back(std::move(children[i]));
  }
  // Gives the number of items.
  Py_ssize_t push_items_of(PyObject* list_or_tuple) {
    const ContainerLock lock(list_or_tuple);
    const Py_ssize_t size = PySequence_Fast_GET_SIZE(list_or_tuple);
    PyObject** items = PySequence_Fast_ITEMS(list_or_tuple);
    for (Py_ssize_t i = size; i-- > 0;) pending_.push_back(Ref::borrow(items[i]));
    return size;
  }
  void push_values(DictItems& items) {
    for (size_t i = items.size(); i-- > 0;) pending_.push_back(std::move(items[i].value));
  }

  // The next `count` objects, the first of them last.
  PyObject* const* next(Py_ssize_t count) const noexcept {
    return borrowed(pending_.data() + pending_.size() - static_cast<size_t>(count));
  }

  // Children that are read one by one: put on the stack in their order, then turned round.
  size_t size() const noexcept { return pending_.size(); }
  void turn_round_from(size_t old_size) noexcept {
    std::reverse(pending_.begin() + static_cast<std::ptrdiff_t>(old_size), pending_.end());
  }

  int traverse(visitproc visit, void* arg) const {
    for (const Ref& object : pending_) {
      if (const int stop = visit_ref(object, visit, arg)) return stop;
    }
    return 0;
  }

 private:
  ReusedVector<Ref> pending_;
};

}  // namespace leafwise
