// The items of a dict, owned, in the order we want them.
#pragma once

#include "cpython/containers.h"

namespace leafwise {

struct DictItem {
  Ref key;
  Ref value;
};
using DictItems = std::vector<DictItem>;

// In insertion order, of a dict or a subclass of it. Runs no Python code.
DictItems snapshot_dict(PyObject* dict);

// In its own order, which for an OrderedDict only its iterator knows. May run the keys' __hash__ and __eq__.
DictItems snapshot_ordered_dict(PyObject* ordered_dict);

// Sorts by key, stably, by `<` alone. Runs the keys' `__lt__` unless they are all exactly str; what it raises passes
// through.
void sort_by_key(DictItems& items);

}  // namespace leafwise
