// An owning reference to a Python object: the only way this project holds one.
//
// `Ref` owns, `PyObject*` borrows. Dropping the last reference may run any Python code (a finalizer, a weak reference's
// callback), so a `Ref` is dropped only where the surrounding state is consistent.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <utility>

namespace leafwise {

class Ref {
 public:
  Ref() noexcept = default;
  Ref(const Ref& other) noexcept : object_(other.object_) { Py_XINCREF(object_); }
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  // By value and swap: the old object is dropped last, when `*this` is already what it shall be.
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() { Py_XDECREF(object_); }

  static Ref steal(PyObject* object) noexcept {
    Ref ref;
    ref.object_ = object;
    return ref;
  }
  static Ref borrow(PyObject* object) noexcept {
    Py_XINCREF(object);
    return steal(object);
  }
  static Ref none() noexcept { return borrow(Py_None); }

  PyObject* get() const noexcept { return object_; }
  // Gives the reference away: to a function that steals it, or as a result to the interpreter.
  [[nodiscard]] PyObject* release() noexcept { return std::exchange(object_, nullptr); }
  explicit operator bool() const noexcept { return object_ != nullptr; }

 private:
  PyObject* object_ = nullptr;
};

// An array of `Ref` can be handed to the interpreter as an array of borrowed `PyObject*`.
static_assert(sizeof(Ref) == sizeof(PyObject*), "a Ref is laid out like the pointer it owns");
inline PyObject* const* borrowed(const Ref* refs) noexcept { return reinterpret_cast<PyObject* const*>(refs); }

}  // namespace leafwise
