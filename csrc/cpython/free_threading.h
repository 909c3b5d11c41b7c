// What a CPython without a GIL needs: there, other threads run while ours is in the core. With a GIL all of this is empty.
//
// Two kinds of locks, both critical sections of CPython. These let go of their lock whenever their thread has to wait, and
// take it again afterwards, so that no two threads can wait for each other; just as a GIL is given up and taken again.
// Therefore whatever may run Python code, or wait, may find all changed when it returns: as with a GIL.
//
// - CoreLock: one for all of the core, held while anything of it runs (`guarded` in error.h), but not for sure as long as there
//   is a ContainerLock, too.
// - ContainerLock: that of a list or a dict, which its own methods take, too. It is held while the items are read and made
//   owned, and nothing else is done meanwhile: so where there is no GIL, nothing is borrowed from a container but from a
//   tuple, and the walks that borrow (core/fast_walk.h) are not taken.
#pragma once

#include "cpython/ref.h"

namespace leafwise {

#ifdef Py_GIL_DISABLED

constexpr bool kHasGil = false;

// For what one thread uses at a time, where a ContainerLock is held and the CoreLock need not be.
#define LEAFWISE_THREAD_LOCAL thread_local

// To be called once, before anything else of the core.
void init_core_lock();

class CoreLock {
 public:
  CoreLock() noexcept;
  ~CoreLock();
  CoreLock(const CoreLock&) = delete;
  CoreLock& operator=(const CoreLock&) = delete;

  // While it lives, other threads may be in the core: around a call of a user's function that may take long.
  class Pause {
   public:
    Pause() noexcept;
    ~Pause();
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

   private:
    CoreLock* paused_;
  };

 private:
  bool is_held() const noexcept;

  const bool found_held_;
  CoreLock* outer_;  // of this thread
  PyCriticalSection section_;
};

class ContainerLock {
 public:
  explicit ContainerLock(PyObject* container) noexcept { PyCriticalSection_Begin(&section_, container); }
  ~ContainerLock() { PyCriticalSection_End(&section_); }
  ContainerLock(const ContainerLock&) = delete;
  ContainerLock& operator=(const ContainerLock&) = delete;

 private:
  PyCriticalSection section_;
};

#else

constexpr bool kHasGil = true;

#define LEAFWISE_THREAD_LOCAL

inline void init_core_lock() noexcept {}

// The destructors are there so that no compiler takes these for unused variables.
class CoreLock {
 public:
  CoreLock() noexcept {}
  ~CoreLock() {}
  class Pause {
   public:
    Pause() noexcept {}
    ~Pause() {}
  };
};

class ContainerLock {
 public:
  explicit ContainerLock(PyObject*) noexcept {}
  ~ContainerLock() {}
};

#endif

// What a name means in a class or its bases, before any descriptor has its say; an empty Ref if nothing. May run Python
// code, if there are keys of a user's type in a class's dict.
inline Ref look_up_in_class(PyTypeObject* type, PyObject* name) noexcept {
#ifdef Py_GIL_DISABLED
  return Ref::steal(_PyType_LookupRef(type, name));
#else
  return Ref::borrow(_PyType_Lookup(type, name));
#endif
}

// The value of a key, an empty Ref if there is none, or if an error is set then. Runs Python code if keys are of a user's type.
inline Ref look_up_in_dict(PyObject* dict, PyObject* key) noexcept {
#ifdef Py_GIL_DISABLED
  PyObject* value = nullptr;
  PyDict_GetItemRef(dict, key, &value);
  return Ref::steal(value);
#else
  return Ref::borrow(PyDict_GetItemWithError(dict, key));
#endif
}

}  // namespace leafwise
