// Makes many dicts of the same keys quickly: by copying a dict that has them, and putting other values into the copy.
//
// Copying a dict copies its table, without hashing keys or growing. Then the values have to be replaced, for which the C
// API has no way without looking up each key again; so they are written into the table itself. Where in the table they
// are is not read from CPython's private structs but found out when the template is made: its values are then objects
// that occur nowhere else, and where one of them stands, in the dict and in a copy of it, is the place of a value. If
// these places differ, the template says that it is of no use.
#pragma once

#include "cpython/containers.h"

#include <cstdint>

namespace leafwise {

class DictTemplate {
 public:
  // For dicts with these keys, which are all exactly str and different.
  DictTemplate(const Ref* keys, Py_ssize_t count);
  bool is_usable() const noexcept { return !places_.empty(); }

  // A new dict with its keys in the order given; its values, one for each key. Only if it is usable.
  Ref make(Items values) const;

  // Fewer keys are not worth it: the table is copied in large pieces and then read in small ones, for which the processor
  // has to wait.
  static constexpr Py_ssize_t kMinKeys = 3;

 private:
  bool put_values(PyObject* dict, Items values) const;

  Ref dict_;
  std::vector<std::uint32_t> places_;  // of each value in the table, in pointers from its start
};

}  // namespace leafwise
