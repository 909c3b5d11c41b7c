#include "kinds/struct_sequence.h"

#include "cpython/attributes.h"
#include "cpython/names.h"
#include "kinds/dataclass.h"

#include <structmember.h>

namespace leafwise {
namespace {

Ref field_names_of(PyTypeObject* type) {
  Refs fields;
  for (const PyMemberDef* member = type->tp_members; member != nullptr && member->name != nullptr; ++member) {
    fields.push_back(checked(PyUnicode_FromString(member->name)));
  }
  return tuple_from(std::move(fields));
}

Ref as_set(PyObject* names) { return checked(PySet_New(names)); }

}  // namespace

bool is_struct_sequence(PyTypeObject* type) {
  if (type->tp_base != &PyTuple_Type || (type->tp_flags & Py_TPFLAGS_BASETYPE) != 0 || type->tp_new == nullptr)
    return false;
  const Ref count = optional_attribute(reinterpret_cast<PyObject*>(type), names().n_fields);
  return count && PyLong_CheckExact(count.get());
}

void check_fields_of_struct_sequence(PyTypeObject* type, PyObject* names) {
  auto* class_object = reinterpret_cast<PyObject*>(type);
  const Ref fields = field_names_of(type);
  const Ref count = checked(PyObject_GetAttr(class_object, leafwise::names().n_fields));
  const Ref num_fields = checked(PyLong_FromSsize_t(PyTuple_GET_SIZE(fields.get())));
  if (!check_bool(PyObject_RichCompareBool(count.get(), num_fields.get(), Py_EQ))) {
    throw_error(PyExc_ValueError, "a structseq is rebuilt from all of its fields, and some of %R have no names",
                class_object);
  }
  if (PyTuple_GET_SIZE(names) == PyTuple_GET_SIZE(fields.get()) &&
      check_bool(PyObject_RichCompareBool(as_set(names).get(), as_set(fields.get()).get(), Py_EQ))) {
    return;
  }
  throw_error(PyExc_ValueError, "a structseq is rebuilt from all of its fields, which for %R are %R, got %R",
              class_object, fields.get(), names);
}

Ref make_struct_sequence(const Registration& registration, const Node& node, Items children) {
  Ref object = checked(PyStructSequence_New(registration.type_object()));
  PyObject** no_values = nullptr;
  for (const size_t field : registration.setting_order) {
    registration.places.set(object.get(), no_values, field, DataclassKind::take_field(node, children, field));
  }
  // What C code makes is not tracked, since it holds no objects of the user's.
  if (PyObject_GC_IsTracked(object.get()) == 0) PyObject_GC_Track(object.get());
  return object;
}

}  // namespace leafwise
