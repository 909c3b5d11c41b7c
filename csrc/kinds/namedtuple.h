// Named tuples: any subclass of tuple with an attribute `_fields`, unless the class is registered. Node::data is the type.
#pragma once

#include "cpython/address_hash.h"
#include "kinds/sequences.h"

namespace leafwise {

struct NamedTupleKind : NamedKind {
  // Runs Python code if `object` is of a subclass of tuple.
  static bool recognises(PyObject* object);
  static bool recognises_type(PyObject* type);

  static PyTypeObject* type(const Node& node) { return reinterpret_cast<PyTypeObject*>(node.data.get()); }
  static void open(PyObject* object, Node& node, Agenda& agenda, bool) {
    node.arity = Py_SIZE(object);
    node.data = Ref::borrow(reinterpret_cast<PyObject*>(Py_TYPE(object)));
    agenda.push_items_of(object);
  }
  static void match(const Node& node, PyObject* object, Agenda& agenda);
  static bool read(const Node& node, PyObject* object, PyObject** children, std::ptrdiff_t step) {
    return Py_TYPE(object) == type(node) && SequenceKind::read_items(node, object, children, step);
  }
  // If the class has `_fields` by itself, so that each of its objects has them.
  static bool remembered(const Node& node);
  static bool built_quietly(const Node&) { return false; }
  static Ref build(const Node& node, Items children);
  // `build` for a class whose constructor is a generated one (generated_constructor.h): what that would do, in place.
  // Runs no Python code.
  static Ref assemble(const Node& node, Items children);
  static void keys(const Node& node, Py_ssize_t first, Py_ssize_t count, Ref* keys);
  static bool same_data(const Node& a, const Node& b) { return a.data.get() == b.data.get(); }
  static bool stays_equal(const Node& a, const Node& b) { return same_data(a, b); }
  static bool alike(const Node& a, const Node& b) { return a.data.get() == b.data.get(); }
  static Py_hash_t hash_data(const Node& node) { return address_hash(node.data.get()); }
  static Ref aux(const Node& node) { return node.data; }
  static void restore(Node& node, PyObject* aux);
  static void print_open(const Node& node, TextBuilder& text) {
    print_head(format_text("namedtuple").get(), short_type_name(type(node)).get(), text);
  }
};

}  // namespace leafwise
