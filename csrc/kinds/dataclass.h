// Classes registered by the names of their fields. Children are the data fields; Node::data is the tuple of the values
// of the meta fields.
#pragma once

#include "cpython/plain_keys.h"
#include "kinds/custom.h"

namespace leafwise {

struct DataclassKind : RegisteredKind {
  static constexpr bool kHasFields = true;
  // If reading fields calls no properties and the like, so that nobody can tell how often it was done, and if the metadata
  // may be kept and compared at any time.
  static bool remembered(const Node& node);
  static bool reads_borrowed(const Node& node);
  static bool read(const Node& node, PyObject* object, PyObject** children, std::ptrdiff_t step);
  // A field may be read by the interpreter alone, but it may have to look in a dict, in which there can be anything.
  static bool read_owned(const Node& node, PyObject* object, PyObject** children, std::ptrdiff_t step);
  static void open(PyObject* object, Node& node, Agenda& agenda, bool);
  static void match(const Node& node, PyObject* object, Agenda& agenda);
  // Puts the children of an object on the agenda, and the values of its meta fields into `metadata` if that is not null,
  // if all its fields can be read in place; runs no Python code.
  static bool push_in_place(const Registration& registration, PyObject* object, Agenda& agenda, Refs* metadata);
  static bool same_data(const Node& a, const Node& b);
  static bool stays_equal(const Node& a, const Node& b) { return alike(a, b); }
  static bool alike(const Node& a, const Node& b);
  // The value of a field, by its number in the registration, to set it in a new object.
  static Ref take_field(const Node& node, Items& children, size_t field) {
    const auto index = static_cast<Py_ssize_t>(field), num_meta_fields = PyTuple_GET_SIZE(node.data.get());
    return index < num_meta_fields ? Ref::borrow(PyTuple_GET_ITEM(node.data.get(), index))
                                   : children.take(index - num_meta_fields);
  }
  static Ref build(const Node& node, Items children);
  static void keys(const Node& node, Py_ssize_t first, Py_ssize_t count, Ref* keys);
  static void restore(Node& node, PyObject* aux);
};

// Here, so that it becomes a part of the loops in which it stands.
inline bool DataclassKind::read(const Node& node, PyObject* object, PyObject** children, std::ptrdiff_t step) {
  const Registration& registration = node.custom();
  const FieldPlaces& places = registration.places;
  PyTypeObject* type = registration.type_object();
  if (Py_TYPE(object) != type || !places.is_current(type)) return false;
  PyObject** values = places.values_of(object);
  const Py_ssize_t num_meta_fields = PyTuple_GET_SIZE(node.data.get());
  size_t field = 0;
  for (Py_ssize_t i = 0; i < num_meta_fields; ++i) {
    PyObject* value = places.read(object, values, field++);
    if (value == nullptr || !same_plain_key(value, PyTuple_GET_ITEM(node.data.get(), i))) return false;
  }
  for (Py_ssize_t i = 0; i < node.arity; ++i) {
    PyObject* value = places.read(object, values, field++);
    if (value == nullptr) return false;
    children[i * step] = value;
  }
  return true;
}

}  // namespace leafwise
