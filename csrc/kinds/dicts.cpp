#include "kinds/dicts.h"

#include "cpython/attributes.h"
#include "cpython/guards.h"
#include "cpython/plain_keys.h"
#include "kinds/custom.h"
#include "kinds/may_be_kept.h"

#include <algorithm>

namespace leafwise {
namespace {

PyTypeObject* ordered_dict = nullptr;
PyTypeObject* default_dict = nullptr;

PyTypeObject* import_type(const char* module_name, const char* type_name) {
  const Ref module = checked(PyImport_ImportModule(module_name));
  return reinterpret_cast<PyTypeObject*>(checked(PyObject_GetAttrString(module.get(), type_name)).release());
}

// Sorts as JAX does: whatever `<` raises becomes a ValueError, except what asks the program to stop.
void sort_dict_items(DictItems& items) {
  try {
    sort_by_key(items);
  } catch (const PythonError&) {
    if (!is_ordinary_error()) throw;
    throw_error_from_current(PyExc_ValueError, "Comparator raised exception while sorting pytree dictionary keys.");
  }
}

Ref key_list(const Node& node) { return list_from(Refs(node.keys.get(), node.keys.get() + node.arity)); }

// Of any kind of dict; PyDict_Size has to look at the type first.
Py_ssize_t dict_size(PyObject* dict) noexcept { return reinterpret_cast<PyDictObject*>(dict)->ma_used; }

Ref default_factory(PyObject* object) { return checked(PyObject_GetAttr(object, names().default_factory)); }

// Puts the values of `dict` on the agenda in the order of the node's keys, if the dict has exactly these keys.
bool match_keys(const Node& node, PyObject* dict, Agenda& agenda) {
  if (PyDict_Size(dict) != node.arity) return false;
  const size_t old_size = agenda.size();
  for (Py_ssize_t i = 0; i < node.arity; ++i) {
    Ref value = look_up_in_dict(dict, node.key(i).get());
    if (!value) {
      if (PyErr_Occurred() != nullptr) throw PythonError{};
      return false;
    }
    agenda.push(std::move(value));
  }
  agenda.turn_round_from(old_size);
  return true;
}

bool has_keys_in_order(const Node& node, const DictItems& items) {
  if (static_cast<Py_ssize_t>(items.size()) != node.arity) return false;
  for (size_t i = 0; i < items.size(); ++i) {
    if (differ(node.keys[i].get(), items[i].key.get())) return false;
  }
  return true;
}

Ref tuple_of_keys(const DictItems& items) {
  Refs keys;
  for (const DictItem& item : items) keys.push_back(item.key);
  return tuple_from(std::move(keys));
}

void check_custom_type(PyTypeObject* type, const Node& node, PyObject* object) {
  if (Py_TYPE(object) == type) return;
  const Ref repr = short_repr(object), keys = key_list(node);
  throw Mismatch{format_text("Custom node type mismatch: expected type: %R, value: %U.", type, repr.get()),
                 describe_keys(short_type_name(type).get(), keys.get()), describe(object)};
}

[[noreturn]] void throw_aux_mismatch(PyObject* expected, PyObject* got, PyObject* object) {
  const Ref expected_text = short_repr(expected), got_text = short_repr(got), repr = short_repr(object);
  const Ref type_name = short_type_name(Py_TYPE(object));
  throw Mismatch{
      format_text("Mismatch custom node data: %U != %U; value: %U.", expected_text.get(), got_text.get(), repr.get()),
      format_text("%U with metadata %U", type_name.get(), expected_text.get()),
      format_text("%U with metadata %U", type_name.get(), got_text.get())};
}

}  // namespace

void init_dict_types() {
  // From where `collections` has them, which takes a millisecond to import.
  if (ordered_dict == nullptr) ordered_dict = import_type("_collections", "OrderedDict");
  if (default_dict == nullptr) default_dict = import_type("_collections", "defaultdict");
}
PyTypeObject* ordered_dict_type() { return ordered_dict; }
PyTypeObject* default_dict_type() { return default_dict; }

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
    throw_error(PyExc_ValueError, "expected a tuple of %zd dict keys, got %R", node.arity, keys);
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

void DictKeysKind::print_aux(const Node& node, PyObject* aux, TextBuilder& text) {
  const PyTypeObject* type = node.data ? default_dict : ordered_dict;
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

void DictKind::open(PyObject* object, Node& node, Agenda& agenda, bool) {
  if (take_str_items(object, node, agenda)) return;
  DictItems items = snapshot_dict(object);
  sort_dict_items(items);
  take(std::move(items), node, agenda);
}

void DictKind::match(const Node& node, PyObject* object, Agenda& agenda) {
  if (!PyDict_CheckExact(object)) {
    const Ref repr = short_repr(object), keys = key_list(node);
    throw Mismatch{format_text("Expected dict, got %U.", repr.get()),
                   describe_keys(format_text("dict").get(), keys.get()), describe(object)};
  }
  if (match_keys(node, object, agenda)) return;
  DictItems items = snapshot_dict(object);
  sort_dict_items(items);
  Refs present;
  for (DictItem& item : items) present.push_back(std::move(item.key));
  const Ref expected = short_repr(key_list(node).get()), got = short_repr(list_from(std::move(present)).get());
  throw Mismatch{format_text("Dict key mismatch; expected keys: %U; present keys: %U.", expected.get(), got.get()),
                 format_text("dict with keys %U", expected.get()), format_text("dict with keys %U", got.get())};
}

bool DictKind::read(const Node& node, PyObject* object, PyObject** children, std::ptrdiff_t step) {
  return PyDict_CheckExact(object) && read_values(node, object, children, step);
}

Ref DictKind::build(const Node& node, Items children) {
  Ref dict = checked(PyDict_New());
  fill(node, dict.get(), children);
  return dict;
}

Ref DictKind::aux(const Node& node) { return key_list(node); }

void DictKind::print_before_child(const Node& node, Py_ssize_t index, TextBuilder& text) {
  PlainKind::print_before_child(node, index, text);
  text.add_repr(node.key(index).get());
  text.add(": ");
}

void OrderedDictKind::open(PyObject* object, Node& node, Agenda& agenda, bool) {
  take(snapshot_ordered_dict(object), node, agenda);
}

void OrderedDictKind::match(const Node& node, PyObject* object, Agenda& agenda) {
  check_custom_type(ordered_dict, node, object);
  DictItems items = snapshot_ordered_dict(object);
  if (!has_keys_in_order(node, items)) throw_aux_mismatch(key_tuple(node).get(), tuple_of_keys(items).get(), object);
  agenda.push_values(items);
}

bool OrderedDictKind::read(const Node& node, PyObject* object, PyObject** children, std::ptrdiff_t step) {
  if (!kHasGil || Py_TYPE(object) != ordered_dict || !has_str_keys(node) || !read_values(node, object, children, step))
    return false;
  // It has the right keys, all str. Their order is known to its iterator only, and that one has to be allocated.
  const GarbageCollectionPause pause;
  const Ref iterator = checked(PyObject_GetIter(object));
  for (Py_ssize_t i = 0; i < node.arity; ++i) {
    const Ref key = Ref::steal(PyIter_Next(iterator.get()));
    if (!key) {
      // Somebody changed it as the dict that it is below. Let the careful way complain; children that were borrowed before
      // an error would be taken for owned ones.
      PyErr_Clear();
      return false;
    }
    if (!same_plain_key(key.get(), node.key(i).get())) return false;
  }
  return true;
}

Ref OrderedDictKind::build(const Node& node, Items children) {
  Ref dict = checked(PyObject_CallNoArgs(reinterpret_cast<PyObject*>(ordered_dict)));
  for (Py_ssize_t i = 0; i < node.arity; ++i) {
    check_status(PyObject_SetItem(dict.get(), node.key(i).get(), children[i]));
  }
  return dict;
}

bool OrderedDictKind::same_data(const Node& a, const Node& b) {
  return same_key_objects(a, b) || same_metadata(aux(a).get(), aux(b).get(), ordered_dict);
}

void DefaultDictKind::open(PyObject* object, Node& node, Agenda& agenda, bool) {
  Ref factory = default_factory(object);
  if (take_str_items(object, node, agenda)) {
    node.data = std::move(factory);
    return;
  }
  DictItems items = snapshot_dict(object);
  sort_by_key(items);
  node.data = std::move(factory);
  take(std::move(items), node, agenda);
}

void DefaultDictKind::match(const Node& node, PyObject* object, Agenda& agenda) {
  check_custom_type(default_dict, node, object);
  const Ref factory = default_factory(object);
  if (!differ(node.data.get(), factory.get()) && match_keys(node, object, agenda)) return;
  Node present(Kind::kDefaultDict);
  Agenda values;
  open(object, present, values, false);
  throw_aux_mismatch(aux(node).get(), aux(present).get(), object);
}

bool DefaultDictKind::remembered(const Node& node) {
  return DictKeysKind::remembered(node) && may_be_kept(node.data.get());
}

bool DefaultDictKind::read(const Node& node, PyObject* object, PyObject** children, std::ptrdiff_t step) {
  return Py_TYPE(object) == default_dict && default_factory(object).get() == node.data.get() &&
         read_values(node, object, children, step);
}

Ref DefaultDictKind::build(const Node& node, Items children) {
  Ref dict = checked(PyObject_CallOneArg(reinterpret_cast<PyObject*>(default_dict), node.data.get()));
  fill(node, dict.get(), children);
  return dict;
}

bool DefaultDictKind::same_data(const Node& a, const Node& b) {
  return (a.data.get() == b.data.get() && same_key_objects(a, b)) ||
         same_metadata(aux(a).get(), aux(b).get(), default_dict);
}

void DefaultDictKind::restore(Node& node, PyObject* aux) {
  if (!PyTuple_CheckExact(aux) || PyTuple_GET_SIZE(aux) != 2) {
    throw_error(PyExc_ValueError, "expected (default_factory, keys), got %R", aux);
  }
  PyObject* factory = PyTuple_GET_ITEM(aux, 0);
  if (factory != Py_None && PyCallable_Check(factory) == 0) {
    throw_error(PyExc_ValueError, "a default factory must be callable or None, got %R", factory);
  }
  node.data = Ref::borrow(factory);
  restore_keys(node, PyTuple_GET_ITEM(aux, 1), true);
}

}  // namespace leafwise
