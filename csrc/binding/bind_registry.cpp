// PyTreeRegistry and default_registry.
#include "binding/arguments.h"
#include "binding/bindings.h"
#include "binding/registry_docs.h"
#include "core/flatten.h"
#include "core/one_level.h"
#include "core/paths.h"
#include "cpython/attributes.h"
#include "cpython/heap_object.h"
#include "cpython/short_repr.h"

#include <structmember.h>

namespace leafwise {
namespace {

struct RegistryObject {
  PyObject_HEAD
  Ref attributes;  // its __dict__, where __name__ and __module__ are set
  PyObject* weak_references = nullptr;
  Registry registry;
};
constexpr Py_ssize_t kAttributesOffset = sizeof(PyObject);
constexpr Py_ssize_t kWeakReferencesOffset = kAttributesOffset + static_cast<Py_ssize_t>(sizeof(Ref));

PyTypeObject* registry_type = nullptr;
PyObject* default_registry_object = nullptr;

Registry& registry_of(PyObject* self) { return reinterpret_cast<RegistryObject*>(self)->registry; }

// As calls from Python have to find it: with what is new in its sources.
Registry& refreshed(PyObject* self) {
  Registry& registry = registry_of(self);
  registry.refresh();
  return registry;
}

// The flags of the constructor, null or None where not given.
struct Flags {
  PyObject* values[5];
  static constexpr const char* kNames[] = {"enable_none", "enable_tuple", "enable_namedtuple", "enable_list",
                                           "enable_dict"};

