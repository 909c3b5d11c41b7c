// dict, OrderedDict, defaultdict, exactly these types. Node::keys are the dict's keys: sorted for dict and defaultdict,
// in the dict's own order for OrderedDict.
#pragma once

#include "kinds/plain_kind.h"

namespace leafwise {

// The types from the `collections` module; imported once, when the module is loaded.
void init_dict_types();
PyTypeObject* ordered_dict_type();
PyTypeObject* default_dict_type();

struct DictKeysKind : NamedKind {
  static void keys(const Node& node, Ref* keys) {
    for (Py_ssize_t i = 0; i < node.arity; ++i) keys[i] = make_key_entry(KeyEntryClass::kDict, node.key(i));
  }
  static bool remembered(const Node& node);
  static bool built_quietly(const Node& node);
  static Py_hash_t hash_data(const Node& node);
  // All of them, and exactly str.
  static bool has_str_keys(const Node& node) noexcept;
  static bool same_keys(const Node& a, const Node& b);
  static bool same_key_objects(const Node& a, const Node& b);
  static bool stays_equal(const Node& a, const Node& b) { return remembered(a) && remembered(b); }
  static bool alike(const Node& a, const Node& b);

 protected:
  // Sets arity and keys, and moves the values to the agenda.
  static void take(DictItems items, Node& node, Agenda& agenda);
  // The same with the items of a dict whose keys are all exactly str; for others does nothing, and says false.
  static bool take_str_items(PyObject* dict, Node& node, Agenda& agenda);
  // `read` for a dict of which only the keys are still to be compared.
  static bool read_values(const Node& node, PyObject* dict, PyObject** children, std::ptrdiff_t step);
  static Ref key_tuple(const Node& node);
  static void restore_keys(Node& node, PyObject* keys, bool sorted);
  static void print_aux(const Node& node, PyObject* aux, TextBuilder& text);
  static void fill(const Node& node, PyObject* dict, Items children);
};

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
  static void print_open(const Node& node, TextBuilder& text) { print_aux(node, aux(node).get(), text); }
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
  static void print_open(const Node& node, TextBuilder& text) { print_aux(node, aux(node).get(), text); }
};

}  // namespace leafwise
