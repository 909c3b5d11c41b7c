#include "kinds/generated_constructor.h"

#include "cpython/attributes.h"
#include "cpython/containers.h"

#include <map>
#include <string>

namespace leafwise {
namespace {

// What makes one piece of code do the same as another, whatever its variables are called.
constexpr const char* kCodeAttributes[] = {"co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_flags",
                                           "co_code",     "co_consts",          "co_names",          "co_freevars"};

Ref attribute(const Ref& object, const char* name) { return checked(PyObject_GetAttrString(object.get(), name)); }

// The function that a static method calls now, which may be another one than before: its `__init__` can be called again.
// Empty for anything else.
Ref function_of(PyObject* static_method) noexcept {
  if (static_method == nullptr || Py_TYPE(static_method) != &PyStaticMethod_Type) return Ref();
  Ref function = Ref::steal(PyStaticMethod_Type.tp_descr_get(static_method, nullptr, nullptr));
  if (!function) PyErr_Clear();
  return function && PyFunction_Check(function.get()) ? std::move(function) : Ref();
}

// The code of what collections.namedtuple writes, one for each arity; kept as long as the process lives. Compiled here,
// not taken from a class made for comparison, because anybody may put something else in place of `namedtuple`.
Ref generated_code(Py_ssize_t arity) {
  static auto& codes = *new std::map<Py_ssize_t, Ref>();
  const auto known = codes.find(arity);
  if (known != codes.end()) return known->second;
  std::string fields;
  for (Py_ssize_t i = 0; i < arity; ++i) fields += (i > 0 ? ", field_" : "field_") + std::to_string(i);
  if (arity == 1) fields += ',';
  const std::string text = "lambda _cls, " + fields + ": _tuple_new(_cls, (" + fields + "))";
  const Ref globals = checked(PyDict_New());
  const Ref function = Ref::steal(PyRun_String(text.c_str(), Py_eval_input, globals.get(), globals.get()));
  if (!function && PyErr_Occurred() == nullptr) PyErr_NoMemory();  // the interpreter forgets to say so
  if (!function) throw PythonError{};
  // Compiling may have run Python code that came here, too.
  return codes.try_emplace(arity, attribute(function, "__code__")).first->second;
}

bool same_attribute(const Ref& a, const Ref& b, const char* name) {
  return check_bool(PyObject_RichCompareBool(attribute(a, name).get(), attribute(b, name).get(), Py_EQ));
}

// The code finds `tuple.__new__` under a name among its globals, where anybody can put something else.
bool finds_tuple_new(const Ref& function) noexcept {
  static PyObject* const tuple_new = look_up_in_class(&PyTuple_Type, names().dunder_new).release();
  const Ref found = look_up_in_dict(PyFunction_GET_GLOBALS(function.get()), names().tuple_new);
  if (!found) PyErr_Clear();
  return found && found.get() == tuple_new;
}

bool is_generated(const Ref& function, Py_ssize_t arity) {
  const Ref code = attribute(function, "__code__");
  // Seen at once for most others, for which nothing need be compiled then.
  const Ref name = attribute(code, "co_name");
  if (PyUnicode_CompareWithASCIIString(name.get(), "<lambda>") != 0) return false;
  const Ref expected = generated_code(arity);
  for (const char* attribute_name : kCodeAttributes) {
    if (!same_attribute(code, expected, attribute_name)) return false;
  }
  return true;
}

bool calls_new_only(PyTypeObject* type) noexcept {
  return Py_TYPE(type) == &PyType_Type && type->tp_init == PyBaseObject_Type.tp_init &&
         type->tp_alloc == PyType_GenericAlloc;
}

}  // namespace

GeneratedConstructor GeneratedConstructor::of(PyTypeObject* type, Py_ssize_t arity) {
  try {
    return find(type, arity);
  } catch (const PythonError&) {  // for lack of stack: the class can do without
    if (!is_ordinary_error()) throw;
    PyErr_Clear();
    return {};
  }
}

GeneratedConstructor GeneratedConstructor::find(PyTypeObject* type, Py_ssize_t arity) {
  GeneratedConstructor found;
  if (!calls_new_only(type)) return found;
  found.static_method_ = look_up_in_class(type, names().dunder_new);
  found.function_ = function_of(found.static_method_.get());
  if (found.function_ && is_generated(found.function_, arity)) found.code_ = attribute(found.function_, "__code__");
  return found;
}

bool GeneratedConstructor::is_of(PyTypeObject* type) const noexcept {
  return calls_new_only(type) && look_up_in_class(type, names().dunder_new).get() == static_method_.get() &&
         function_of(static_method_.get()).get() == function_.get() &&
         PyFunction_GET_CODE(function_.get()) == code_.get() && finds_tuple_new(function_);
}

int GeneratedConstructor::traverse(visitproc visit, void* arg) const {
  if (const int stop = visit_ref(static_method_, visit, arg)) return stop;
  if (const int stop = visit_ref(function_, visit, arg)) return stop;
  return visit_ref(code_, visit, arg);
}

}  // namespace leafwise
