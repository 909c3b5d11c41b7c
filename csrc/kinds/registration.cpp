#include "kinds/registration.h"

#include "cpython/heap_object.h"
#include "cpython/short_repr.h"
#include "kinds/struct_sequence.h"

namespace leafwise {
namespace {

PyTypeObject* registration_type = nullptr;

Registration* self_of(PyObject* self) { return reinterpret_cast<Registration*>(self); }

int traverse(PyObject* self, visitproc visit, void* arg) {
  Registration* registration = self_of(self);
  for (const Ref* ref : {&registration->type, &registration->flatten, &registration->unflatten,
                         &registration->flatten_with_keys, &registration->data_fields, &registration->meta_fields,
                         &registration->field_names, &registration->keyword_names, &registration->field_order,
                         &registration->rebuilt_by, &registration->subclasses, &registration->known_constructor.code}) {
    if (const int stop = visit_ref(*ref, visit, arg)) return stop;
  }
  return visit_type(self, visit, arg);
}

PyType_Slot slots[] = {
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc_heap_object<Registration>)},
    {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
    {0, nullptr},
};
PyType_Spec spec = {"leafwise._core.Registration", sizeof(Registration), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};

bool is_given(PyObject* argument) noexcept { return argument != nullptr && argument != Py_None; }

// A name, which has to be a str, interned: attributes are found faster by interned names.
Ref field_name(PyObject* name) {
  if (!PyUnicode_Check(name)) throw_error(PyExc_TypeError, "field names must be str, got %R", name);
  PyObject* interned = Ref::borrow(name).release();
  if (PyUnicode_CheckExact(interned)) PyUnicode_InternInPlace(&interned);
  return Ref::steal(interned);
}

Ref field_names(PyObject* names) {
  Refs fields = drain(names);
  for (Ref& field : fields) field = field_name(field.get());
  return tuple_from(std::move(fields));
}

// The names, those with an alias replaced by it.
Ref keyword_names(PyObject* names, PyObject* aliases) {
  if (!is_given(aliases)) return Ref::borrow(names);
  const Ref unused = checked(PyDict_New());
  check_status(PyDict_Update(unused.get(), aliases));
  Refs keywords;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); ++i) {
    PyObject* name = PyTuple_GET_ITEM(names, i);
    const Ref alias = look_up_in_dict(unused.get(), name);
    if (!alias && PyErr_Occurred() != nullptr) throw PythonError{};
    keywords.push_back(field_name(alias ? alias.get() : name));
    if (alias) check_status(PyDict_DelItem(unused.get(), name));
  }
  if (PyDict_Size(unused.get()) > 0) {
    throw_error(PyExc_ValueError, "aliases must be of fields: %R, got %R", names, aliases);
  }
  return tuple_from(std::move(keywords));
}

// The number of each name of `order`, which has all `names`, each once.
std::vector<size_t> numbers_of(PyObject* order, PyObject* names) {
  std::vector<size_t> numbers;
  std::vector<bool> is_taken(static_cast<size_t>(PyTuple_GET_SIZE(names)), false);
  const auto take = [&](PyObject* name) {
    for (size_t i = 0; i < is_taken.size(); ++i) {
      PyObject* other = PyTuple_GET_ITEM(names, static_cast<Py_ssize_t>(i));
      if (is_taken[i] || !check_bool(PyObject_RichCompareBool(name, other, Py_EQ))) continue;
      is_taken[i] = true;
      numbers.push_back(i);
      return;
    }
  };
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(order); ++i) take(PyTuple_GET_ITEM(order, i));
  if (numbers.size() != is_taken.size() || PyTuple_GET_SIZE(order) != PyTuple_GET_SIZE(names)) {
    throw_error(PyExc_ValueError, "order must have all fields, each once: %R, got %R", names, order);
  }
  return numbers;
}

bool is_construct_new(PyObject* construct) {
  if (!is_given(construct)) return false;
  if (PyUnicode_Check(construct)) {
    if (PyUnicode_CompareWithASCIIString(construct, "new") == 0) return true;
    if (PyUnicode_CompareWithASCIIString(construct, "init") == 0) return false;
  }
  throw_error(PyExc_ValueError, "construct must be 'init' or 'new', got %R", construct);
}

}  // namespace

