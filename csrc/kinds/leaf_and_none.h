// The two kinds without children: leaves, and None.
#pragma once

#include "kinds/plain_kind.h"

namespace leafwise {

// A leaf is no container: walkers treat it before they ask its kind for anything but its looks.
struct LeafKind : PlainKind {
  static PyTypeObject* type(const Node&) { return nullptr; }
  static void open(PyObject*, Node&, Agenda&, bool) {}
  static void match(const Node&, PyObject*, Agenda&) {}
  static bool read(const Node&, PyObject*, PyObject**, std::ptrdiff_t) { return true; }
  static Ref build(const Node&, Items leaf) { return leaf.take(0); }
  static void keys(const Node&, Py_ssize_t, Py_ssize_t, Ref*) {}
  static void print_open(const Node&, TextBuilder& text) { text.add("*"); }
  static void print_close(const Node&, TextBuilder&) {}
};

struct NoneKind : PlainKind {
  static PyTypeObject* type(const Node&) { return Py_TYPE(Py_None); }
  static void open(PyObject*, Node&, Agenda&, bool) {}
  static void match(const Node&, PyObject* object, Agenda&) {
    if (object == Py_None) return;
    const Ref repr = short_repr(object);
    throw Mismatch{
        format_text("Expected None, got %U.\n\n"
                    "In previous releases of JAX, flatten-up-to used to consider None to be a tree-prefix of non-None "
                    "values. To obtain the previous behavior, you can usually write:\n"
                    "  jax.tree.map(lambda x, y: None if x is None else f(x, y), a, b, is_leaf=lambda x: x is None)",
                    repr.get()),
        format_text("None"), describe(object)};
  }
  static bool read(const Node&, PyObject* object, PyObject**, std::ptrdiff_t) { return object == Py_None; }
  static Ref build(const Node&, Items) { return Ref::none(); }
  static void keys(const Node&, Py_ssize_t, Py_ssize_t, Ref*) {}
  static void print_open(const Node&, TextBuilder& text) { text.add("None"); }
  static void print_close(const Node&, TextBuilder&) {}
};

}  // namespace leafwise
