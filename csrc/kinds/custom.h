// Registered classes with flatten and unflatten functions. Node::data is the aux data.
#pragma once

#include "cpython/plain_keys.h"
#include "kinds/plain_kind.h"

namespace leafwise {

// What a flatten function gave: (children, aux), checked for its shape. `children` is as the function gave it.
struct FlattenedObject {
  Ref output;  // the whole tuple, for messages; owns what the other two point to
  PyObject* children() const { return PyTuple_GET_ITEM(output.get(), 0); }
  PyObject* aux() const { return PyTuple_GET_ITEM(output.get(), 1); }
};
FlattenedObject call_flatten(const Registration& registration, PyObject* object);

// Compares metadata as `==` of treedefs does: an Exception raised by the comparison becomes a ValueError that names the
// node's type.
bool same_metadata(PyObject* a, PyObject* b, PyTypeObject* type);
constexpr const char* kIncomparable =
    "Exception raised while checking equality of metadata fields of pytree node of type %R. Make sure that metadata "
    "fields "
    "are hashable and have simple equality semantics. (Note: arrays cannot be passed as metadata fields!)%U";

struct RegisteredKind : NamedKind {
  // Only its own functions can tell what such an object is made of.
  static bool remembered(const Node&) { return false; }
  static bool built_quietly(const Node&) { return false; }
  static bool read(const Node&, PyObject*, PyObject**, std::ptrdiff_t) { return false; }
  static PyTypeObject* type(const Node& node) { return node.custom().type_object(); }
  static bool same_data(const Node& a, const Node& b) {
    return a.custom().same_node(b.custom()) &&
           (a.data.get() == b.data.get() || same_metadata(a.data.get(), b.data.get(), type(a)));
  }
  static bool stays_equal(const Node& a, const Node& b) {
    return a.registration.get() == b.registration.get() && same_plain_key(a.data.get(), b.data.get());
  }
  static bool alike(const Node&, const Node&) { return false; }
  static Py_hash_t hash_data(const Node& node);
  static Ref aux(const Node& node) { return node.data; }
  static void print_open(const Node& node, TextBuilder& text);

 protected:
  // `what` is "Custom" or "Custom dataclass".
  static void match_type(const Node& node, PyObject* object, const char* what);
  static void match_metadata(const Node& node, PyObject* object, PyObject* aux, const char* what);
  [[noreturn]] static void throw_other_metadata(const Node& node, PyObject* object, PyObject* aux, const char* what);
};

struct CustomKind : RegisteredKind {
  static void open(PyObject* object, Node& node, Agenda& agenda, bool with_keys);
  static void match(const Node& node, PyObject* object, Agenda& agenda);
  static Ref build(const Node& node, Items children);
  static void keys(const Node& node, Py_ssize_t first, Py_ssize_t count, Ref* keys);
  static void restore(Node& node, PyObject* aux) { node.data = Ref::borrow(aux); }
};

}  // namespace leafwise
