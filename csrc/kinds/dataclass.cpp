#include "kinds/dataclass.h"

#include "cpython/guards.h"
#include "cpython/names.h"
#include "cpython/plain_keys.h"
#include "kinds/may_be_kept.h"
#include "kinds/struct_sequence.h"

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

// Whether the class leaves it to the interpreter to look for the field in an object's slots or dict. What stands in the
// class itself, a default, may be a function; but no object of a user's class that has `__get__`.
bool is_stored(PyTypeObject* type, PyObject* name) noexcept {
  const Ref in_class = look_up_in_class(type, name);
  if (!in_class || Py_TYPE(in_class.get()) == &PyMemberDescr_Type) return true;
  const PyTypeObject* descriptor = Py_TYPE(in_class.get());
  return descriptor->tp_descr_set == nullptr &&
         (descriptor->tp_descr_get == nullptr || (descriptor->tp_flags & Py_TPFLAGS_HEAPTYPE) == 0);
}

bool are_stored(PyTypeObject* type, PyObject* names) noexcept {
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); ++i) {
    if (!is_stored(type, PyTuple_GET_ITEM(names, i))) return false;
  }
  return true;
}

bool has_metadata(const Node& node, PyObject* object) {
  PyObject* names = node.custom().meta_fields.get();
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); ++i) {
    const Ref value = read_field(object, names, i);
    if (!same_plain_key(value.get(), PyTuple_GET_ITEM(node.data.get(), i))) return false;
  }
  return true;
}

// The values of the meta fields, compared one by one, so that one that can't be is named. Runs Python code.
bool same_metadata_fields(const Registration& registration, PyObject* a, PyObject* b) {
  if (PyTuple_GET_SIZE(a) != PyTuple_GET_SIZE(b)) return false;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(a); ++i) {
    PyObject* value = PyTuple_GET_ITEM(a, i);
    try {
      if (!check_bool(PyObject_RichCompareBool(value, PyTuple_GET_ITEM(b, i), Py_EQ))) return false;
    } catch (const PythonError&) {
      if (!is_ordinary_error()) throw;
      const SetAsideError error;
      const Ref field =
          format_text(" The field is %R, of type %U.", PyTuple_GET_ITEM(registration.meta_fields.get(), i),
                      short_type_name(Py_TYPE(value)).get());
      error.set_again();
      throw_error_from_current(PyExc_ValueError, kIncomparable, registration.type.get(), field.get());
    }
  }
  return true;
}

// Without a GIL, a field may be replaced while it is read, except of what can't be changed.
bool can_be_read_in_place(const Registration& registration) noexcept {
  return kHasGil || registration.is_struct_sequence;
}

Ref build_new(const Node& node, Items children) {
  const Registration& registration = node.custom();
  const Ref make = checked(PyObject_GetAttr(registration.type.get(), names().dunder_new));
  Ref object = checked(PyObject_CallOneArg(make.get(), registration.type.get()));
  for (const size_t field : registration.setting_order) {
    PyObject* name = PyTuple_GET_ITEM(registration.field_names.get(), static_cast<Py_ssize_t>(field));
    check_status(PyObject_GenericSetAttr(object.get(), name, DataclassKind::take_field(node, children, field).get()));
  }
  return object;
}

Ref build_struct_sequence(const Node& node, Items children) {
  const Registration& registration = node.custom();
  if (!registration.places.find(registration.type_object(), registration.field_names.get())) {
    throw_error(PyExc_TypeError, "%R was changed: its fields are not where a structseq has them",
                registration.type.get());
  }
  return make_struct_sequence(registration, node, children);
}

}  // namespace

bool DataclassKind::remembered(const Node& node) {
  const Registration& registration = node.custom();
  PyTypeObject* class_object = registration.type_object();
  if (class_object->tp_getattro != PyObject_GenericGetAttr) return false;
  if (!are_stored(class_object, registration.data_fields.get())) return false;
  if (!are_stored(class_object, registration.meta_fields.get())) return false;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(node.data.get()); ++i) {
    if (!may_be_kept(PyTuple_GET_ITEM(node.data.get(), i))) return false;
  }
  return true;
}

bool DataclassKind::same_data(const Node& a, const Node& b) {
  return a.custom().same_node(b.custom()) && same_metadata_fields(a.custom(), a.data.get(), b.data.get());
}

