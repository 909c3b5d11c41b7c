// Where the objects of a class have their fields: in slots, or among their attributes (cpython/instance_values.h). From
// there fields are read without running any Python code.
#pragma once

#include "cpython/instance_values.h"

#include <vector>

namespace leafwise {

class FieldPlaces {
 public:
  // Whether the places are those of the class as it is now, which may have changed.
  bool is_current(PyTypeObject* type) const noexcept { return version_ != 0 && version_ == type->tp_version_tag; }
  // Finds the places, unless they are current; false if it has to be left to the class how to read some of the fields.
  // `names` is a tuple. Looks for names in the class, so keys of a user's type there may run Python code.
  bool find(PyTypeObject* type, PyObject* names);

  // A field of an object of exactly this class, borrowed; null if the object has nothing there, or something else would
  // be found first. Only if the places are current.
  PyObject* read(PyObject* object, PyObject** values, size_t field) const noexcept {
    const Place& place = places_[field];
    if (place.slot_offset != 0) {
      return *reinterpret_cast<PyObject**>(reinterpret_cast<char*>(object) + place.slot_offset);
    }
    if (values != nullptr && place.value_place >= 0) return values[place.value_place];
    return read_slowly(object, values, place);
  }
  // What `read` wants as `values`.
  PyObject** values_of(PyObject* object) const noexcept { return has_attributes_ ? instance_values(object) : nullptr; }

  // Gives a field to an object that was just made. `values` are those of the object, and become null
  // when the interpreter may have put its attributes elsewhere. Runs no Python code but that of the garbage collector.
  void set(PyObject* object, PyObject**& values, size_t field, Ref value) const;

 private:
  struct Place {
    PyObject* name;              // owned by the registration
    Py_ssize_t slot_offset = 0;  // 0: an attribute
    mutable Py_ssize_t value_place = -1;
    mutable Py_ssize_t dict_position = 0;
  };
  static PyObject* read_slowly(PyObject* object, PyObject** values, const Place& place) noexcept;

  std::vector<Place> places_;
  bool has_attributes_ = false;
  unsigned version_ = 0;          // the tag that CPython gives to each state of a class
  unsigned refused_version_ = 0;  // of a state in which the fields can't be read so
};

}  // namespace leafwise
