#include "kinds/instance_maker.h"

#include "cpython/names.h"
#include "kinds/dataclass.h"
#include "kinds/struct_sequence.h"

namespace leafwise {
namespace {

// Whether making an object is left to `object` itself, and setting its fields is all there is to do then.
bool is_made_by_object(PyTypeObject* type) noexcept {
  return type->tp_new == PyBaseObject_Type.tp_new && type->tp_alloc == PyType_GenericAlloc &&
         (type->tp_flags & Py_TPFLAGS_IS_ABSTRACT) == 0 && Py_TYPE(type)->tp_call == PyType_Type.tp_call &&
         Py_TYPE(type)->tp_getattro == PyType_Type.tp_getattro;
}

bool is_made_directly(const Registration& registration) noexcept {
  return registration.is_struct_sequence || is_made_by_object(registration.type_object());
}

bool has_duplicates(PyObject* names) { return PySet_Size(checked(PySet_New(names)).get()) != PyTuple_GET_SIZE(names); }

// Whether the class' `__init__` is a generated one. Only Python, which generates it, knows what these look like.
bool is_generated(const Registration& registration, PyObject* constructor) {
  const Ref module = checked(PyImport_ImportModule("leafwise.generated_init"));
  const Ref function = checked(PyObject_GetAttrString(module.get(), "is_generated_init"));
  const Ref answer = checked(PyObject_CallFunctionObjArgs(function.get(), constructor, registration.type.get(),
                                                          registration.field_order.get(), nullptr));
  return answer.get() == Py_True;
}

}  // namespace

std::unique_ptr<const InstanceMaker> InstanceMaker::of(Ref registration_object) {
  std::unique_ptr<InstanceMaker> maker(new InstanceMaker());
  maker->registration_ = std::move(registration_object);
  const Registration& registration = maker->registration();
  PyTypeObject* type = registration.type_object();
  if (!is_made_directly(registration) || has_duplicates(registration.field_names.get())) return nullptr;
  if (!registration.constructs_new && !registration.is_struct_sequence) {
    maker->constructor_ = Ref::borrow(_PyType_Lookup(type, names().dunder_init));
    if (!maker->constructor_ || !PyFunction_Check(maker->constructor_.get())) return nullptr;
    maker->code_ = Ref::borrow(PyFunction_GET_CODE(maker->constructor_.get()));
    if (!is_generated(registration, maker->constructor_.get())) return nullptr;
  }
  // Last, because what ran until now may have changed the class.
  if (!registration.places.find(type, registration.field_names.get())) return nullptr;
  if (maker->constructor_ && _PyType_Lookup(type, names().dunder_init) != maker->constructor_.get()) return nullptr;
  return maker->is_current() ? std::move(maker) : nullptr;
}

bool InstanceMaker::is_current() const noexcept {
  PyTypeObject* type = registration().type_object();
  return registration().places.is_current(type) && is_made_directly(registration()) &&
         (!constructor_ || PyFunction_GET_CODE(constructor_.get()) == code_.get());
}

Ref InstanceMaker::make(const Node& node, Items children) const {
  if (registration().is_struct_sequence) return make_struct_sequence(registration(), node, children);
  Ref object = new_instance(registration().type_object());
  const FieldPlaces& places = registration().places;
  PyObject** values = places.values_of(object.get());
  for (const size_t field : registration().setting_order) {
    places.set(object.get(), values, field, DataclassKind::take_field(node, children, field));
  }
  return object;
}

int InstanceMaker::traverse(visitproc visit, void* arg) const {
  if (const int stop = visit_ref(registration_, visit, arg)) return stop;
  if (const int stop = visit_ref(constructor_, visit, arg)) return stop;
  return visit_ref(code_, visit, arg);
}

}  // namespace leafwise
