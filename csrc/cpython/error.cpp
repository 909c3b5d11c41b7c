#include "cpython/error.h"

#include <cstdarg>

namespace leafwise {
namespace {

// As PyErr_FormatV, which on CPython 3.10 sets an error without text when memory runs out.
void set_error(PyObject* type, const char* format, va_list arguments) noexcept {
  PyErr_Clear();
  const Ref text = Ref::steal(PyUnicode_FromFormatV(format, arguments));
  if (text) PyErr_SetObject(type, text.get());
}

}  // namespace

template <class Thrown>
void throw_error(PyObject* type, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  set_error(type, format, arguments);
  va_end(arguments);
  throw Thrown{};
}
template void throw_error<PythonError>(PyObject*, const char*, ...);
template void throw_error<UnplacedError>(PyObject*, const char*, ...);

void set_error_from_exception() noexcept {
  try {
    throw;
  } catch (const PythonError&) {
    // The error is set already.
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::length_error&) {  // a vector larger than the address space
    PyErr_NoMemory();
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_SystemError, error.what());
  }
}

bool is_ordinary_error() noexcept {
  return PyErr_ExceptionMatches(PyExc_Exception) != 0 && PyErr_ExceptionMatches(PyExc_MemoryError) == 0;
}

SetAsideError::SetAsideError() noexcept {
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  type_ = Ref::steal(type);
  value_ = Ref::steal(value);
  traceback_ = Ref::steal(traceback);
}

void SetAsideError::add_text(PyObject* text) {
  PyObject *type = type_.release(), *value = value_.release(), *traceback = traceback_.release();
  PyErr_NormalizeException(&type, &value, &traceback);
  type_ = Ref::steal(type);
  value_ = Ref::steal(value);
  traceback_ = Ref::steal(traceback);
  if (PyErr_GivenExceptionMatches(value, PyExc_MemoryError) != 0) return;  // there was none left to make the error
  const Ref old_text = checked(PyObject_Str(value));
  const Ref new_text = checked(PyUnicode_Concat(old_text.get(), text));
  const Ref arguments = checked(PyTuple_Pack(1, new_text.get()));
  check_status(PyObject_SetAttrString(value, "args", arguments.get()));
}

void SetAsideError::set_again() const noexcept {
  PyErr_Restore(Ref(type_).release(), Ref(value_).release(), Ref(traceback_).release());
}

template <class Thrown>
void throw_error_from_current(PyObject* type, const char* format, ...) {
  PyObject *cause_type, *cause, *cause_traceback;
  PyErr_Fetch(&cause_type, &cause, &cause_traceback);
  PyErr_NormalizeException(&cause_type, &cause, &cause_traceback);
  if (cause_traceback != nullptr) PyException_SetTraceback(cause, cause_traceback);
  Py_XDECREF(cause_type);
  Py_XDECREF(cause_traceback);
  Ref owned_cause = Ref::steal(cause);

  va_list arguments;
  va_start(arguments, format);
  set_error(type, format, arguments);
  va_end(arguments);

  PyObject *new_type, *error, *traceback;
  PyErr_Fetch(&new_type, &error, &traceback);
  PyErr_NormalizeException(&new_type, &error, &traceback);
  PyException_SetContext(error, Ref(owned_cause).release());
  PyException_SetCause(error, owned_cause.release());
  PyErr_Restore(new_type, error, traceback);
  throw Thrown{};
}
template void throw_error_from_current<PythonError>(PyObject*, const char*, ...);
template void throw_error_from_current<UnplacedError>(PyObject*, const char*, ...);

}  // namespace leafwise
