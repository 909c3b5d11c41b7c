// What the kinds of dicts have in common. Node::keys are the dict's keys: sorted for dict and defaultdict, in the dict's
// own order for OrderedDict.
#pragma once

#include "kinds/plain_kind.h"

namespace leafwise {

struct DictKeysKind : NamedKind {
  static void keys(const Node& node, Py_ssize_t first, Py_ssize_t count, Ref* keys) {
    for (Py_ssize_t i = first; i < first + count; ++i) *keys++ = make_key_entry(KeyEntryClass::kDict, node.key(i));
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
  // As JAX shows the kinds that are custom nodes for it.
  static void print_with_aux(PyTypeObject* type, PyObject* aux, TextBuilder& text);
  static void fill(const Node& node, PyObject* dict, Items children);
};

}  // namespace leafwise
