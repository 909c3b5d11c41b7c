// The constructor that collections.namedtuple writes into each class it makes: it does nothing but put its arguments into
// a new tuple, so the core can do the same without a call into Python.
#pragma once

#include "cpython/error.h"

namespace leafwise {

// A class's `__new__` as it was when it was found to be a generated one.
class GeneratedConstructor {
 public:
  // That of a class for objects of `arity` items; an empty one if the class has any other constructor, or a metaclass,
  // or an `__init__`. Runs Python code, and swallows what that raises.
  static GeneratedConstructor of(PyTypeObject* type, Py_ssize_t arity);

  explicit operator bool() const noexcept { return static_cast<bool>(code_); }
  // Whether calling the class would still run it and nothing else. Looks for names in the class and in the globals of the
  // function, so keys of a user's type there may run Python code.
  bool is_of(PyTypeObject* type) const noexcept;
  int traverse(visitproc visit, void* arg) const;

 private:
  static GeneratedConstructor find(PyTypeObject* type, Py_ssize_t arity);

  Ref static_method_;  // what the class has as `__new__`
  Ref function_;
  Ref code_;
};

}  // namespace leafwise
