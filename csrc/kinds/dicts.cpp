#include "kinds/dicts.h"

#include "cpython/attributes.h"
#include "cpython/guards.h"
#include "cpython/plain_keys.h"
#include "kinds/custom.h"
#include "kinds/may_be_kept.h"

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
    throw_error_from_current<UnplacedError>(PyExc_ValueError,
                                            "Comparator raised exception while sorting pytree dictionary keys.");
  }
}

Ref key_list(const Node& node) { return list_from(Refs(node.keys.get(), node.keys.get() + node.arity)); }

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
