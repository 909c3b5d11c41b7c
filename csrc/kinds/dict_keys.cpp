#include "kinds/dict_keys.h"

#include "cpython/plain_keys.h"

#include <algorithm>

namespace leafwise {
namespace {

// Of any kind of dict; PyDict_Size has to look at the type first.
Py_ssize_t dict_size(PyObject* dict) noexcept { return reinterpret_cast<PyDictObject*>(dict)->ma_used; }

}  // namespace

bool DictKeysKind::remembered(const Node& node) {
  return std::all_of(node.keys.get(), node.keys.get() + node.arity,
                     [](const Ref& key) { return is_plain_key(key.get()); });
}

// With `python -b` to compare bytes with a str warns, and a warning runs Python code.
bool DictKeysKind::built_quietly(const Node& node) {
  return remembered(node) && std::none_of(node.keys.get(), node.keys.get() + node.arity, [](const Ref& key) {
           return PyBytes_CheckExact(key.get()) || PyTuple_CheckExact(key.get());
         });
}

bool DictKeysKind::has_str_keys(const Node& node) noexcept {
  return std::all_of(node.keys.get(), node.keys.get() + node.arity,
                     [](const Ref& key) { return PyUnicode_CheckExact(key.get()) != 0; });
}

bool DictKeysKind::read_values(const Node& node, PyObject* dict, PyObject** children, std::ptrdiff_t step) {
  if (dict_size(dict) != node.arity) return false;
  // Dicts that are made in one place of a program have their keys in one order, and mostly the same objects as keys.
  const std::uint32_t* order = node.keys.order();
  PyObject *key, *value;
  Py_ssize_t i = 0;
  for (Py_ssize_t position = 0; i < node.arity && PyDict_Next(dict, &position, &key, &value) != 0; ++i) {
    const Py_ssize_t place = order == nullptr ? i : static_cast<Py_ssize_t>(order[i]);
    if (!same_plain_key(key, node.key(place).get())) break;
    children[place * step] = value;
  }
  if (i == node.arity) return true;
  if (!kHasGil || !has_only_str_keys(dict)) return false;  // to look up a key may wait
  for (i = 0; i < node.arity; ++i) {
    if (!PyUnicode_CheckExact(node.key(i).get())) return false;
    value = PyDict_GetItemWithError(dict, node.key(i).get());
    if (value == nullptr) return false;  // and no error: looking for a str among str can't fail
    children[i * step] = value;
  }
  return true;
}

Py_hash_t DictKeysKind::hash_data(const Node& node) {
  Py_uhash_t hash = 0;
  for (Py_ssize_t i = 0; i < node.arity; ++i) {
    const Py_hash_t key_hash = PyObject_Hash(node.key(i).get());
    if (key_hash == -1) throw PythonError{};
    hash = hash * 1000003U + static_cast<Py_uhash_t>(key_hash);
  }
  return static_cast<Py_hash_t>(hash);
}

bool DictKeysKind::same_keys(const Node& a, const Node& b) {
  for (Py_ssize_t i = 0; i < a.arity; ++i) {
    if (a.key(i).get() != b.key(i).get() && differ(a.key(i).get(), b.key(i).get())) return false;
  }
  return true;
}

bool DictKeysKind::same_key_objects(const Node& a, const Node& b) {
  return std::equal(a.keys.get(), a.keys.get() + a.arity, b.keys.get(),
                    [](const Ref& key, const Ref& other) { return key.get() == other.get(); });
}

bool DictKeysKind::alike(const Node& a, const Node& b) {
  if (a.data.get() != b.data.get() || !remembered(a)) return false;
  const std::uint32_t *a_order = a.keys.order(), *b_order = b.keys.order();
  if ((a_order == nullptr) != (b_order == nullptr)) return false;
  if (a_order != nullptr && !std::equal(a_order, a_order + a.arity, b_order)) return false;
  for (Py_ssize_t i = 0; i < a.arity; ++i) {
    if (!same_plain_key(a.key(i).get(), b.key(i).get())) return false;
  }
  return true;
}

void DictKeysKind::take(DictItems items, Node& node, Agenda& agenda) {
  node.arity = static_cast<Py_ssize_t>(items.size());
  bool sorted_before = true;
  for (size_t i = 0; i < items.size(); ++i) sorted_before = sorted_before && items[i].index == i;
  node.keys = NodeKeys(node.arity, !sorted_before);
  for (size_t i = 0; i < items.size(); ++i) {
    node.keys[i] = std::move(items[i].key);
    if (!sorted_before) node.keys.order()[items[i].index] = static_cast<std::uint32_t>(i);
  }
  agenda.push_values(items);
}

Ref DictKeysKind::key_tuple(const Node& node) {
  return tuple_from(Refs(node.keys.get(), node.keys.get() + node.arity));
}

void DictKeysKind::restore_keys(Node& node, PyObject* keys, bool sorted) {
  if (!PyTuple_CheckExact(keys) || PyTuple_GET_SIZE(keys) != node.arity) {
    throw_error(PyExc_ValueError, "expected a tuple of as many dict keys as there are children, %zd, got %R",
                node.arity, keys);
  }
  const Ref dict = checked(PyDict_New());
  DictItems items;
  for (Ref& key : snapshot_sequence(keys)) {
    check_status(PyDict_SetItem(dict.get(), key.get(), Py_None));
    items.push_back({std::move(key), Ref()});
  }
  if (PyDict_Size(dict.get()) != node.arity) throw_error(PyExc_ValueError, "dict keys occur twice in %R", keys);
  if (sorted) sort_by_key(items);
  node.set_keys(reinterpret_cast<const Ref*>(PySequence_Fast_ITEMS(keys)));
  for (size_t i = 0; i < items.size(); ++i) {
    if (node.keys[i].get() != items[i].key.get()) throw_error(PyExc_ValueError, "dict keys are not sorted: %R", keys);
  }
}

void DictKeysKind::print_with_aux(PyTypeObject* type, PyObject* aux, TextBuilder& text) {
  print_head(short_type_name(type).get(), checked(PyObject_Str(aux)).get(), text);
}

void DictKeysKind::fill(const Node& node, PyObject* dict, Items children) {
  for (Py_ssize_t i = 0; i < node.arity; ++i) {
    check_status(PyDict_SetItem(dict, node.key(i).get(), children[i]));
  }
}

bool DictKeysKind::take_str_items(PyObject* dict, Node& node, Agenda& agenda) {
  const SortedStrItems sorted(dict);
  if (!sorted.complete()) return false;
  const std::vector<BorrowedItem>& items = sorted.items();
  node.arity = static_cast<Py_ssize_t>(items.size());
  node.keys = NodeKeys(node.arity, !sorted.were_sorted());
  std::uint32_t* order = node.keys.order();
  for (size_t i = 0; i < items.size(); ++i) {
    node.keys[i] = Ref::borrow(items[i].key);
    if (order != nullptr) order[items[i].index] = static_cast<std::uint32_t>(i);
  }
  for (size_t i = items.size(); i-- > 0;) agenda.push(Ref::borrow(items[i].value));
  return true;
}

}  // namespace leafwise
