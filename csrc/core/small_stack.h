// Stacks that need no allocation while they are small, as the stacks of most walks are.
#pragma once

#include "cpython/ref.h"

#include <algorithm>
#include <memory>
#include <type_traits>

namespace leafwise {

// Of plain data.
template <class T>
class SmallStack {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_default_constructible_v<T>);

 public:
  SmallStack() = default;
  SmallStack(const SmallStack&) = delete;  // nor can it be moved: it may point into itself
  SmallStack& operator=(const SmallStack&) = delete;

  bool empty() const noexcept { return size_ == 0; }
  size_t size() const noexcept { return size_; }
  T& top() noexcept { return items_[size_ - 1]; }
  // The `count` topmost items, the topmost last.
  T* top(size_t count) noexcept { return items_ + size_ - count; }
  void push(T item) {
    if (size_ == capacity_) grow();
    items_[size_++] = item;
  }
  void pop(size_t count = 1) noexcept { size_ -= count; }

 private:
  void grow() {
    std::unique_ptr<T[]> larger(new T[2 * capacity_]);
    std::copy_n(items_, size_, larger.get());
    large_ = std::move(larger);
    items_ = large_.get();
    capacity_ *= 2;
  }

  static constexpr size_t kSmall = 32;
  T small_[kSmall];
  std::unique_ptr<T[]> large_;
  T* items_ = small_;
  size_t size_ = 0;
  size_t capacity_ = kSmall;
};

// Of owned objects.
class SmallRefStack {
 public:
  SmallRefStack() = default;
  SmallRefStack(const SmallRefStack&) = delete;
  SmallRefStack& operator=(const SmallRefStack&) = delete;
  ~SmallRefStack() { pop(objects_.size()); }

  void push(Ref object) {
    objects_.push(object.get());
    static_cast<void>(object.release());
  }
  Ref* top(size_t count) noexcept { return reinterpret_cast<Ref*>(objects_.top(count)); }
  void pop(size_t count = 1) noexcept {
    for (; count > 0; --count) {
      const Ref dropped = Ref::steal(objects_.top());
      objects_.pop();
    }
  }

 private:
  SmallStack<PyObject*> objects_;
};

}  // namespace leafwise
