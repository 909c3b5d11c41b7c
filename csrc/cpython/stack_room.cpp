#include "cpython/stack_room.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#if defined(_WIN32)
#define NOMINMAX
#include <windows.h>
#elif defined(__linux__)
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>
#elif defined(__APPLE__)
#include <pthread.h>
#endif

namespace leafwise {
namespace {

// Of the system: addresses; stacks grow towards the lower end. Zero if it can't be found.
struct Stack {
  std::uintptr_t low = 0;
  std::uintptr_t high = 0;
};

Stack stack_of_thread() noexcept {
  Stack stack;
#if defined(_WIN32)
  ULONG_PTR low = 0, high = 0;
  GetCurrentThreadStackLimits(&low, &high);
  stack = {low, high};
#elif defined(__APPLE__)
  stack.high = reinterpret_cast<std::uintptr_t>(pthread_get_stackaddr_np(pthread_self()));
  stack.low = stack.high - pthread_get_stacksize_np(pthread_self());
#elif defined(__linux__)
#if !defined(__GLIBC__)
  // musl knows of the main thread only how much of its stack is in use.
  if (syscall(SYS_gettid) == getpid()) return stack;
#endif
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return stack;
  void* low = nullptr;
  size_t size = 0;
  if (pthread_attr_getstack(&attributes, &low, &size) == 0) {
    stack.low = reinterpret_cast<std::uintptr_t>(low);
    stack.high = stack.low + size;
  }
  pthread_attr_destroy(&attributes);
#endif
  return stack;
}

// Where the part begins that is kept for what is called before anybody asks again.
thread_local std::uintptr_t lowest = UINTPTR_MAX;
thread_local std::uintptr_t bottom = 0;

void look_at_stack() noexcept {
  constexpr std::uintptr_t kKept = 64 * 1024;
  const Stack stack = stack_of_thread();
  lowest = stack.low + std::min(kKept, (stack.high - stack.low) / 4);
  bottom = stack.low;
}

std::uintptr_t here() noexcept {
#if defined(_MSC_VER)
  char local = 0;
  return reinterpret_cast<std::uintptr_t>(&local);
#else
  return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));  // also where AddressSanitizer moves locals
#endif
}

}  // namespace

bool has_stack_room() noexcept {
  const std::uintptr_t place = here();
  if (place >= lowest) return true;
  look_at_stack();  // for the first time, or because it may have become larger
  // Below the stack is another one: of a coroutine, say.
  return place >= lowest || place < bottom;
}

}  // namespace leafwise
