// The keys of a node: an array of owned objects and, for dicts, the order in which the keys were inserted, in one piece of
// memory.
#pragma once

#include "cpython/ref.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

namespace leafwise {

class NodeKeys {
 public:
  NodeKeys() noexcept = default;
  NodeKeys(Py_ssize_t count, bool with_order) {
    const auto size = static_cast<size_t>(count);
    void* memory = ::operator new(sizeof(Head) + size * (sizeof(Ref) + (with_order ? sizeof(std::uint32_t) : 0)));
    head_ = new (memory) Head{count, with_order};
    std::uninitialized_value_construct_n(get(), count);
    if (with_order) std::uninitialized_value_construct_n(order(), count);
  }
  NodeKeys(NodeKeys&& other) noexcept : head_(std::exchange(other.head_, nullptr)) {}
  NodeKeys& operator=(NodeKeys other) noexcept {
    std::swap(head_, other.head_);
    return *this;
  }
  ~NodeKeys() {
    if (head_ == nullptr) return;
    std::destroy_n(get(), head_->count);
    ::operator delete(head_);
  }
  NodeKeys clone() const {
    if (head_ == nullptr) return {};
    NodeKeys copy(head_->count, head_->has_order);
    std::copy_n(get(), head_->count, copy.get());
    if (head_->has_order) std::copy_n(order(), head_->count, copy.order());
    return copy;
  }

  explicit operator bool() const noexcept { return head_ != nullptr; }
  Ref* get() const noexcept { return head_ == nullptr ? nullptr : reinterpret_cast<Ref*>(head_ + 1); }
  Ref& operator[](size_t index) const noexcept { return get()[index]; }
  // Null if there is none.
  std::uint32_t* order() const noexcept {
    return head_ != nullptr && head_->has_order ? reinterpret_cast<std::uint32_t*>(get() + head_->count) : nullptr;
  }

 private:
  struct Head {
    Py_ssize_t count;
    bool has_order;
  };
  Head* head_ = nullptr;
};

}  // namespace leafwise
