// A vector that begins with the memory of one that is no longer needed: for the working memory of walks, which need about
// the same each time.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace leafwise {

template <class T>
class ReusedVector : public std::vector<T> {
 public:
  ReusedVector() {
    if (spare().empty()) return;
    this->swap(spare().back());
    spare().pop_back();
  }
  ReusedVector(ReusedVector&& other) noexcept : std::vector<T>(std::move(other)) {}
  ReusedVector(const ReusedVector&) = delete;
  ReusedVector& operator=(const ReusedVector&) = delete;
  ~ReusedVector() {
    this->clear();  // may run Python code, if it owns objects
    constexpr std::size_t kMaxBytes = 65536, kMaxSpare = 4;
    if (this->capacity() == 0 || this->capacity() * sizeof(T) > kMaxBytes || spare().size() == kMaxSpare) return;
    spare().emplace_back();
    spare().back().swap(*this);
  }

 private:
  // As many as walks have ever been within each other, up to a few. Never destroyed, since walks may come to the end of the
  // process.
  static std::vector<std::vector<T>>& spare() {
    static auto& vectors = *[] {
      auto* made = new std::vector<std::vector<T>>();
      made->reserve(4);
      return made;
    }();
    return vectors;
  }
};

}  // namespace leafwise
