// The items of a dict, owned, in the order we want them.
#pragma once

#include "cpython/containers.h"

#include <cstdint>

namespace leafwise {

struct DictItem {
  Ref key;
  Ref value;
  std::uint32_t index = 0;  // in the order of insertion
};
using DictItems = std::vector<DictItem>;

// In insertion order, of a dict or a subclass of it. Runs no Python code.
DictItems snapshot_dict(PyObject* dict);

// In its own order, which for an OrderedDict only its iterator knows. May run the keys' __hash__ and __eq__.
DictItems snapshot_ordered_dict(PyObject* ordered_dict);

// Whether this key comes first in an OrderedDict's own order. Runs no Python code.
bool is_first_key(PyObject* key, PyObject* ordered_dict);

// The items of a dict whose keys are all exactly str, sorted; borrowed. `index` as in DictItem. Runs no Python code.
struct BorrowedItem {
  PyObject* key;
  PyObject* value;
  std::uint64_t prefix;  // the first characters as a number, 0 for a str that is not ASCII
  std::uint32_t index;
};
class SortedStrItems {
 public:
  // Not `complete` if some key is no str.
  explicit SortedStrItems(PyObject* dict);
  bool complete() const noexcept { return complete_; }
  bool were_sorted() const noexcept { return were_sorted_; }
  const std::vector<BorrowedItem>& items() const noexcept { return items_; }

 private:
  const ContainerLock lock_;
  // One for all, so that it need not be allocated: nobody can make a second one before this one is gone.
  static std::vector<BorrowedItem>& buffer();
  std::vector<BorrowedItem>& items_ = buffer();
  bool complete_ = true;
  bool were_sorted_ = true;
};

// Sorts by key, stably, by `<` alone. Runs the keys' `__lt__` unless they are all exactly str; what it raises passes
// through.
void sort_by_key(DictItems& items);

}  // namespace leafwise
