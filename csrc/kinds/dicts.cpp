#include "kinds/dicts.h"

#include "cpython/attributes.h"
#include "kinds/custom.h"

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

Ref default_factory(PyObject* object) { return checked(PyObject_GetAttr(object, names().default_factory)); }

// Puts the values of `dict` on the agenda in the order of the node's keys, if the dict has exactly these keys.
bool match_keys(const Node& node, PyObject* dict, Agenda& agenda) {
  if (PyDict_Size(dict) != node.arity) return false;
  const size_t old_size = agenda.size();
  for (Py_ssize_t i = 0; i < node.arity; ++i) {
    Ref value = Ref::borrow(PyDict_GetItemWithError(dict, node.key(i).get()));
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
  if (ordered_dict == nullptr) ordered_dict = import_type("collections", "OrderedDict");
  if (default_dict == nullptr) default_dict = import_type("collections", "defaultdict");
}
PyTypeObject* ordered_dict_type() { return ordered_dict; }
PyTypeObject* default_dict_type() { return default_dict; }

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
    if (differ(a.key(i).get(), b.key(i).get())) return false;
  }
  return true;
}

void DictKeysKind::take(DictItems items, Node& node, Agenda& agenda) {
  node.arity = static_cast<Py_ssize_t>(items.size());
  node.keys = std::make_unique<Ref[]>(items.size());
  for (size_t i = 0; i < items.size(); ++i) node.keys[i] = std::move(items[i].key);
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

void DictKeysKind::fill(const Node& node, PyObject* dict, Ref* children) {
  for (Py_ssize_t i = 0; i < node.arity; ++i) {
    check_status(PyDict_SetItem(dict, node.key(i).get(), children[i].get()));
  }
}

void DictKind::open(PyObject* object, Node& node, Agenda& agenda, bool) {
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

Ref DictKind::build(const Node& node, Ref* children) {
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

Ref OrderedDictKind::build(const Node& node, Ref* children) {
  Ref dict = checked(PyObject_CallNoArgs(reinterpret_cast<PyObject*>(ordered_dict)));
  for (Py_ssize_t i = 0; i < node.arity; ++i) {
    check_status(PyObject_SetItem(dict.get(), node.key(i).get(), children[i].get()));
  }
  return dict;
}

bool OrderedDictKind::same_data(const Node& a, const Node& b) {
  return same_metadata(aux(a).get(), aux(b).get(), ordered_dict);
}

void DefaultDictKind::open(PyObject* object, Node& node, Agenda& agenda, bool) {
  Ref factory = default_factory(object);
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

Ref DefaultDictKind::build(const Node& node, Ref* children) {
  Ref dict = checked(PyObject_CallOneArg(reinterpret_cast<PyObject*>(default_dict), node.data.get()));
  fill(node, dict.get(), children);
  return dict;
}

bool DefaultDictKind::same_data(const Node& a, const Node& b) {
  return same_metadata(aux(a).get(), aux(b).get(), default_dict);
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
