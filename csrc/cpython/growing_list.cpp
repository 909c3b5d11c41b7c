#include "cpython/growing_list.h"

namespace leafwise {

void GrowingList::extend(PyObject* const* items, Py_ssize_t count) {
  if (list_ || few_.size() + static_cast<size_t>(count) > kFew) {
    for (Py_ssize_t i = 0; i < count; ++i) append_to_list(items[i]);
  } else {
    for (Py_ssize_t i = 0; i < count; ++i) few_.push_back(Ref::borrow(items[i]));
  }
}

void GrowingList::extend(PyObject* list_or_tuple) {
  // Many get room at once, and no more than they need.
  constexpr Py_ssize_t kMany = 32;
  const Py_ssize_t count = PySequence_Fast_GET_SIZE(list_or_tuple);
  const bool stay_few = !list_ && few_.size() + static_cast<size_t>(count) <= kFew;
  if (stay_few || count < kMany) return extend(PySequence_Fast_ITEMS(list_or_tuple), count);
  if (!list_) make_list();
  check_status(PyList_SetSlice(list_.get(), size(), size(), list_or_tuple));
}

Ref GrowingList::publish() && {
  if (!list_) return list_from(few_.data(), size());
  PyObject_GC_Track(list_.get());
  return std::move(list_);
}

void GrowingList::append_to_list(PyObject* item) {
  if (!list_) make_list();
  check_status(PyList_Append(list_.get(), item));
}

void GrowingList::make_list() {
  list_ = list_from(few_.data(), size());
  PyObject_GC_UnTrack(list_.get());
  few_.clear();
}

}  // namespace leafwise
