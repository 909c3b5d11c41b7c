// Classes registered by the names of their fields. Children are the data fields; Node::data is the tuple of the values
// of the meta fields.
#pragma once

#include "kinds/custom.h"

namespace leafwise {

struct DataclassKind : RegisteredKind {
  static void open(PyObject* object, Node& node, Agenda& agenda, bool);
  static void match(const Node& node, PyObject* object, Agenda& agenda);
  static Ref build(const Node& node, Items children);
  static void keys(const Node& node, Ref* keys);
  static void restore(Node& node, PyObject* aux);
};

}  // namespace leafwise
