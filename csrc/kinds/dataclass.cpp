#include "kinds/dataclass.h"

namespace leafwise {
namespace {

Ref read_field(PyObject* object, PyObject* names, Py_ssize_t index) {
  return checked(PyObject_GetAttr(object, PyTuple_GET_ITEM(names, index)));
}

Ref read_metadata(PyObject* object, PyObject* names) {
  Refs values;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); ++i) values.push_back(read_field(object, names, i));
  return tuple_from(std::move(values));
}

void push_children(PyObject* object, PyObject* names, Agenda& agenda) {
  const size_t old_size = agenda.size();
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); ++i) agenda.push(read_field(object, names, i));
  agenda.turn_round_from(old_size);
}

}  // namespace

void DataclassKind::open(PyObject* object, Node& node, Agenda& agenda, bool) {
  const Registration& registration = node.custom();
  node.data = read_metadata(object, registration.meta_fields.get());
  node.arity = PyTuple_GET_SIZE(registration.data_fields.get());
  push_children(object, registration.data_fields.get(), agenda);
}

void DataclassKind::match(const Node& node, PyObject* object, Agenda& agenda) {
  match_type(node, object, "Custom dataclass");
  const Registration& registration = node.custom();
  const Ref metadata = read_metadata(object, registration.meta_fields.get());
  match_metadata(node, object, metadata.get(), "custom dataclass");
  push_children(object, registration.data_fields.get(), agenda);
}

Ref DataclassKind::build(const Node& node, Items children) {
  const Registration& registration = node.custom();
  Refs arguments = snapshot_sequence(node.data.get());
  for (Py_ssize_t i = 0; i < node.arity; ++i) arguments.push_back(children.take(i));
  return checked(
      PyObject_Vectorcall(registration.type.get(), borrowed(arguments.data()), 0, registration.keyword_names.get()));
}

void DataclassKind::keys(const Node& node, Ref* keys) {
  PyObject* names = node.custom().data_fields.get();
  for (Py_ssize_t i = 0; i < node.arity; ++i) {
    keys[i] = make_key_entry(KeyEntryClass::kGetAttr, Ref::borrow(PyTuple_GET_ITEM(names, i)));
  }
}

void DataclassKind::restore(Node& node, PyObject* aux) {
  const Registration& registration = node.custom();
  if (node.arity != PyTuple_GET_SIZE(registration.data_fields.get()) || !PyTuple_CheckExact(aux) ||
      PyTuple_GET_SIZE(aux) != PyTuple_GET_SIZE(registration.meta_fields.get())) {
    throw_error(PyExc_ValueError, "expected the fields of %R, got %zd children and metadata %R",
                registration.type.get(), node.arity, aux);
  }
  node.data = Ref::borrow(aux);
}

}  // namespace leafwise