  bool given(int flag) const { return values[flag] != nullptr && values[flag] != Py_None; }
  bool value(int flag) const {
    if (!given(flag)) return true;
    if (!PyBool_Check(values[flag])) {
      throw_error(PyExc_TypeError, "%s must be a bool, got %U", kNames[flag], short_repr(values[flag]).get());
    }
    return values[flag] == Py_True;
  }
};

PyObject* create(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  return guarded([&] {
    static const char* keywords[] = {"enable_none", "enable_tuple", "enable_namedtuple", "enable_list", "enable_dict",
                                     "parent",      nullptr};
    Flags flags = {};
    PyObject* parent = Py_None;
    PyObject** values = flags.values;
    if (PyArg_ParseTupleAndKeywords(args, kwargs, "|OOOOO$O:PyTreeRegistry", const_cast<char**>(keywords), &values[0],
                                    &values[1], &values[2], &values[3], &values[4], &parent) == 0) {
      throw PythonError{};
    }
    RegistryProfile profile;
    profile.none = flags.value(0);
    profile.tuple = flags.value(1);
    flags.value(2);  // JAX accepts enable_namedtuple, too, and ignores it
    profile.list = flags.value(3);
    profile.dict = flags.value(4);

    Ref self = make_heap_object<RegistryObject>(type);
    if (parent == Py_None) {
      registry_of(self.get()).init(profile);
    } else {
      registry_of(self.get()).init_with_parent(profile, Ref::borrow(parent), registry_argument(parent, "parent"));
    }
    PyObject_GC_Track(self.get());
    return self;
  });
}

void check_type(PyObject* nodetype) {
  if (PyType_Check(nodetype) == 0) {
    throw_error(PyExc_TypeError, "nodetype must be a class, got %U", short_repr(nodetype).get());
  }
}

void check_callable(const char* parameter, PyObject* function) {
  if (PyCallable_Check(function) == 0) {
    throw_error(PyExc_TypeError, "%s must be callable, got %U", parameter, short_repr(function).get());
  }
}

PyObject* register_node(PyObject* self, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names) {
  static constexpr Signature signature = {
      "register_node", 3, 4, {"nodetype", "flatten_func", "unflatten_func", "flatten_with_keys_func", "subclasses"}};
  return guarded([&] {
    const Arguments arguments(signature, args, num_args, keyword_names);
    PyObject* flatten_with_keys = arguments[3] == nullptr ? Py_None : arguments[3];
    check_type(arguments[0]);
    check_callable("flatten_func", arguments[1]);
    check_callable("unflatten_func", arguments[2]);
    if (flatten_with_keys != Py_None) check_callable("flatten_with_keys_func", flatten_with_keys);
    Ref made = make_custom_registration(arguments[0], arguments[1], arguments[2], flatten_with_keys);
    set_subclasses(made, arguments[4]);
    refreshed(self).add(std::move(made));
    return Ref::none();
  });
}

PyObject* register_dataclass_node(PyObject* self, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names) {
  static constexpr Signature signature = {
      "register_dataclass_node",
      3,
      3,
      {"nodetype", "data_fields", "meta_fields", "construct", "order", "aliases", "subclasses"}};
  return guarded([&] {
    const Arguments arguments(signature, args, num_args, keyword_names);
    check_type(arguments[0]);
    Ref made = make_dataclass_registration(arguments[0],
                                           {arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]});
    set_subclasses(made, arguments[6]);
    refreshed(self).add(std::move(made));
    return Ref::none();
  });
}

PyObject* unregister_node(PyObject* self, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names) {
  static constexpr Signature signature = {"unregister_node", 1, 1, {"nodetype"}};
  return guarded([&] {
    const Arguments arguments(signature, args, num_args, keyword_names);
    check_type(arguments[0]);
    refreshed(self).remove(reinterpret_cast<PyTypeObject*>(arguments[0]));
    return Ref::none();
  });
}

PyObject* is_node(PyObject* self, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names) {
  static constexpr Signature signature = {"is_node", 1, 1, {"nodetype"}};
  return guarded([&] {
    const Arguments arguments(signature, args, num_args, keyword_names);
    return Ref::borrow(is_node_type(arguments[0], refreshed(self)) ? Py_True : Py_False);
  });
}

PyObject* add_source(PyObject* self, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names) {
  static constexpr Signature signature = {"_add_source", 2, 2, {"mapping", "sync"}};
  return guarded([&] {
    const Arguments arguments(signature, args, num_args, keyword_names);
    if (!PyDict_Check(arguments[0])) {
      throw_error(PyExc_TypeError, "mapping must be a dict, got %U", short_repr(arguments[0]).get());
    }
    check_callable("sync", arguments[1]);
    registry_of(self).add_source(Ref::borrow(arguments[0]), Ref::borrow(arguments[1]));
    return Ref::none();
  });
}

PyObject* registrations(PyObject* self, PyObject*) {
  return guarded([&] { return registry_of(self).registrations(); });
}

// The registry's own flatten and the like, by JAX's names; a leaf predicate with paths is called with (path, node).
constexpr const char* kPredicate = "leaf_predicate";

FlattenOptions options_of(PyObject* self, PyObject* leaf_predicate) {
  FlattenOptions options;
  options.registry = &refreshed(self);
  options.is_leaf = is_leaf_argument(leaf_predicate);
  return options;
}

PyObject* registry_flatten(PyObject* self, PyObject* const* args, Py_ssize_t num_args, PyObject* keyword_names) {
  static constexpr Signature signature = {"flatten", 1, 2, {"tree", kPredicate}};
  return guarded([&] {
    const Arguments arguments(signature, args, num_args, keyword_names);
    LeavesAndTreedef result = flatten_to_treedef(arguments[0], options_of(self, arguments[1]), self);
    return pair_of(std::move(result.leaves), std::move(result.treedef));
  });
}

PyObject* registry_flatten_with_path(PyObject* self, PyObject* const* args, Py_ssize_t num_args,
                                     PyObject* keyword_names) {
  static constexpr Signature signature = {"flatten_with_path", 1, 2, {"tree", kPredicate}};
  return guarded([&] {
    const Arguments arguments(signature, args, num_args, keyword_names);
    FlattenOptions options = options_of(self, arguments[1]);
    options.is_leaf_takes_path = true;
    LeavesWithPath result = flatten_with_path(arguments[0], options, self);
    return pair_of(std::move(result.pairs), std::move(result.treedef));
  });
}

PyObject* one_level(PyObject* self, PyObject* tree, bool with_keys) {
  return guarded([&] {
    const FlattenOptions options = options_of(self, nullptr);
    if (classify(tree, *options.registry, false).kind == Kind::kLeaf) return Ref::none();
    return with_keys ? flatten_one_level_with_keys(tree, options) : flatten_one_level(tree, options);
  });
}
PyObject* registry_one_level(PyObject* self, PyObject* tree) { return one_level(self, tree, false); }
PyObject* registry_one_level_with_keys(PyObject* self, PyObject* tree) { return one_level(self, tree, true); }

PyObject* get_parent(PyObject* self, void*) {
  return guarded([&] {
    const Ref& parent = registry_of(self).parent_object();
    return parent ? parent : Ref::none();
  });
}

Ref own_name(PyObject* self) { return optional_attribute(self, names().dunder_name); }

// Registries are pickled by reference, as functions are: pickle takes a str for a global name in `__module__`.
PyObject* reduce(PyObject* self, PyObject*) {
  return guarded([&] {
    Ref name = own_name(self);
    if (!name) throw_error(PyExc_TypeError, "Cannot pickle a PyTreeRegistry without a __name__");
    return name;
  });
}

PyObject* repr_slot(PyObject* self) {
  return guarded([&] {
    const Ref name = own_name(self), module = optional_attribute(self, names().dunder_module);
    if (name && module) return format_text("%S.%S", module.get(), name.get());
    return format_text("<%U object at %p>", short_type_name(Py_TYPE(self)).get(), static_cast<void*>(self));
  });
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  if (const int stop = visit_ref(reinterpret_cast<RegistryObject*>(self)->attributes, visit, arg)) return stop;
  if (const int stop = registry_of(self).traverse(visit, arg)) return stop;
  return visit_type(self, visit, arg);
}

int clear(PyObject* self) {
  const CoreLock lock;
  reinterpret_cast<RegistryObject*>(self)->attributes = Ref();
  registry_of(self).clear();
  return 0;
}

PyMethodDef methods[] = {
    {"register_node", as_c_function(register_node), METH_FASTCALL | METH_KEYWORDS, registry_docs::kRegisterNode},
    {"register_dataclass_node", as_c_function(register_dataclass_node), METH_FASTCALL | METH_KEYWORDS,
     registry_docs::kRegisterDataclassNode},
    {"unregister_node", as_c_function(unregister_node), METH_FASTCALL | METH_KEYWORDS, registry_docs::kUnregisterNode},
    {"is_node", as_c_function(is_node), METH_FASTCALL | METH_KEYWORDS, registry_docs::kIsNode},
    {"flatten", as_c_function(registry_flatten), METH_FASTCALL | METH_KEYWORDS, registry_docs::kFlatten},
    {"flatten_with_path", as_c_function(registry_flatten_with_path), METH_FASTCALL | METH_KEYWORDS,
     registry_docs::kFlattenWithPath},
    {"flatten_one_level", registry_one_level, METH_O, registry_docs::kFlattenOneLevel},
    {"flatten_one_level_with_keys", registry_one_level_with_keys, METH_O, registry_docs::kFlattenOneLevelWithKeys},
    {"_add_source", as_c_function(add_source), METH_FASTCALL | METH_KEYWORDS,
     "_add_source($self, mapping, sync)\n--\n\n"
     "Has sync() called before a walk whenever the dict has another length than when it was called last."},
    {"_registrations", registrations, METH_NOARGS,
     "_registrations($self)\n--\n\n"
     "A dict of the node types that this registry has itself: how they were registered, None for built-in ones."},
    {"__reduce__", reduce, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};
PyGetSetDef getters[] = {
    {"parent", get_parent, nullptr, "The registry asked next, or None.", nullptr},
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};
PyMemberDef members[] = {
    {"__dictoffset__", T_PYSSIZET, kAttributesOffset, READONLY, nullptr},
    {"__weaklistoffset__", T_PYSSIZET, kWeakReferencesOffset, READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr},
};
PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>(registry_docs::kClass)},
    {Py_tp_new, reinterpret_cast<void*>(create)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc_heap_object<RegistryObject>)},
    {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(clear)},
    {Py_tp_repr, reinterpret_cast<void*>(repr_slot)},
    {Py_tp_methods, methods},
    {Py_tp_getset, getters},
    {Py_tp_members, members},
    {0, nullptr},
};
PyType_Spec spec = {"leafwise.PyTreeRegistry", sizeof(RegistryObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots};

}  // namespace

PyObject* default_registry() { return default_registry_object; }

const Registry& registry_argument(PyObject* registry, const char* parameter) {
  if (registry == nullptr || registry == Py_None) return refreshed(default_registry_object);
  if (!PyObject_TypeCheck(registry, registry_type)) {
    throw_error(PyExc_TypeError, "%s must be a PyTreeRegistry, got %U", parameter, short_repr(registry).get());
  }
  return refreshed(registry);
}

void bind_registry(PyObject* module) {
  if (registry_type == nullptr) registry_type = make_heap_type(spec);
  add_type(module, registry_type);
  if (default_registry_object == nullptr) {
    Ref registry = checked(PyObject_CallNoArgs(reinterpret_cast<PyObject*>(registry_type)));
    const Ref name = checked(PyUnicode_FromString("default_registry"));
    check_status(PyObject_SetAttr(registry.get(), names().dunder_name, name.get()));
    default_registry_object = registry.release();
  }
  check_status(PyModule_AddObjectRef(module, "default_registry", default_registry_object));
}

}  // namespace leafwise
