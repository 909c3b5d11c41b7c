#include "core/treedef_pickle.h"

#include "core/node_builder.h"
#include "core/unrolled.h"
#include "kinds/dispatch.h"

namespace leafwise {
namespace {

[[noreturn]] void throw_malformed(const char* why, PyObject* state) {
  throw_error(PyExc_ValueError, "Malformed pickled PyTreeDef: %s: %U", why, short_repr(state, 300).get());
}

Py_ssize_t integer(PyObject* object, Py_ssize_t maximum, const char* why) {
  if (!PyLong_CheckExact(object)) throw_malformed(why, object);
  const Py_ssize_t value = PyLong_AsSsize_t(object);
  if (value == -1 && PyErr_Occurred() != nullptr) PyErr_Clear();
  if (value < 0 || value > maximum) throw_malformed(why, object);
  return value;
}

Ref aux_of(const Node& node) {
  Ref aux = with_kind(node.kind, [&](auto kind) { return kind.aux(node); });
  // `walk` shows the keys of a dict as a list; in a pickle all keys are tuples.
  if (PyList_CheckExact(aux.get()) && node.kind == Kind::kDict) return checked(PyList_AsTuple(aux.get()));
  return aux;
}

Ref state_of(const Node& node) {
  const Ref aux = aux_of(node);
  PyObject* type = node.registration ? node.custom().type.get() : Py_None;
  return checked(Py_BuildValue("(inOO)", static_cast<int>(node.kind), node.arity, aux.get(), type));
}

Node node_from_state(PyObject* state, const Registry& registry, Py_ssize_t num_nodes) {
  if (!PyTuple_CheckExact(state) || PyTuple_GET_SIZE(state) != 4) {
    throw_malformed("a node is (kind, arity, aux, type)", state);
  }
  const auto kind = static_cast<Kind>(integer(PyTuple_GET_ITEM(state, 0), kNumKinds - 1, "unknown kind of node"));
  Node node(kind, integer(PyTuple_GET_ITEM(state, 1), num_nodes - 1, "impossible number of children"));
  PyObject *aux = PyTuple_GET_ITEM(state, 2), *type = PyTuple_GET_ITEM(state, 3);
  if (type != Py_None) {
    if (PyType_Check(type))
      node.registration = registry.classify_type(reinterpret_cast<PyTypeObject*>(type)).registration;
    if (!node.registration) throw_error(PyExc_ValueError, "Unknown custom type in pickled PyTreeDef: %R", type);
  }
  const bool registered = static_cast<bool>(node.registration);
  if (registered ? node.custom().kind != kind : (kind == Kind::kCustom || kind == Kind::kDataclass)) {
    throw_malformed("kind and type do not belong together", state);
  }
  if ((kind == Kind::kLeaf || kind == Kind::kNone) && node.arity != 0) {
    throw_malformed("leaves and None have no children", state);
  }
  try {
    with_kind(kind, [&](auto concrete) { concrete.restore(node, aux); });
  } catch (const PythonError&) {
    if (PyErr_ExceptionMatches(PyExc_ValueError) == 0) throw;
    throw_error_from_current(PyExc_ValueError, "Malformed pickled PyTreeDef: the aux data of a node does not fit it");
  }
  return node;
}

}  // namespace

Ref treedef_state(const TreeDef& treedef) {
  Refs states;
  states.reserve(static_cast<size_t>(treedef.root().num_nodes));
  const Node leaf = Node::leaf();
  for (const Node& node : Unrolled(treedef.root())) {
    states.push_back(state_of(node));
    for (Py_ssize_t i = 0; node.has_implied_leaves() && i < node.arity; ++i) states.push_back(state_of(leaf));
  }
  return tuple_from(std::move(states));
}

Ref treedef_from_state(PyObject* registry_object, const Registry& registry, PyObject* state) {
  if (!PyTuple_CheckExact(state)) throw_malformed("expected a tuple of nodes", state);
  NodeBuilder builder;
  for (const Ref& node_state : snapshot_sequence(state)) {
    if (builder.complete()) throw_malformed("nodes after the end of the tree", state);
    Node node = node_from_state(node_state.get(), registry, PyTuple_GET_SIZE(state));
    if (node.kind == Kind::kLeaf) {
      builder.add_leaf();
    } else {
      builder.open(std::move(node));
    }
  }
  if (!builder.complete()) throw_malformed("nodes are missing", state);
  return make_treedef(std::move(builder).finish(), registry_object);
}

Ref treedef_from_node_data(PyObject* registry_object, const Registry& registry, PyObject* node_data,
                           const Refs& children) {
  NodeBuilder builder;
  if (node_data == Py_None) {
    if (!children.empty()) throw_error(PyExc_ValueError, "a leaf has no children, got %zd", children.size());
    builder.add_leaf();
    return make_treedef(std::move(builder).finish(), registry_object);
  }
  if (!PyTuple_Check(node_data) || PyTuple_GET_SIZE(node_data) != 2 || !PyType_Check(PyTuple_GET_ITEM(node_data, 0))) {
    throw_error(PyExc_TypeError, "node_data must be None or (type, metadata), got %U", short_repr(node_data).get());
  }
  PyObject* type = PyTuple_GET_ITEM(node_data, 0);
  Ref aux = Ref::borrow(PyTuple_GET_ITEM(node_data, 1));
  Classification found = registry.classify_type(reinterpret_cast<PyTypeObject*>(type));
  Node node(Kind::kLeaf, static_cast<Py_ssize_t>(children.size()));
  if (found.kind != Kind::kLeaf) {
    node.kind = found.kind;
    node.registration = std::move(found.registration);
  } else if (NamedTupleKind::recognises_type(type)) {
    node.kind = Kind::kNamedTuple;
    aux = Ref::borrow(type);
  } else {
    throw_error(PyExc_RuntimeError, "Could not find type: %R.", type);
  }
  if (node.kind == Kind::kNone && node.arity != 0) throw_error(PyExc_ValueError, "None has no children");
  if (node.kind == Kind::kDict && PyList_CheckExact(aux.get())) aux = checked(PyList_AsTuple(aux.get()));
  with_kind(node.kind, [&](auto kind) { kind.restore(node, aux.get()); });
  builder.open(std::move(node));
  for (const Ref& child : children) builder.add_copy_of(treedef_of(child.get()).root());
  return make_treedef(std::move(builder).finish(), registry_object);
}

}  // namespace leafwise
