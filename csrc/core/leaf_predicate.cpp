#include "core/leaf_predicate.h"

#include "cpython/short_repr.h"

#include <cstring>

namespace leafwise {
namespace {

// numpy's bool, known by its name, because numpy is not to be imported.
bool is_numpy_bool(PyObject* object) {
  const char* name = Py_TYPE(object)->tp_name;
  return std::strcmp(name, "numpy.bool") == 0 || std::strcmp(name, "numpy.bool_") == 0;
}

bool as_bool(PyObject* answer) {
  if (answer == Py_True) return true;
  if (answer == Py_False || answer == Py_None) return false;
  if (is_numpy_bool(answer)) return check_bool(PyObject_IsTrue(answer));
  throw_error(PyExc_ValueError, "is_leaf predicate returned a non-boolean value %U; expected a boolean",
              short_repr(answer).get());
}

}  // namespace

bool LeafPredicate::operator()(PyObject* object) {
  if (!takes_path_) return as_bool(checked(PyObject_CallOneArg(is_leaf_, object)).get());
  walker_.next();
  const Ref path = walker_.path();
  PyObject* arguments[] = {path.get(), object};
  return as_bool(checked(PyObject_Vectorcall(is_leaf_, arguments, 2, nullptr)).get());
}

}  // namespace leafwise
