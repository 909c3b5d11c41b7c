// Classes registered by the names of their fields. Children are the data fields; Node::data is the tuple of the values
// of the meta fields.
#pragma once

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
  static bool alike(const Node& a, const Node& b);
  static Ref build(const Node& node, Items children);
  static void keys(const Node& node, Ref* keys);
  static void restore(Node& node, PyObject* aux);
};

}  // namespace leafwise
