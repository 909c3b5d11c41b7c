#include "kinds/generated_constructor.h"

#include "cpython/attributes.h"
#include "cpython/containers.h"

#include <map>

namespace leafwise {
namespace {

// What makes one piece of code do the same as another, whatever its variables are called.
constexpr const char* kCodeAttributes[] = {"co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_flags",
                                           "co_code",     "co_consts",          "co_names",          "co_freevars"};

Ref attribute(const Ref& object, const char* name) { return checked(PyObject_GetAttrString(object.get(), name)); }

Ref function_of(const Ref& static_method) {
  if (Py_TYPE(static_method.get()) != &PyStaticMethod_Type) return Ref();
  Ref function = attribute(static_method, "__func__");
  return PyFunction_Check(function.get()) ? std::move(function) : Ref();
}

// `__new__` of a named tuple class made for comparison, one for each arity; kept as long as the process lives.
const Ref& sample_function(Py_ssize_t arity) {
  static auto& samples = *new std::map<Py_ssize_t, Ref>();
  Ref& sample = samples[arity];
  if (!sample) {
    const Ref collections = checked(PyImport_ImportModule("collections"));
    Refs names;
    for (Py_ssize_t i = 0; i < arity; ++i) names.push_back(checked(PyUnicode_FromFormat("field_%zd", i)));
    const Ref field_names = tuple_from(std::move(names));
    const Ref type = checked(PyObject_CallMethod(collections.get(), "namedtuple", "sO", "Sample", field_names.get()));
    Ref function = attribute(type, "__new__");
    samples[arity] = std::move(function);
  }
  return samples[arity];
}

bool same_attribute(const Ref& a, const Ref& b, const char* name) {
  return check_bool(PyObject_RichCompareBool(attribute(a, name).get(), attribute(b, name).get(), Py_EQ));
}

// The code finds `tuple.__new__` under a name among its globals.
bool has_same_tuple_new(const Ref& function, const Ref& sample) {
  PyObject* globals = PyFunction_GET_GLOBALS(function.get());
  PyObject* tuple_new = PyDict_GetItemString(globals, "_tuple_new");
  return tuple_new != nullptr && tuple_new == PyDict_GetItemString(PyFunction_GET_GLOBALS(sample.get()), "_tuple_new");
}

bool is_generated(const Ref& function, Py_ssize_t arity) {
  const Ref code = attribute(function, "__code__");
  // Seen at once for most others, which then need no sample.
  const Ref name = attribute(code, "co_name");
  if (PyUnicode_CompareWithASCIIString(name.get(), "<lambda>") != 0) return false;
  const Ref& sample = sample_function(arity);
  const Ref sample_code = attribute(sample, "__code__");
  for (const char* attribute_name : kCodeAttributes) {
    if (!same_attribute(code, sample_code, attribute_name)) return false;
  }
  return has_same_tuple_new(function, sample);
}

bool calls_new_only(PyTypeObject* type) noexcept {
  return Py_TYPE(type) == &PyType_Type && type->tp_init == PyBaseObject_Type.tp_init &&
         type->tp_alloc == PyType_GenericAlloc;
}

}  // namespace

GeneratedConstructor GeneratedConstructor::of(PyTypeObject* type, Py_ssize_t arity) {
  GeneratedConstructor found;
  if (!calls_new_only(type)) return found;
  found.static_method_ = Ref::borrow(_PyType_Lookup(type, names().dunder_new));
  found.function_ = function_of(found.static_method_);
  if (found.function_ && is_generated(found.function_, arity)) found.code_ = attribute(found.function_, "__code__");
  return found;
}

bool GeneratedConstructor::is_of(PyTypeObject* type) const noexcept {
  return calls_new_only(type) && _PyType_Lookup(type, names().dunder_new) == static_method_.get() &&
         PyFunction_GET_CODE(function_.get()) == code_.get();
}

int GeneratedConstructor::traverse(visitproc visit, void* arg) const {
  if (const int stop = visit_ref(static_method_, visit, arg)) return stop;
  if (const int stop = visit_ref(function_, visit, arg)) return stop;
  return visit_ref(code_, visit, arg);
}

}  // namespace leafwise
