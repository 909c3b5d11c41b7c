#include "cpython/free_threading.h"

#include "cpython/error.h"

#include <cstdint>

namespace leafwise {

#ifdef Py_GIL_DISABLED

namespace {

PyObject* core = nullptr;                    // nobody else knows it, so nobody else takes its lock
thread_local CoreLock* innermost = nullptr;  // of those that have taken the lock, and not only found it held

}  // namespace

void init_core_lock() {
  if (core == nullptr) core = checked(PyObject_CallNoArgs(reinterpret_cast<PyObject*>(&PyBaseObject_Type))).release();
}

// What comes last on the thread's stack of sections is held; what is below may have been let go.
bool CoreLock::is_held() const noexcept {
  return PyThreadState_Get()->critical_section == reinterpret_cast<std::uintptr_t>(&section_);
}

// Who takes a lock that the same thread holds has to wait until this is noticed.
CoreLock::CoreLock() noexcept : found_held_(innermost != nullptr && innermost->is_held()), outer_(innermost) {
  if (found_held_) return;
  innermost = this;
  PyCriticalSection_Begin(&section_, core);
}

CoreLock::~CoreLock() {
  if (found_held_) return;
  PyCriticalSection_End(&section_);
  innermost = outer_;
}

CoreLock::Pause::Pause() noexcept : paused_(innermost != nullptr && innermost->is_held() ? innermost : nullptr) {
  if (paused_ != nullptr) PyCriticalSection_End(&paused_->section_);
}

CoreLock::Pause::~Pause() {
  if (paused_ != nullptr) PyCriticalSection_Begin(&paused_->section_, core);
}

#endif

}  // namespace leafwise
