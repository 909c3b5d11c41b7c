// PyTreeDef as a Python type, and the functions over treedefs.
#include "binding/arguments.h"
#include "binding/bindings.h"
#include "binding/treedef_docs.h"

#include "core/build_plan.h"
#include "core/flatten_up_to.h"
#include "core/treedef_pickle.h"
#include "core/treedef_proto.h"
#include "core/unflatten.h"
#include "cpython/guards.h"
#include "cpython/heap_object.h"
#include "cpython/short_repr.h"
#include "kinds/dispatch.h"

namespace leafwise {
namespace {

PyObject* restore_function = nullptr;  // _core.restore_treedef, by which treedefs are unpickled

PyObject* no_constructor(PyTypeObject*, PyObject*, PyObject*) {
  PyErr_SetString(PyExc_TypeError, "PyTreeDef: no constructor defined; tree_structure and treedef_tuple make treedefs");
  return nullptr;
}

PyObject* get_num_leaves(PyObject* self, void*) { return PyLong_FromSsize_t(treedef_of(self).num_leaves()); }
PyObject* get_num_nodes(PyObject* self, void*) { return PyLong_FromSsize_t(treedef_of(self).root().num_nodes); }

PyObject* method_unflatten(PyObject* self, PyObject* leaves) {
  return guarded([&] { return unflatten(treedef_of(self), leaves); });
}

PyObject* method_flatten_up_to(PyObject* self, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names) {
  static constexpr Signature signature = {"flatten_up_to", 1, 1, {"tree"}};
  return guarded([&] {
    const Arguments arguments(signature, args, num_args, keyword_names);
    return flatten_up_to(treedef_of(self), arguments[0]);
  });
}

PyObject* method_children(PyObject* self, PyObject*) {
  return guarded([&] { return treedef_children(treedef_of(self)); });
}

PyObject* method_node_data(PyObject* self, PyObject*) {
  return guarded([&] {
    const Node& root = treedef_of(self).root();
    return with_kind(root.kind, [&](auto kind) {
      auto* type = reinterpret_cast<PyObject*>(kind.type(root));
      if (type == nullptr) return Ref::none();
      Ref aux = kind.aux(root);
      if (aux.get() == type && root.kind == Kind::kNamedTuple) aux = Ref::none();  // JAX: the type is not repeated
      return pair_of(Ref::borrow(type), std::move(aux));
    });
  });
}

PyObject* method_compose(PyObject* self, PyObject* inner_object) {
  return guarded([&] {
    const TreeDef &outer = treedef_of(self), &inner = treedef_argument("compose", inner_object);
    if (outer.registry.get() != inner.registry.get()) {
      throw_error(PyExc_ValueError, "PyTree registries of PyTreeDefs passed to Compose() must match.");
    }
    return compose(outer, inner);
  });
}

PyObject* method_walk(PyObject* self, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names) {
  static constexpr Signature signature = {"walk", 3, 3, {"f_node", "f_leaf", "leaves"}};
  return guarded([&] {
    const Arguments arguments(signature, args, num_args, keyword_names);
    return walk(treedef_of(self), arguments[0], arguments[1], arguments[2]);
  });
}

PyObject* method_from_iterable_tree(PyObject* self, PyObject* iterables) {
  return guarded([&] { return from_iterable_tree(treedef_of(self), iterables); });
}

// The PyTreeRegistry given as an argument; None means the default one.
PyObject* registry_object(PyObject* argument) {
  registry_argument(argument);
  return argument == Py_None ? default_registry() : argument;
}

PyObject* from_node_data_and_children(PyObject*, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names) {
  static constexpr Signature signature = {"from_node_data_and_children", 3, 3, {"registry", "node_data", "children"}};
  return guarded([&] {
    const Arguments arguments(signature, args, num_args, keyword_names);
    PyObject* registry = registry_object(arguments[0]);
    check_iterable("children must be iterable", arguments[2]);
    const Refs children = drain(arguments[2]);
    for (const Ref& child : children) {
      if (treedef_argument(signature.function, child.get()).registry.get() != registry) {
        throw_error(PyExc_ValueError, "PyTree registries of the children must be the one that is given.");
      }
    }
    return treedef_from_node_data(registry, registry_argument(registry), arguments[1], children);
  });
}

PyObject* method_serialize(PyObject* self, PyObject*) {
  return guarded([&] { return treedef_to_proto(treedef_of(self)); });
}

PyObject* deserialize(PyObject*, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names) {
  static constexpr Signature signature = {"deserialize_using_proto", 2, 2, {"registry", "data"}};
  return guarded([&] {
    const Arguments arguments(signature, args, num_args, keyword_names);
    return treedef_from_proto(registry_object(arguments[0]), arguments[1]);
  });
}

PyObject* method_reduce(PyObject* self, PyObject*) {
  return guarded([&] {
    const TreeDef& treedef = treedef_of(self);
    return pair_of(Ref::borrow(restore_function), pair_of(treedef.registry, treedef_state(treedef)));
  });
}

PyObject* compare(PyObject* self, PyObject* other, int operation) {
  if ((operation != Py_EQ && operation != Py_NE) || !is_treedef(other)) Py_RETURN_NOTIMPLEMENTED;
  // Mostly they are one object; what follows is too slow for that.
  if (self == other) return Ref::borrow(operation == Py_EQ ? Py_True : Py_False).release();
  return guarded([&] {
    const RecursionGuard guard(" in comparison of PyTreeDefs");
    const bool is_equal = equal(treedef_of(self), treedef_of(other));
    return Ref::borrow(is_equal == (operation == Py_EQ) ? Py_True : Py_False);
  });
}

Py_hash_t hash_slot(PyObject* self) {
  if (treedef_of(self).hash_value != -1) return treedef_of(self).hash_value;
  return guarded(Py_hash_t{-1}, [&] {
    const RecursionGuard guard(" in hash of a PyTreeDef");
    return hash(treedef_of(self));
  });
}

PyObject* repr_slot(PyObject* self) {
  return guarded([&] {
    check_stack_room(" in repr of a PyTreeDef");  // the rest is PyObject_Repr's
    return repr(self);
  });
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  const TreeDef& treedef = treedef_of(self);
  if (const int stop = visit_ref(treedef.registry, visit, arg)) return stop;
  if (const int stop = visit_ref(treedef.paths, visit, arg)) return stop;
  if (const int stop = visit_ref(treedef.known_equal, visit, arg)) return stop;
  if (treedef.build_plan) {
    if (const int stop = treedef.build_plan->traverse(visit, arg)) return stop;
  }
  for (const Node& node : treedef.nodes) {
    if (const int stop = node.traverse(visit, arg)) return stop;
  }
  return visit_type(self, visit, arg);
}

PyGetSetDef getters[] = {
    {"num_leaves", get_num_leaves, nullptr, "The number of leaves, an int.", nullptr},
    {"num_nodes", get_num_nodes, nullptr, "The number of nodes, leaves included, an int.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyMethodDef methods[] = {
    {"unflatten", method_unflatten, METH_O, treedef_docs::kUnflatten},
    {"flatten_up_to", as_c_function(method_flatten_up_to), METH_FASTCALL | METH_KEYWORDS, treedef_docs::kFlattenUpTo},
    {"children", method_children, METH_NOARGS, treedef_docs::kChildren},
    {"node_data", method_node_data, METH_NOARGS, treedef_docs::kNodeData},
    {"compose", method_compose, METH_O, treedef_docs::kCompose},
    {"walk", as_c_function(method_walk), METH_FASTCALL | METH_KEYWORDS, treedef_docs::kWalk},
    {"from_iterable_tree", method_from_iterable_tree, METH_O, treedef_docs::kFromIterableTree},
    {"from_node_data_and_children", as_c_function(from_node_data_and_children),
     METH_FASTCALL | METH_KEYWORDS | METH_STATIC, treedef_docs::kFromNodeDataAndChildren},
    {"serialize_using_proto", method_serialize, METH_NOARGS, treedef_docs::kSerialize},
    {"deserialize_using_proto", as_c_function(deserialize), METH_FASTCALL | METH_KEYWORDS | METH_STATIC,
     treedef_docs::kDeserialize},
    {"__reduce__", method_reduce, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>(treedef_docs::kClass)},
    {Py_tp_new, reinterpret_cast<void*>(no_constructor)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc_heap_object<TreeDef>)},
    {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
    {Py_tp_repr, reinterpret_cast<void*>(repr_slot)},
    {Py_tp_hash, reinterpret_cast<void*>(hash_slot)},
    {Py_tp_richcompare, reinterpret_cast<void*>(compare)},
    {Py_tp_getset, getters},
    {Py_tp_methods, methods},
    {0, nullptr},
};
PyType_Spec spec = {"leafwise.PyTreeDef", sizeof(TreeDef), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots};

// A plain C function, because pickle finds these by name; one of pybind11's would be pickled as a piece of code.
PyObject* restore_treedef(PyObject*, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names) {
  static constexpr Signature signature = {"restore_treedef", 2, 2, {"registry", "state"}};
  return guarded([&] {
    const Arguments arguments(signature, args, num_args, keyword_names);
    PyObject* registry = registry_object(arguments[0]);
    return treedef_from_state(registry, registry_argument(registry), arguments[1]);
  });
}
PyMethodDef restore_definition = {"restore_treedef", as_c_function(restore_treedef), METH_FASTCALL | METH_KEYWORDS,
                                  "restore_treedef(registry, state)\n--\n\nUnpickles a treedef."};

}  // namespace

const TreeDef& treedef_argument(const char* function, PyObject* object) {
  if (!is_treedef(object)) {
    throw_error(PyExc_TypeError, "%s expects a leafwise.PyTreeDef, got %U, of %R", function, short_repr(object).get(),
                Py_TYPE(object));
  }
  return treedef_of(object);
}

void bind_treedef(PyObject* module) {
  if (treedef_type == nullptr) treedef_type = make_heap_type(spec);
  add_type(module, treedef_type);
  const Ref module_name = checked(PyUnicode_FromString("leafwise._core"));
  restore_function = checked(PyCFunction_NewEx(&restore_definition, nullptr, module_name.get())).release();
  check_status(PyModule_AddObjectRef(module, "restore_treedef", restore_function));
}

}  // namespace leafwise
