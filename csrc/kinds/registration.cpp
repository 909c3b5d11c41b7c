#include "kinds/registration.h"

#include "cpython/heap_object.h"

namespace leafwise {
namespace {

PyTypeObject* registration_type = nullptr;

Registration* self_of(PyObject* self) { return reinterpret_cast<Registration*>(self); }

int traverse(PyObject* self, visitproc visit, void* arg) {
  Registration* registration = self_of(self);
  for (const Ref* ref :
       {&registration->type, &registration->flatten, &registration->unflatten, &registration->flatten_with_keys,
        &registration->data_fields, &registration->meta_fields, &registration->keyword_names}) {
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

// A tuple of the names, which have to be str, interned: attributes are found faster by interned names.
Ref field_names(PyObject* names) {
  Refs fields = drain(names);
  for (Ref& field : fields) {
    if (!PyUnicode_Check(field.get())) {
      throw_error(PyExc_TypeError, "field names must be str, got %R", field.get());
    }
    if (!PyUnicode_CheckExact(field.get())) continue;
    PyObject* interned = field.release();
    PyUnicode_InternInPlace(&interned);
    field = Ref::steal(interned);
  }
  return tuple_from(std::move(fields));
}

}  // namespace

Ref make_custom_registration(PyObject* type, PyObject* flatten, PyObject* unflatten, PyObject* flatten_with_keys) {
  Ref object = make_heap_object<Registration>(registration_type);
  Registration* registration = self_of(object.get());
  registration->kind = Kind::kCustom;
  registration->type = Ref::borrow(type);
  registration->flatten = Ref::borrow(flatten);
  registration->unflatten = Ref::borrow(unflatten);
  if (flatten_with_keys != Py_None) registration->flatten_with_keys = Ref::borrow(flatten_with_keys);
  PyObject_GC_Track(object.get());
  return object;
}

Ref make_dataclass_registration(PyObject* type, PyObject* data_fields, PyObject* meta_fields) {
  Ref object = make_heap_object<Registration>(registration_type);
  Registration* registration = self_of(object.get());
  registration->kind = Kind::kDataclass;
  registration->type = Ref::borrow(type);
  registration->data_fields = field_names(data_fields);
  registration->meta_fields = field_names(meta_fields);
  registration->keyword_names =
      checked(PySequence_Concat(registration->meta_fields.get(), registration->data_fields.get()));
  PyObject_GC_Track(object.get());
  return object;
}

void init_registration_type() {
  if (registration_type == nullptr) registration_type = make_heap_type(spec);
}

}  // namespace leafwise
