// What has to be paired, as RAII.
#pragma once

#include "cpython/error.h"

namespace leafwise {

// The interpreter's own recursion limit. Our walkers keep their own stacks and need no such guard; it is for entries
// that a callback written in C could enter again and again without a Python frame between.
class RecursionGuard {
 public:
  // `where` continues the sentence "maximum recursion depth exceeded".
  explicit RecursionGuard(const char* where) {
    if (Py_EnterRecursiveCall(where) != 0) throw PythonError{};
  }
  ~RecursionGuard() { Py_LeaveRecursiveCall(); }
  RecursionGuard(const RecursionGuard&) = delete;
  RecursionGuard& operator=(const RecursionGuard&) = delete;
};

// Marks an object as being printed, so that one that contains itself is printed as "...".
class ReprGuard {
 public:
  explicit ReprGuard(PyObject* object) : object_(object), entered_(Py_ReprEnter(object)) { check_status(entered_); }
  ~ReprGuard() {
    if (entered_ == 0) Py_ReprLeave(object_);
  }
  ReprGuard(const ReprGuard&) = delete;
  ReprGuard& operator=(const ReprGuard&) = delete;
  bool already_printing() const noexcept { return entered_ > 0; }

 private:
  PyObject* object_;
  int entered_;
};

// While it lives, no automatic garbage collection: so nothing that is allocated meanwhile can run finalizers.
class GarbageCollectionPause {
 public:
  GarbageCollectionPause() noexcept : was_enabled_(PyGC_Disable()) {}
  ~GarbageCollectionPause() {
    if (was_enabled_ != 0) PyGC_Enable();
  }
  GarbageCollectionPause(const GarbageCollectionPause&) = delete;
  GarbageCollectionPause& operator=(const GarbageCollectionPause&) = delete;

 private:
  int was_enabled_;
};

}  // namespace leafwise
