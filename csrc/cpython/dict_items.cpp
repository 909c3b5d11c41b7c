#include "cpython/dict_items.h"

#include "cpython/guards.h"

#include <algorithm>
#include <cstring>
#include <map>

namespace leafwise {
namespace {

bool all_exactly_str(const DictItems& items) {
  return std::all_of(items.begin(), items.end(),
                     [](const DictItem& item) { return PyUnicode_CheckExact(item.key.get()); });
}

// Four characters as a number, the first of them counting most. Compilers make two instructions of it.
std::uint32_t number_of(const unsigned char* characters) noexcept {
  const auto at = [&](int i) { return static_cast<std::uint32_t>(characters[i]); };
  return at(0) << 24 | at(1) << 16 | at(2) << 8 | at(3);
}

// Compares as the first characters of ASCII strings do: what is equal by it may still differ further on.
std::uint64_t ascii_prefix(PyObject* key) noexcept {
  const unsigned char* characters = PyUnicode_1BYTE_DATA(key);
  const Py_ssize_t length = PyUnicode_GET_LENGTH(key);
  std::uint64_t prefix = length >= 4 ? number_of(characters) : 0;
  if (length >= 8) return prefix << 32 | number_of(characters + 4);
  for (Py_ssize_t i = length >= 4 ? 4 : 0; i < length; ++i) prefix = prefix << 8 | characters[i];
  return length == 0 ? 0 : prefix << (8 * (8 - length));
}

// 0 for a str that is not ASCII.
std::uint64_t prefix_of(PyObject* key) noexcept { return PyUnicode_IS_COMPACT_ASCII(key) ? ascii_prefix(key) : 0; }

bool str_less(const BorrowedItem& a, const BorrowedItem& b) noexcept {
  // Both are ASCII then: an ASCII str with the prefix 0 is empty or begins with a NUL.
  if (a.prefix != b.prefix && a.prefix != 0 && b.prefix != 0) return a.prefix < b.prefix;
  if (!PyUnicode_IS_COMPACT_ASCII(a.key) || !PyUnicode_IS_COMPACT_ASCII(b.key)) {
    return PyUnicode_Compare(a.key, b.key) < 0;
  }
  const Py_ssize_t a_length = PyUnicode_GET_LENGTH(a.key), b_length = PyUnicode_GET_LENGTH(b.key);
  const int order = std::memcmp(PyUnicode_1BYTE_DATA(a.key), PyUnicode_1BYTE_DATA(b.key),
                                static_cast<size_t>(std::min(a_length, b_length)));
  return order != 0 ? order < 0 : a_length < b_length;
}

// Most dicts are small; for them this is twice as fast as std::sort. Says whether they were sorted before.
bool sort_str_items(std::vector<BorrowedItem>& items) {
  constexpr size_t kSmall = 16;
  if (std::is_sorted(items.begin(), items.end(), str_less)) return true;
  if (items.size() > kSmall) {
    std::sort(items.begin(), items.end(), str_less);
    return false;
  }
  for (size_t i = 1; i < items.size(); ++i) {
    const BorrowedItem item = items[i];
    size_t place = i;
    for (; place > 0 && str_less(item, items[place - 1]); --place) items[place] = items[place - 1];
    items[place] = item;
  }
  return false;
}

// Sorts plain pointers, which is several times faster than sorting owners; nothing here can fail or run Python code.
void sort_by_str_key(DictItems& items) {
  std::vector<BorrowedItem> order;
  order.reserve(items.size());
  for (const DictItem& item : items) {
    order.push_back({item.key.get(), item.value.get(), prefix_of(item.key.get()), item.index});
  }
  if (sort_str_items(order)) return;
  for (DictItem& item : items) {
    static_cast<void>(item.key.release());
    static_cast<void>(item.value.release());
  }
  for (size_t i = 0; i < items.size(); ++i) {
    items[i] = {Ref::steal(order[i].key), Ref::steal(order[i].value), order[i].index};
  }
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
  const ContainerLock lock(dict);
  DictItems items;
  items.reserve(static_cast<size_t>(PyDict_Size(dict)));
  PyObject *key, *value;
  std::uint32_t next_index = 0;
  for (Py_ssize_t position = 0; PyDict_Next(dict, &position, &key, &value) != 0;) {
    items.push_back({Ref::borrow(key), Ref::borrow(value), next_index++});
  }
  return items;
}

DictItems snapshot_ordered_dict(PyObject* ordered_dict) {
  Refs keys = drain(ordered_dict);
  DictItems items;
  items.reserve(keys.size());
  for (Ref& key : keys) {
    Ref value = look_up_in_dict(ordered_dict, key.get());
    if (!value) {
      if (PyErr_Occurred() != nullptr) throw PythonError{};
      throw_error(PyExc_RuntimeError, "OrderedDict mutated while it was read");
    }
    items.push_back({std::move(key), std::move(value), static_cast<std::uint32_t>(items.size())});
  }
  return items;
}

bool is_first_key(PyObject* key, PyObject* ordered_dict) {
  const GarbageCollectionPause pause;
  const Ref iterator = checked(PyObject_GetIter(ordered_dict));
  // It holds the key that it is going to give, and shows it to the garbage collector. To give it, it would look it up, to find
  // the next one, which may run the __hash__ and __eq__ of keys.
  const visitproc is_it = [](PyObject* held, void* wanted) -> int { return held == wanted; };
  return Py_TYPE(iterator.get())->tp_traverse(iterator.get(), is_it, key) != 0;
}

std::vector<BorrowedItem>& SortedStrItems::buffer() {
  constexpr size_t kKept = 16384;
  static LEAFWISE_THREAD_LOCAL std::vector<BorrowedItem> items;
  items.clear();
  if (items.capacity() > kKept) items.shrink_to_fit();
  return items;
}

SortedStrItems::SortedStrItems(PyObject* dict) : lock_(dict) {
  PyObject *key, *value;
  std::uint32_t next_index = 0;
  for (Py_ssize_t position = 0; PyDict_Next(dict, &position, &key, &value) != 0;) {
    if (!PyUnicode_CheckExact(key)) {
      complete_ = false;
      return;
    }
    items_.push_back({key, value, prefix_of(key), next_index++});
  }
  were_sorted_ = sort_str_items(items_);
}

void sort_by_key(DictItems& items) {
  if (items.size() < 2) return;
  return all_exactly_str(items) ? sort_by_str_key(items) : sort_by_any_key(items);
}

}  // namespace leafwise
