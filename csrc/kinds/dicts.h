// dict, OrderedDict, defaultdict, exactly these types.
#pragma once

#include "kinds/dict_keys.h"

namespace leafwise {

// The types from the `collections` module; imported once, when the module is loaded.
void init_dict_types();
PyTypeObject* ordered_dict_type();
PyTypeObject* default_dict_type();

struct DictKind : DictKeysKind {
  static PyTypeObject* type(const Node&) { return &PyDict_Type; }
  static void open(PyObject* object, Node& node, Agenda& agenda, bool);
  static void match(const Node& node, PyObject* object, Agenda& agenda);
  static bool read(const Node& node, PyObject* object, PyObject** children, std::ptrdiff_t step);
  static Ref build(const Node& node, Items children);
  static bool same_data(const Node& a, const Node& b) { return same_keys(a, b); }
  static Ref aux(const Node& node);
  static void restore(Node& node, PyObject* aux) { restore_keys(node, aux, true); }
  static void print_open(const Node&, TextBuilder& text) { text.add("{"); }
  static void print_before_child(const Node& node, Py_ssize_t index, TextBuilder& text);
  static void print_close(const Node&, TextBuilder& text) { text.add("}"); }
};

// In JAX these two are custom nodes whose aux data is `tuple(keys)` and `(default_factory, tuple(keys))`; here they are
// built in, with the same surface.
struct OrderedDictKind : DictKeysKind {
  static PyTypeObject* type(const Node&) { return ordered_dict_type(); }
  static void open(PyObject* object, Node& node, Agenda& agenda, bool);
  static void match(const Node& node, PyObject* object, Agenda& agenda);
  static bool read(const Node& node, PyObject* object, PyObject** children, std::ptrdiff_t step);
  static Ref build(const Node& node, Items children);
  static bool same_data(const Node& a, const Node& b);
  static Ref aux(const Node& node) { return key_tuple(node); }
  static void restore(Node& node, PyObject* aux) { restore_keys(node, aux, false); }
  static void print_open(const Node& node, TextBuilder& text) { print_with_aux(type(node), aux(node).get(), text); }
};

struct DefaultDictKind : DictKeysKind {
  static PyTypeObject* type(const Node&) { return default_dict_type(); }
  static void open(PyObject* object, Node& node, Agenda& agenda, bool);
  static void match(const Node& node, PyObject* object, Agenda& agenda);
  static bool remembered(const Node& node);
  static bool read(const Node& node, PyObject* object, PyObject** children, std::ptrdiff_t step);
  static Ref build(const Node& node, Items children);
  static bool same_data(const Node& a, const Node& b);
  static bool stays_equal(const Node& a, const Node& b) { return remembered(a) && remembered(b); }
  static Ref aux(const Node& node) { return pair_of(node.data, key_tuple(node)); }
  static void restore(Node& node, PyObject* aux);
  static void print_open(const Node& node, TextBuilder& text) { print_with_aux(type(node), aux(node).get(), text); }
};

}  // namespace leafwise
