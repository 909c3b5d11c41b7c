// A list that nobody else can find while it grows.
#pragma once

#include "cpython/containers.h"
#include "cpython/reused_vector.h"

namespace leafwise {

class GrowingList {
 public:
  void append(Ref item) {
    if (list_ || few_.size() == kFew) return append_to_list(item.get());
    few_.push_back(std::move(item));
  }
  // So many items that stand in a row. Runs no Python code, and neither does the next one.
  void extend(PyObject* const* items, Py_ssize_t count);
  // All items of a list or tuple.
  void extend(PyObject* list_or_tuple);
  Py_ssize_t size() const noexcept {
    return list_ ? PyList_GET_SIZE(list_.get()) : static_cast<Py_ssize_t>(few_.size());
  }
  PyObject* operator[](Py_ssize_t index) const noexcept {
    return list_ ? PyList_GET_ITEM(list_.get(), index) : few_[static_cast<size_t>(index)].get();
  }
  // May run the garbage collector.
  Ref publish() &&;

 private:
  static constexpr size_t kFew = 1024;

  void append_to_list(PyObject* item);
  void make_list();

  // The first items, so that a list of a few is made once, and no larger than they need.
  ReusedVector<Ref> few_;
  // Null as long as they are few. The garbage collector does not list it before it is published.
  Ref list_;
};

}  // namespace leafwise
