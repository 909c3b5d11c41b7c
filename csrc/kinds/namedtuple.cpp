#include "kinds/namedtuple.h"

#include "cpython/attributes.h"

namespace leafwise {

bool NamedTupleKind::recognises(PyObject* object) {
  return PyTuple_Check(object) && !PyTuple_CheckExact(object) && optional_attribute(object, names().fields);
}

bool NamedTupleKind::recognises_type(PyObject* type) {
  return PyType_IsSubtype(reinterpret_cast<PyTypeObject*>(type), &PyTuple_Type) != 0 &&
         optional_attribute(type, names().fields);
}

bool NamedTupleKind::remembered(const Node& node) {
  if (type(node)->tp_getattro != PyObject_GenericGetAttr) return false;
  const Ref fields = look_up_in_class(type(node), names().fields);
  return fields && PyTuple_CheckExact(fields.get());
}

void NamedTupleKind::match(const Node& node, PyObject* object, Agenda& agenda) {
  const Ref type_name = short_type_name(type(node));
  // A class whose `_fields` were deleted is as good as one that was unregistered: treedefs made before can be used as
  // before.
  if (Py_TYPE(object) != type(node) && !recognises(object)) {
    const Ref repr = short_repr(object);
    throw Mismatch{format_text("Expected named tuple, got %U.", repr.get()),
                   describe_length(type_name.get(), node.arity), describe(object)};
  }
  if (Py_SIZE(object) != node.arity) {
    const Ref repr = short_repr(object);
    throw Mismatch{
        format_text("Named tuple arity mismatch: %zd != %zd; tuple: %U.", Py_SIZE(object), node.arity, repr.get()),
        describe_length(type_name.get(), node.arity), describe(object)};
  }
  if (Py_TYPE(object) != type(node)) {
    const Ref repr = short_repr(object);
    throw Mismatch{format_text("Named tuple type mismatch: expected type: %R, tuple: %U.", node.data.get(), repr.get()),
                   describe_length(type_name.get(), node.arity), describe(object)};
  }
  agenda.push_items_of(object);
}

Ref NamedTupleKind::build(const Node& node, Items children) {
  return checked(PyObject_Vectorcall(node.data.get(), children.objects(), static_cast<size_t>(node.arity), nullptr));
}

Ref NamedTupleKind::assemble(const Node& node, Items children) {
  Ref tuple = checked(type(node)->tp_alloc(type(node), node.arity));
  children.take_all(PySequence_Fast_ITEMS(tuple.get()), node.arity);
  return tuple;
}

void NamedTupleKind::keys(const Node& node, Py_ssize_t first, Py_ssize_t count, Ref* keys) {
  const Ref fields = optional_attribute(node.data.get(), names().fields);
  if (!fields || !PyTuple_Check(fields.get()) || PyTuple_GET_SIZE(fields.get()) != node.arity) {
    throw_error(PyExc_ValueError, "A namedtuple's _fields attribute should have the same size as the tuple.");
  }
  for (Py_ssize_t i = first; i < first + count; ++i) {
    *keys++ = make_key_entry(KeyEntryClass::kGetAttr, checked(PyObject_Str(PyTuple_GET_ITEM(fields.get(), i))));
  }
}

void NamedTupleKind::restore(Node& node, PyObject* aux) {
  if (!PyType_Check(aux) || !recognises_type(aux)) {
    throw_error(PyExc_ValueError, "expected a named tuple's type, got %R", aux);
  }
  node.data = Ref::borrow(aux);
}

}  // namespace leafwise