bool DataclassKind::alike(const Node& a, const Node& b) {
  if (a.registration.get() != b.registration.get()) return false;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(a.data.get()); ++i) {
    if (!same_plain_key(PyTuple_GET_ITEM(a.data.get(), i), PyTuple_GET_ITEM(b.data.get(), i))) return false;
  }
  return true;
}

bool DataclassKind::reads_borrowed(const Node& node) {
  const Registration& registration = node.custom();
  return can_be_read_in_place(registration) &&
         registration.places.find(registration.type_object(), registration.field_names.get());
}

bool DataclassKind::read_owned(const Node& node, PyObject* object, PyObject** children, std::ptrdiff_t step) {
  if (Py_TYPE(object) != type(node) || !has_metadata(node, object)) return false;
  PyObject* names = node.custom().data_fields.get();
  Py_ssize_t count = 0;
  try {
    for (; count < node.arity; ++count) children[count * step] = read_field(object, names, count).release();
  } catch (const PythonError&) {
    const SetAsideError error;
    while (count-- > 0) Ref::steal(std::exchange(children[count * step], nullptr));
    error.set_again();
    throw;
  }
  return true;
}

bool DataclassKind::push_in_place(const Registration& registration, PyObject* object, Agenda& agenda, Refs* metadata) {
  if (!can_be_read_in_place(registration)) return false;
  const FieldPlaces& places = registration.places;
  PyObject** values = places.values_of(object);
  const auto num_fields = static_cast<size_t>(PyTuple_GET_SIZE(registration.field_names.get()));
  const auto num_meta_fields = static_cast<size_t>(PyTuple_GET_SIZE(registration.meta_fields.get()));
  for (size_t i = 0; i < num_fields; ++i) {
    if (places.read(object, values, i) == nullptr) return false;
  }
  for (size_t i = 0; metadata != nullptr && i < num_meta_fields; ++i) {
    metadata->push_back(Ref::borrow(places.read(object, values, i)));
  }
  for (size_t i = num_fields; i-- > num_meta_fields;) agenda.push(Ref::borrow(places.read(object, values, i)));
  return true;
}

void DataclassKind::open(PyObject* object, Node& node, Agenda& agenda, bool) {
  const Registration& registration = node.custom();
  node.arity = PyTuple_GET_SIZE(registration.data_fields.get());
  // To look for the places may run Python code, which may make the object one of another class.
  if (reads_borrowed(node) && Py_TYPE(object) == type(node)) {
    Refs metadata;
    if (push_in_place(registration, object, agenda, &metadata)) {
      node.data = tuple_from(std::move(metadata));
      return;
    }
  }
  node.data = read_metadata(object, registration.meta_fields.get());
  push_children(object, registration.data_fields.get(), agenda);
}

void DataclassKind::match(const Node& node, PyObject* object, Agenda& agenda) {
  match_type(node, object, "Custom dataclass");
  const Registration& registration = node.custom();
  const Ref metadata = read_metadata(object, registration.meta_fields.get());
  if (!same_metadata_fields(registration, node.data.get(), metadata.get())) {
    throw_other_metadata(node, object, metadata.get(), "custom dataclass");
  }
  push_children(object, registration.data_fields.get(), agenda);
}

Ref DataclassKind::build(const Node& node, Items children) {
  const Registration& registration = node.custom();
  if (registration.is_struct_sequence) return build_struct_sequence(node, children);
  if (registration.constructs_new) return build_new(node, children);
  check_stack_room(" in unflatten");
  Refs arguments = snapshot_sequence(node.data.get());
  for (Py_ssize_t i = 0; i < node.arity; ++i) arguments.push_back(children.take(i));
  return checked(
      PyObject_Vectorcall(registration.type.get(), borrowed(arguments.data()), 0, registration.keyword_names.get()));
}

void DataclassKind::keys(const Node& node, Py_ssize_t first, Py_ssize_t count, Ref* keys) {
  PyObject* names = node.custom().data_fields.get();
  for (Py_ssize_t i = first; i < first + count; ++i) {
    *keys++ = make_key_entry(KeyEntryClass::kGetAttr, Ref::borrow(PyTuple_GET_ITEM(names, i)));
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
