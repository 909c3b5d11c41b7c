// Key entries, the steps of a key path: SequenceKey, DictKey, GetAttrKey, FlattenedIndexKey. Four Python types of one
// layout; their behaviour towards Python is in binding/bind_keys.cpp.
#pragma once

#include "cpython/heap_object.h"

namespace leafwise {

enum class KeyEntryClass { kSequence, kDict, kGetAttr, kFlattenedIndex };
constexpr int kNumKeyEntryClasses = 4;

struct KeyEntry {
  PyObject_HEAD
  Ref value;
};

// The Python type of each class; set once, when the module is loaded.
PyTypeObject*& key_entry_type(KeyEntryClass key_class) noexcept;

Ref make_key_entry(KeyEntryClass key_class, Ref value);
Ref make_sequence_key(Py_ssize_t index);
Ref make_flattened_index_key(Py_ssize_t index);

// Tells the garbage collector of a complete key entry, unless nothing in it can be part of a cycle.
void track_key_entry(PyObject* key_entry, KeyEntryClass key_class);

}  // namespace leafwise
