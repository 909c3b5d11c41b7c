// The module `leafwise._core`.
#include "binding/bindings.h"

#include "core/flatten_up_to.h"
#include "cpython/names.h"
#include "cpython/text.h"
#include "kinds/dicts.h"
#include "kinds/registration.h"

#include <pybind11/pybind11.h>

namespace leafwise {

void add_type(PyObject* module, PyTypeObject* type) {
  const Ref name = short_type_name(type);
  check_status(PyObject_SetAttr(module, name.get(), reinterpret_cast<PyObject*>(type)));
}

void add_public_function(PyObject* module, PyMethodDef& definition) {
  const Ref package = checked(PyUnicode_FromString("leafwise"));
  const Ref function = checked(PyCFunction_NewEx(&definition, nullptr, package.get()));
  check_status(PyModule_AddObjectRef(module, definition.ml_name, function.get()));
}

}  // namespace leafwise

namespace {

constexpr const char* kRefusal = "leafwise can be imported in the main interpreter only, not in a sub-interpreter";

bool is_main_interpreter() noexcept { return PyInterpreterState_Get() == PyInterpreterState_Main(); }

}  // namespace

// pybind11 refuses sub-interpreters as well, but on Python 3.10 and 3.11 it hangs before it comes to that.
extern "C" PYBIND11_EXPORT PyObject* PyInit__core_bound();
extern "C" PYBIND11_EXPORT PyObject* PyInit__core() {
  if (!is_main_interpreter()) {
    PyErr_SetString(PyExc_ImportError, kRefusal);
    return nullptr;
  }
  return PyInit__core_bound();
}

PYBIND11_MODULE(_core_bound, module, pybind11::mod_gil_not_used()) {
  using namespace leafwise;
  // Since 3.13 what comes before runs in the main interpreter, whichever it was that imports.
  if (!is_main_interpreter()) throw pybind11::import_error(kRefusal);
  module.doc() = "The C++ core of leafwise: registry, flatten, unflatten. Use the package `leafwise`, not this module.";
  module.attr("__version__") = LEAFWISE_VERSION;

  // Our own exception for "a Python error is set" needs nothing done but to be known.
  pybind11::register_local_exception_translator([](std::exception_ptr exception) {
    try {
      if (exception) std::rethrow_exception(exception);
    } catch (const PythonError&) {
    }
  });

  try {
    init_core_lock();
    init_names();
    init_dict_types();
    init_instance_values();
    init_registration_type();
    init_mismatch_error();
    bind_registry(module.ptr());
    bind_keys(module.ptr());
    bind_treedef(module.ptr());
    bind_flatten(module.ptr());
    bind_mapping(module.ptr());
    bind_iter(module.ptr());
    bind_cache(module.ptr());
    bind_rarely_called(module.ptr());
  } catch (const PythonError&) {
    throw pybind11::error_already_set();
  }
}