bool same_names(PyObject* a, PyObject* b) noexcept {
  if (a == b) return true;
  if (a == nullptr || b == nullptr || PyTuple_GET_SIZE(a) != PyTuple_GET_SIZE(b)) return false;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(a); ++i) {
    if (PyUnicode_Compare(PyTuple_GET_ITEM(a, i), PyTuple_GET_ITEM(b, i)) != 0) return false;
  }
  return true;
}

Ref make_custom_registration(PyObject* type, PyObject* flatten, PyObject* unflatten, PyObject* flatten_with_keys,
                             PyObject* rebuilt_by) {
  Ref object = make_heap_object<Registration>(registration_type);
  Registration* registration = self_of(object.get());
  registration->kind = Kind::kCustom;
  registration->type = Ref::borrow(type);
  registration->flatten = Ref::borrow(flatten);
  registration->unflatten = Ref::borrow(unflatten);
  if (flatten_with_keys != Py_None) registration->flatten_with_keys = Ref::borrow(flatten_with_keys);
  registration->rebuilt_by = Ref::borrow(rebuilt_by != nullptr ? rebuilt_by : unflatten);
  // Python binds a class method anew each time it is read.
  if (PyMethod_Check(unflatten) && PyMethod_GET_SELF(unflatten) == type) {
    registration->rebuilt_by = Ref::borrow(PyMethod_GET_FUNCTION(unflatten));
  }
  PyObject_GC_Track(object.get());
  return object;
}

Ref make_dataclass_registration(PyObject* type, const FieldsDescription& description) {
  Ref object = make_heap_object<Registration>(registration_type);
  Registration* registration = self_of(object.get());
  registration->kind = Kind::kDataclass;
  registration->type = Ref::borrow(type);
  registration->data_fields = field_names(description.data_fields);
  registration->meta_fields = field_names(description.meta_fields);
  PyObject *data = registration->data_fields.get(), *meta = registration->meta_fields.get();
  registration->field_names = checked(PySequence_Concat(meta, data));
  PyObject* names = registration->field_names.get();
  registration->keyword_names = keyword_names(names, description.aliases);
  registration->constructs_new = is_construct_new(description.construct);
  registration->field_order =
      is_given(description.order) ? field_names(description.order) : checked(PySequence_Concat(data, meta));
  registration->setting_order = numbers_of(registration->field_order.get(), names);
  registration->is_struct_sequence = is_struct_sequence(registration->type_object());
  if (registration->is_struct_sequence) check_fields_of_struct_sequence(registration->type_object(), names);
  PyObject_GC_Track(object.get());
  return object;
}

void set_subclasses(const Ref& registration, PyObject* subclasses) {
  if (subclasses == nullptr || subclasses == Py_False) return;
  if (subclasses != Py_True && PyCallable_Check(subclasses) == 0) {
    throw_error(PyExc_TypeError, "subclasses must be a bool or a callable, got %U", short_repr(subclasses).get());
  }
  self_of(registration.get())->subclasses = Ref::borrow(subclasses);
}

Ref registration_of_subclass(const Registration& base, PyObject* subclass) {
  if (base.kind == Kind::kDataclass) {
    const Ref construct = checked(PyUnicode_FromString(base.constructs_new ? "new" : "init"));
    const Ref aliases = checked(PyDict_New());
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(base.field_names.get()); ++i) {
      PyObject *name = PyTuple_GET_ITEM(base.field_names.get(), i),
               *keyword = PyTuple_GET_ITEM(base.keyword_names.get(), i);
      if (name != keyword) check_status(PyDict_SetItem(aliases.get(), name, keyword));
    }
    return make_dataclass_registration(subclass, {base.data_fields.get(), base.meta_fields.get(), construct.get(),
                                                  base.field_order.get(), aliases.get()});
  }
  PyObject* flatten_with_keys = base.flatten_with_keys ? base.flatten_with_keys.get() : Py_None;
  return make_custom_registration(subclass, base.flatten.get(), base.unflatten.get(), flatten_with_keys);
}

void mark_as_derived(const Ref& registration) noexcept { self_of(registration.get())->is_derived = true; }

void init_registration_type() {
  if (registration_type == nullptr) registration_type = make_heap_type(spec);
}

}  // namespace leafwise
