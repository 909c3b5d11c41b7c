#include "cpython/containers.h"

#include "cpython/short_repr.h"
#include "cpython/signals.h"

namespace leafwise {

Refs snapshot_sequence(PyObject* list_or_tuple) {
  const ContainerLock lock(list_or_tuple);
  const Py_ssize_t size = PySequence_Fast_GET_SIZE(list_or_tuple);
  PyObject** items = PySequence_Fast_ITEMS(list_or_tuple);
  Refs snapshot;
  snapshot.reserve(static_cast<size_t>(size));
  for (Py_ssize_t i = 0; i < size; ++i) snapshot.push_back(Ref::borrow(items[i]));
  return snapshot;
}

void check_iterable(const char* wanted, PyObject* object) {
  if (Py_TYPE(object)->tp_iter != nullptr || PySequence_Check(object) != 0) return;
  throw_error(PyExc_TypeError, "%s, got %U", wanted, short_repr(object).get());
}

Refs drain(PyObject* iterable, Py_ssize_t limit) {
  if (PyList_CheckExact(iterable) || PyTuple_CheckExact(iterable)) return snapshot_sequence(iterable);
  const Ref iterator = checked(PyObject_GetIter(iterable));
  Refs items;
  SignalCheck signals;  // an iterator written in C may go on for long
  while (static_cast<Py_ssize_t>(items.size()) <= limit) {
    Ref item = Ref::steal(PyIter_Next(iterator.get()));
    if (!item) {
      if (PyErr_Occurred() != nullptr) throw PythonError{};
      break;
    }
    items.push_back(std::move(item));
    signals.count_round();
  }
  return items;
}

void Items::take_all(PyObject** places, Py_ssize_t count) noexcept {
  if (owned_ == nullptr) {
    for (Py_ssize_t i = 0; i < count; ++i) Py_INCREF(places[i] = objects_[i]);
  } else {
    for (Py_ssize_t i = 0; i < count; ++i) places[i] = owned_[i].release();
  }
}

Ref list_from(Items items, Py_ssize_t count) {
  Ref list = checked(PyList_New(count));
  items.take_all(PySequence_Fast_ITEMS(list.get()), count);
  return list;
}

Ref tuple_from(Items items, Py_ssize_t count) {
  Ref tuple = checked(PyTuple_New(count));
  items.take_all(PySequence_Fast_ITEMS(tuple.get()), count);
  return tuple;
}

Ref pair_of(Ref first, Ref second) {
  Ref pair = checked(PyTuple_New(2));
  PyTuple_SET_ITEM(pair.get(), 0, first.release());
  PyTuple_SET_ITEM(pair.get(), 1, second.release());
  return pair;
}

}  // namespace leafwise
