#include "cpython/dict_items.h"

#include <algorithm>
#include <cstring>
#include <map>

namespace leafwise {
namespace {

bool all_exactly_str(const DictItems& items) {
  return std::all_of(items.begin(), items.end(),
                     [](const DictItem& item) { return PyUnicode_CheckExact(item.key.get()); });
}

struct BorrowedItem {
  PyObject* key;
  PyObject* value;
};

bool str_less(const BorrowedItem& a, const BorrowedItem& b) noexcept {
  if (!PyUnicode_IS_COMPACT_ASCII(a.key) || !PyUnicode_IS_COMPACT_ASCII(b.key)) {
    return PyUnicode_Compare(a.key, b.key) < 0;
  }
  const Py_ssize_t a_length = PyUnicode_GET_LENGTH(a.key), b_length = PyUnicode_GET_LENGTH(b.key);
  const int order = std::memcmp(PyUnicode_1BYTE_DATA(a.key), PyUnicode_1BYTE_DATA(b.key),
                                static_cast<size_t>(std::min(a_length, b_length)));
  return order != 0 ? order < 0 : a_length < b_length;
}

// Sorts plain pointers, which is several times faster than sorting owners; nothing here can fail or run Python code.
void sort_by_str_key(DictItems& items) {
  std::vector<BorrowedItem> order;
  order.reserve(items.size());
  for (const DictItem& item : items) order.push_back({item.key.get(), item.value.get()});
  if (std::is_sorted(order.begin(), order.end(), str_less)) return;
  std::sort(order.begin(), order.end(), str_less);
  for (DictItem& item : items) {
    static_cast<void>(item.key.release());
    static_cast<void>(item.value.release());
  }
  for (size_t i = 0; i < items.size(); ++i) items[i] = {Ref::steal(order[i].key), Ref::steal(order[i].value)};
}

// By list.sort, which bears a `<` that contradicts itself or changes its mind; std::sort does not.
void sort_by_any_key(DictItems& items) {
  const Ref keys = checked(PyList_New(static_cast<Py_ssize_t>(items.size())));
  // Nobody shall find the list and put other objects into it while `<` runs.
  PyObject_GC_UnTrack(keys.get());
  // A dict may hold one object twice, if its hash changed; then the item inserted first comes first.
  std::multimap<PyObject*, DictItem> item_of_key;
  for (size_t i = 0; i < items.size(); ++i) {
    PyObject* key = items[i].key.get();
    PyList_SET_ITEM(keys.get(), static_cast<Py_ssize_t>(i), Ref(items[i].key).release());
    item_of_key.emplace(key, std::move(items[i]));
  }
  check_status(PyList_Sort(keys.get()));
  for (size_t i = 0; i < items.size(); ++i) {
    const auto found = item_of_key.lower_bound(PyList_GET_ITEM(keys.get(), static_cast<Py_ssize_t>(i)));
    items[i] = std::move(found->second);
    item_of_key.erase(found);
  }
}

}  // namespace

DictItems snapshot_dict(PyObject* dict) {
  DictItems items;
  items.reserve(static_cast<size_t>(PyDict_Size(dict)));
  PyObject *key, *value;
  for (Py_ssize_t position = 0; PyDict_Next(dict, &position, &key, &value) != 0;) {
    items.push_back({Ref::borrow(key), Ref::borrow(value)});
  }
  return items;
}

DictItems snapshot_ordered_dict(PyObject* ordered_dict) {
  Refs keys = drain(ordered_dict);
  DictItems items;
  items.reserve(keys.size());
  for (Ref& key : keys) {
    Ref value = Ref::borrow(PyDict_GetItemWithError(ordered_dict, key.get()));
    if (!value) {
      if (PyErr_Occurred() != nullptr) throw PythonError{};
      throw_error(PyExc_RuntimeError, "OrderedDict mutated while it was read");
    }
    items.push_back({std::move(key), std::move(value)});
  }
  return items;
}

void sort_by_key(DictItems& items) {
  if (items.size() < 2) return;
  return all_exactly_str(items) ? sort_by_str_key(items) : sort_by_any_key(items);
}

}  // namespace leafwise
