#include "kinds/mismatch.h"

#include "cpython/dict_items.h"
#include "kinds/dicts.h"

namespace leafwise {

namespace {
constexpr Py_ssize_t kMaxKeyChars = 300;
}

Ref describe_length(PyObject* type_name, Py_ssize_t length) {
  return format_text("%U of length %zd", type_name, length);
}

Ref describe_keys(PyObject* type_name, PyObject* key_list) {
  const Ref keys = short_repr(key_list, kMaxKeyChars);
  return format_text("%U with keys %U", type_name, keys.get());
}

Ref describe(PyObject* object) {
  Ref type_name = short_type_name(Py_TYPE(object));
  if (object == Py_None) return format_text("None");
  if (PyList_Check(object) || PyTuple_Check(object)) return describe_length(type_name.get(), size_of(object));
  if (!PyDict_Check(object)) return type_name;
  if (Py_TYPE(object) == ordered_dict_type()) return describe_keys(type_name.get(), list_from(drain(object)).get());
  DictItems items = snapshot_dict(object);
  Refs keys, sorted_keys;
  for (const DictItem& item : items) keys.push_back(item.key);
  try {
    sort_by_key(items);
    for (DictItem& item : items) sorted_keys.push_back(std::move(item.key));
  } catch (const PythonError&) {  // keys without an order are shown as they stand
    if (!is_ordinary_error()) throw;
    PyErr_Clear();
    sorted_keys = std::move(keys);
  }
  return describe_keys(type_name.get(), list_from(std::move(sorted_keys)).get());
}

}  // namespace leafwise
