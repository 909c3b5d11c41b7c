#include "kinds/custom.h"

#include "cpython/address_hash.h"
#include "cpython/guards.h"

namespace leafwise {
namespace {

// Checks the shape of what a flatten function gave; `function` and `wanted` as JAX's messages have them.
FlattenedObject checked_output(Ref output, const char* function, const char* wanted) {
  if (!PyTuple_Check(output.get()) || PyTuple_GET_SIZE(output.get()) != 2) {
    throw_error<UnplacedError>(PyExc_ValueError,
                               "The %s function for a custom PyTree node should return a (%s, aux_data) tuple, got %U",
                               function, wanted, short_repr(output.get()).get());
  }
  PyObject* children = PyTuple_GET_ITEM(output.get(), 0);
  if (Py_TYPE(children)->tp_iter == nullptr && PySequence_Check(children) == 0) {
    throw_error<UnplacedError>(
        PyExc_ValueError,
        "The %s function for a custom PyTree node should return a (%s, aux_data) tuple where '%s' is iterable, got %U",
        function, wanted, wanted, short_repr(output.get()).get());
  }
  return FlattenedObject{std::move(output)};
}

FlattenedObject call_flatten_with_keys(const Registration& registration, PyObject* object) {
  return checked_output(checked(PyObject_CallOneArg(registration.flatten_with_keys.get(), object)),
                        "to_iterable_with_keys", "key_leaf_pairs");
}

// Takes (key, child) pairs apart.
void split_pairs(const Refs& pairs, Node& node, Refs& children) {
  node.keys = NodeKeys(static_cast<Py_ssize_t>(pairs.size()), false);
  children.reserve(pairs.size());
  for (size_t i = 0; i < pairs.size(); ++i) {
    PyObject* pair = pairs[i].get();
    if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) {
      // JAX's text has no end of the quotation, and no more words.
      throw_error<UnplacedError>(PyExc_ValueError,
                                 "The to_iterable_with_keys function for a custom PyTree node should return a "
                                 "(key_leaf_pairs, aux_data) tuple "
                                 "where 'child' is a (key, child) tuple, got %U",
                                 short_repr(pair).get());
    }
    node.keys[i] = Ref::borrow(PyTuple_GET_ITEM(pair, 0));
    children.push_back(Ref::borrow(PyTuple_GET_ITEM(pair, 1)));
  }
}

}  // namespace

FlattenedObject call_flatten(const Registration& registration, PyObject* object) {
  return checked_output(checked(PyObject_CallOneArg(registration.flatten.get(), object)), "to_iterable", "children");
}

bool same_metadata(PyObject* a, PyObject* b, PyTypeObject* type) {
  try {
    return !differ(a, b);
  } catch (const PythonError&) {
    if (!is_ordinary_error()) throw;
    throw_error_from_current(PyExc_ValueError, kIncomparable, type, format_text("").get());
  }
}

Py_hash_t RegisteredKind::hash_data(const Node& node) {
  const Registration& registration = node.custom();
  const Py_hash_t type_hash = address_hash(registration.type.get());
  if (!registration.rebuilt_by) return type_hash;
  const auto rebuild_hash = static_cast<Py_uhash_t>(address_hash(registration.rebuilt_by.get()));
  return static_cast<Py_hash_t>(static_cast<Py_uhash_t>(type_hash) ^ (rebuild_hash * 3U));
}

void RegisteredKind::print_open(const Node& node, TextBuilder& text) {
  print_head(short_type_name(type(node)).get(), checked(PyObject_Str(node.data.get())).get(), text);
}

void RegisteredKind::match_type(const Node& node, PyObject* object, const char* what) {
  if (Py_TYPE(object) == type(node)) return;
  Ref expected = short_type_name(type(node)), got = describe(object);
  // Such as one that was defined again, in a notebook.
  if (PyUnicode_Compare(expected.get(), got.get()) == 0) got = format_text("another class of that name");
  throw Mismatch{
      format_text("%s node type mismatch: expected type: %R, value: %U.", what, type(node), short_repr(object).get()),
      std::move(expected), std::move(got)};
}

void RegisteredKind::match_metadata(const Node& node, PyObject* object, PyObject* aux, const char* what) {
  if (differ(node.data.get(), aux)) throw_other_metadata(node, object, aux, what);
}

void RegisteredKind::throw_other_metadata(const Node& node, PyObject* object, PyObject* aux, const char* what) {
  const Ref expected = short_repr(node.data.get()), got = short_repr(aux);
  const Ref type_name = short_type_name(type(node));
  throw Mismatch{format_text("Mismatch %s node data: %U != %U; value: %U.", what, expected.get(), got.get(),
                             short_repr(object).get()),
                 format_text("%U with metadata %U", type_name.get(), expected.get()),
                 format_text("%U with metadata %U", type_name.get(), got.get())};
}

void CustomKind::open(PyObject* object, Node& node, Agenda& agenda, bool with_keys) {
  const Registration& registration = node.custom();
  Refs children;
  if (with_keys && registration.flatten_with_keys) {
    const FlattenedObject flattened = call_flatten_with_keys(registration, object);
    split_pairs(drain(flattened.children()), node, children);
    node.data = Ref::borrow(flattened.aux());
  } else {
    const FlattenedObject flattened = call_flatten(registration, object);
    children = drain(flattened.children());
    node.data = Ref::borrow(flattened.aux());
  }
  node.arity = static_cast<Py_ssize_t>(children.size());
  agenda.push_children(std::move(children));
}

void CustomKind::match(const Node& node, PyObject* object, Agenda& agenda) {
  match_type(node, object, "Custom");
  const FlattenedObject flattened = call_flatten(node.custom(), object);
  match_metadata(node, object, flattened.aux(), "custom");
  Refs children = drain(flattened.children());
  const auto arity = static_cast<Py_ssize_t>(children.size());
  if (arity != node.arity) {
    const Ref type_name = short_type_name(type(node));
    throw Mismatch{
        format_text("Custom type arity mismatch: %zd != %zd; value: %U.", arity, node.arity, short_repr(object).get()),
        format_text("%U with %zd children", type_name.get(), node.arity),
        format_text("%U with %zd children", type_name.get(), arity)};
  }
  agenda.push_children(std::move(children));
}

Ref CustomKind::build(const Node& node, Items children) {
  check_stack_room(" in unflatten");
  const Ref children_tuple = tuple_from(children, node.arity);
  PyObject* arguments[] = {node.data.get(), children_tuple.get()};
  return checked(PyObject_Vectorcall(node.custom().unflatten.get(), arguments, 2, nullptr));
}

void CustomKind::keys(const Node& node, Py_ssize_t first, Py_ssize_t count, Ref* keys) {
  for (Py_ssize_t i = first; i < first + count; ++i) {
    *keys++ = node.keys ? node.key(i) : make_flattened_index_key(i);
  }
}

}  // namespace leafwise
