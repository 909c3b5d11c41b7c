// What has to be paired, as RAII.
#pragma once

#include "cpython/error.h"
#include "cpython/stack_room.h"

namespace leafwise {

// To be called before user code that may come back here. `where` continues "maximum recursion depth exceeded".
inline void check_stack_room(const char* where) {
  if (has_stack_room()) return;
  throw_error(PyExc_RecursionError, "maximum recursion depth exceeded%s (the stack of this thread is nearly full)",
              where);
}

// The interpreter's own recursion limit. Our walkers keep their own stacks and need no such guard; it is for entries
// that a callback written in C could enter again and again without a Python frame between.
class RecursionGuard {
 public:
  explicit RecursionGuard(const char* where) {
    check_stack_room(where);
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

// While it lives, no automatic garbage collection: so nothing that is allocated meanwhile can run finalizers. Without a GIL
// it never begins there, only between two steps of the interpreter's.
class GarbageCollectionPause {
 public:
  GarbageCollectionPause() noexcept : was_enabled_(kHasGil ? PyGC_Disable() : 0) {}
  ~GarbageCollectionPause() {
    if (was_enabled_ != 0) PyGC_Enable();
  }
  GarbageCollectionPause(const GarbageCollectionPause&) = delete;
  GarbageCollectionPause& operator=(const GarbageCollectionPause&) = delete;

 private:
  int was_enabled_;
};

// To be called after pauses in which that many objects were made that the garbage collector knows: it looks for garbage only
// when one is made, so a program that makes them in pauses only would never have any collected. Runs Python code.
inline void end_of_pauses(size_t num_objects) noexcept {
  constexpr size_t kOften = 500;  // enough, as the interpreter itself does it every 700 objects or more
  static size_t objects = 0;
  if ((objects += num_objects) < kOften) return;
  objects = 0;
  const Ref cell = Ref::steal(PyCell_New(nullptr));
  if (!cell) PyErr_Clear();
}

}  // namespace leafwise
