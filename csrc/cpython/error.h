// One error convention: C++ throws `PythonError` with the Python error set; the boundary to the interpreter (`guarded`)
// turns every C++ exception into a Python one.
#pragma once

#include "cpython/free_threading.h"

#include <new>
#include <stdexcept>

namespace leafwise {

// Thrown when the interpreter's error indicator is set; carries nothing else.
struct PythonError {};

// Likewise, of an error about something in a tree, thrown by what does not know where that is. Who knows adds it
// (core/placing.h); the text does without.
struct UnplacedError : PythonError {};

// Sets an error with a message (see PyUnicode_FromFormat for the format) and throws. `Thrown` is one of the above.
template <class Thrown = PythonError>
[[noreturn]] void throw_error(PyObject* type, const char* format, ...);

// For calls of the C API that answer NULL or -1 with an error set.
inline Ref checked(PyObject* new_reference) {
  if (new_reference == nullptr) throw PythonError{};
  return Ref::steal(new_reference);
}
inline void check_status(int status) {
  if (status < 0) throw PythonError{};
}
inline bool check_bool(int answer) {
  check_status(answer);
  return answer != 0;
}

// Sets the Python error for the C++ exception that is being handled. Call it only in a catch block.
void set_error_from_exception() noexcept;

// Runs `body`, in the core alone, and gives its result to the interpreter; `failure` is what the interpreter takes as "an
// error is set".
template <class Body, class Result>
Result guarded(Result failure, Body&& body) noexcept {
  const CoreLock lock;
  try {
    return body();
  } catch (...) {
    set_error_from_exception();
    return failure;
  }
}
template <class Body>
PyObject* guarded(Body&& body) noexcept {
  return guarded(static_cast<PyObject*>(nullptr), [&] { return Ref(body()).release(); });
}

// Whether the error that is set is one that may be wrapped or passed over: an Exception (so no KeyboardInterrupt or
// SystemExit), and not that memory ran out.
bool is_ordinary_error() noexcept;

// The error that is set, taken away, so that code may run which must not find one.
class SetAsideError {
 public:
  SetAsideError() noexcept;
  // Adds to the text of an error that was set by `throw_error`.
  void add_text(PyObject* text);
  void set_again() const noexcept;

 private:
  Ref type_, value_, traceback_;
};

// Replaces the error that is set by a new one, which has it as its __cause__; throws.
template <class Thrown = PythonError>
[[noreturn]] void throw_error_from_current(PyObject* type, const char* format, ...);

}  // namespace leafwise
