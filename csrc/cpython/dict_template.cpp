#include "cpython/dict_template.h"

namespace leafwise {
namespace {

PyObject** table_of(PyObject* dict) noexcept {
  return reinterpret_cast<PyObject**>(reinterpret_cast<PyDictObject*>(dict)->ma_keys);
}
// The values of a split dict, which shares its keys with others, are not in the table.
bool is_split(PyObject* dict) noexcept { return reinterpret_cast<PyDictObject*>(dict)->ma_values != nullptr; }

// Looks for each object in the table of a dict that has them all as its values, in this order.
std::vector<std::uint32_t> places_of(const Refs& values, PyObject* dict) {
  std::vector<std::uint32_t> places;
  PyObject** table = table_of(dict);
  std::uint32_t place = 0;
  for (const Ref& value : values) {
    while (table[place] != value.get()) ++place;  // it is there, so the search ends inside of the table
    places.push_back(place);
  }
  return places;
}

}  // namespace

DictTemplate::DictTemplate(const Ref* keys, Py_ssize_t count) : dict_(checked(PyDict_New())) {
  Refs markers;
  for (Py_ssize_t i = 0; i < count; ++i) {
    markers.push_back(checked(PyList_New(0)));
    check_status(PyDict_SetItem(dict_.get(), keys[i].get(), markers.back().get()));
  }
  const Ref copy = checked(PyDict_Copy(dict_.get()));
  if (!is_split(dict_.get()) && !is_split(copy.get())) {
    places_ = places_of(markers, dict_.get());
    if (places_of(markers, copy.get()) != places_) places_.clear();
  }
  // Each key is its own value: to count one object up and down for all of them would be slower, as each step would have
  // to wait for the one before.
  for (Py_ssize_t i = 0; i < count; ++i) check_status(PyDict_SetItem(dict_.get(), keys[i].get(), keys[i].get()));
  // It holds nothing but strings. A copy of a dict that is not tracked is not tracked either (before 3.14).
  if (PyObject_GC_IsTracked(dict_.get()) != 0) PyObject_GC_UnTrack(dict_.get());
}

Ref DictTemplate::make(Items values) const {
  Ref dict = checked(PyDict_Copy(dict_.get()));
  // Nobody shall find it through the garbage collector before it has its values.
  if (PyObject_GC_IsTracked(dict.get()) != 0) PyObject_GC_UnTrack(dict.get());
  if (put_values(dict.get(), values)) PyObject_GC_Track(dict.get());
  return dict;
}

// Returns whether the garbage collector has to know of the dict.
bool DictTemplate::put_values(PyObject* dict, Items values) const {
#if PY_VERSION_HEX >= 0x030E0000
  bool needs_tracking = true;
#else
  bool needs_tracking = false;
#endif
  PyObject** table = table_of(dict);
  PyObject** template_table = table_of(dict_.get());
  for (size_t i = 0; i < places_.size(); ++i) {
    const std::uint32_t place = places_[i];
    if (table[place - 1] != template_table[place - 1] || table[place] != template_table[place]) {
      throw std::logic_error("a copied dict is laid out unlike its original");
    }
    Ref value = values.take(static_cast<Py_ssize_t>(i));
    needs_tracking = needs_tracking || PyType_IS_GC(Py_TYPE(value.get())) != 0;
    const Ref placeholder = Ref::steal(std::exchange(table[place], value.release()));
  }
  return needs_tracking;
}

}  // namespace leafwise
