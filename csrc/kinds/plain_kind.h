// What most kinds have in common; a kind hides what is different for it.
#pragma once

#include "cpython/text.h"
#include "kinds/agenda.h"
#include "kinds/key_entries.h"
#include "kinds/mismatch.h"
#include "kinds/node.h"

namespace leafwise {

struct PlainKind {
  static constexpr bool kHasFields = false;
  static bool reads_borrowed(const Node&) { return true; }
  static bool remembered(const Node&) { return true; }
  static bool built_quietly(const Node&) { return true; }
  static bool same_data(const Node&, const Node&) { return true; }
  static bool stays_equal(const Node&, const Node&) { return true; }
  static bool alike(const Node&, const Node&) { return true; }
  static Py_hash_t hash_data(const Node&) { return 0; }
  static Ref aux(const Node&) { return Ref::none(); }
  static void restore(Node&, PyObject* aux) {
    if (aux != Py_None) throw_error(PyExc_ValueError, "a node of this kind has no aux data, got %R", aux);
  }
  static void print_before_child(const Node&, Py_ssize_t index, TextBuilder& text) {
    if (index > 0) text.add(", ");
  }
};

// Kinds that JAX prints as CustomNode(Name[aux], [children]).
struct NamedKind : PlainKind {
  static void print_head(PyObject* type_name, PyObject* aux_text, TextBuilder& text) {
    text.add("CustomNode(");
    text.add(type_name);
    text.add("[");
    text.add(aux_text);
    text.add("], [");
  }
  static void print_close(const Node&, TextBuilder& text) { text.add("])"); }
};

// `a != b`, where a thing is always equal to itself. Runs Python code.
inline bool differ(PyObject* a, PyObject* b) { return check_bool(PyObject_RichCompareBool(a, b, Py_NE)); }

}  // namespace leafwise
