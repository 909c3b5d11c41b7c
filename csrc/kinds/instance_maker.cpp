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
bool is_generated(const Registration& registration, PyObject* constructor, unsigned version) {
  KnownConstructor& known = registration.known_constructor;
  const Ref code = Ref::borrow(PyFunction_GET_CODE(constructor));
  if (known.version == version && known.code.get() == code.get()) return known.is_generated;
  const Ref module = checked(PyImport_ImportModule("leafwise.generated_init"));
  const Ref function = checked(PyObject_GetAttrString(module.get(), "is_generated_init"));
  const Ref answer = checked(PyObject_CallFunctionObjArgs(function.get(), constructor, registration.type.get(),
                                                          registration.field_order.get(), nullptr));
  known = {version, code, answer.get() == Py_True};
  return known.is_generated;
}

}  // namespace

std::unique_ptr<const InstanceMaker> InstanceMaker::of(Ref registration_object) {
  try {
    std::unique_ptr<InstanceMaker> maker(new InstanceMaker(std::move(registration_object)));
    return maker->find_constructor() && maker->is_current() ? std::move(maker) : nullptr;
  } catch (const PythonError&) {  // of the user's class, or for lack of stack: the class can do without a maker
    if (!is_ordinary_error()) throw;
    PyErr_Clear();
    return nullptr;
  }
}

bool InstanceMaker::find_constructor() {
  PyTypeObject* type = registration().type_object();
  if (!is_made_directly(registration()) || has_duplicates(registration().field_names.get())) return false;
  const Ref constructor = look_up_in_class(type, names().dunder_init);
  version_ = type->tp_version_tag;  // from now on, because what runs may change the class
  if (!registration().constructs_new && !registration().is_struct_sequence) {
    if (!same_names(registration().keyword_names.get(), registration().field_names.get())) return false;
    if (!constructor || !PyFunction_Check(constructor.get())) return false;
    constructor_ = constructor;
    code_ = Ref::borrow(PyFunction_GET_CODE(constructor.get()));
    if (!is_generated(registration(), constructor.get(), version_)) return false;
  }
  return registration().places.find(type, registration().field_names.get());
}

bool InstanceMaker::is_current() const noexcept {
  PyTypeObject* type = registration().type_object();
  return version_ != 0 && version_ == type->tp_version_tag && registration().places.is_current(type) &&
         is_made_directly(registration()) && (!constructor_ || PyFunction_GET_CODE(constructor_.get()) == code_.get());
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
