#include "kinds/key_entries.h"

namespace leafwise {

PyTypeObject*& key_entry_type(KeyEntryClass key_class) noexcept {
  static PyTypeObject* types[kNumKeyEntryClasses] = {};
  return types[static_cast<int>(key_class)];
}

void track_key_entry(PyObject* key_entry, KeyEntryClass key_class) {
  PyObject* value = reinterpret_cast<KeyEntry*>(key_entry)->value.get();
  const bool is_subclass = Py_TYPE(key_entry) != key_entry_type(key_class);  // whose objects have a __dict__
  if (!is_subclass && (PyUnicode_CheckExact(value) || PyLong_CheckExact(value))) return;
  PyObject_GC_Track(key_entry);
}

Ref make_key_entry(KeyEntryClass key_class, Ref value) {
  Ref key_entry = make_heap_object<KeyEntry>(key_entry_type(key_class));
  reinterpret_cast<KeyEntry*>(key_entry.get())->value = std::move(value);
  track_key_entry(key_entry.get(), key_class);
  return key_entry;
}

Ref make_sequence_key(Py_ssize_t index) {
  return make_key_entry(KeyEntryClass::kSequence, checked(PyLong_FromSsize_t(index)));
}

Ref make_flattened_index_key(Py_ssize_t index) {
  return make_key_entry(KeyEntryClass::kFlattenedIndex, checked(PyLong_FromSsize_t(index)));
}

}  // namespace leafwise
