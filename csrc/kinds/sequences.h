// list and tuple, exactly these types.
#pragma once

#include "kinds/plain_kind.h"

namespace leafwise {

struct SequenceKind : PlainKind {
  static void open(PyObject* object, Node& node, Agenda& agenda, bool) { node.arity = agenda.push_items_of(object); }
  static void keys(const Node&, Py_ssize_t first, Py_ssize_t count, Ref* keys) {
    for (Py_ssize_t i = first; i < first + count; ++i) *keys++ = make_sequence_key(i);
  }

  static bool read_items(const Node& node, PyObject* object, PyObject** children, std::ptrdiff_t step) {
    if (Py_SIZE(object) != node.arity) return false;
    PyObject** items = PySequence_Fast_ITEMS(object);
    for (Py_ssize_t i = 0; i < node.arity; ++i) children[i * step] = items[i];
    return true;
  }

 protected:
  // `Name` is "List", `name` "list".
  static void match_items(const Node& node, PyObject* object, Agenda& agenda, const char* Name, const char* name) {
    const Py_ssize_t length = agenda.push_items_of(object);
    if (length == node.arity) return;
    const Ref repr = short_repr(object);
    throw Mismatch{format_text("%s arity mismatch: %zd != %zd; %s: %U.", Name, length, node.arity, name, repr.get()),
                   describe_length(format_text("%s", name).get(), node.arity), describe(object)};
  }
  [[noreturn]] static void throw_other_type(const Node& node, PyObject* object, const char* name) {
    const Ref repr = short_repr(object);
    throw Mismatch{format_text("Expected %s, got %U.", name, repr.get()),
                   describe_length(format_text("%s", name).get(), node.arity), describe(object)};
  }
};

struct ListKind : SequenceKind {
  static PyTypeObject* type(const Node&) { return &PyList_Type; }
  static void match(const Node& node, PyObject* object, Agenda& agenda) {
    if (!PyList_CheckExact(object)) throw_other_type(node, object, "list");
    match_items(node, object, agenda, "List", "list");
  }
  static bool read(const Node& node, PyObject* object, PyObject** children, std::ptrdiff_t step) {
    return PyList_CheckExact(object) && read_items(node, object, children, step);
  }
  static Ref build(const Node& node, Items children) { return list_from(children, node.arity); }
  static void print_open(const Node&, TextBuilder& text) { text.add("["); }
  static void print_close(const Node&, TextBuilder& text) { text.add("]"); }
};

struct TupleKind : SequenceKind {
  static PyTypeObject* type(const Node&) { return &PyTuple_Type; }
  static void match(const Node& node, PyObject* object, Agenda& agenda) {
    if (!PyTuple_CheckExact(object)) throw_other_type(node, object, "tuple");
    match_items(node, object, agenda, "Tuple", "tuple");
  }
  static bool read(const Node& node, PyObject* object, PyObject** children, std::ptrdiff_t step) {
    return PyTuple_CheckExact(object) && read_items(node, object, children, step);
  }
  static Ref build(const Node& node, Items children) { return tuple_from(children, node.arity); }
  static void print_open(const Node&, TextBuilder& text) { text.add("("); }
  static void print_close(const Node& node, TextBuilder& text) { text.add(node.arity == 1 ? ",)" : ")"); }
};

}  // namespace leafwise
