// How a registered class is taken apart and put together: a small immutable Python object, shared by the registry and by
// every treedef that was made with it, and tracked by the garbage collector, so that cycles through a class, its
// functions and its treedefs can be collected. It outlives its removal from the registry as long as a treedef needs it.
#pragma once

#include "cpython/containers.h"
#include "kinds/field_places.h"
#include "kinds/kind.h"

namespace leafwise {

// Of tuples of str, or null.
bool same_names(PyObject* a, PyObject* b) noexcept;

// What was last found out about the constructor of a class, which takes long: whether it is a generated one.
struct KnownConstructor {
  unsigned version = 0;  // of the class
  Ref code;
  bool is_generated = false;
};

struct Registration {
  PyObject_HEAD
  Kind kind;  // kCustom or kDataclass
  Ref type;
  // kCustom: flatten(object) -> (children, aux), unflatten(aux, children) -> object, and maybe
  // flatten_with_keys(object) -> ((key, child) pairs, aux).
  Ref flatten;
  Ref unflatten;
  Ref flatten_with_keys;
  // kDataclass: tuples of str.
  Ref data_fields;
  Ref meta_fields;
  Ref field_names;                    // meta fields, then data fields: fields are numbered so
  Ref keyword_names;                  // what the constructor calls each of these
  Ref field_order;                    // in which fields are set
  std::vector<size_t> setting_order;  // the same in numbers
  bool constructs_new = false;        // made by `__new__` and set, not by calling the class
  bool is_struct_sequence = false;    // made in neither way
  mutable FieldPlaces places;         // as the class was when it was last looked at
  mutable KnownConstructor known_constructor;
  mutable bool has_warned = false;  // of metadata that will make trouble

  // What is the same in registrations that give equal nodes: `unflatten`, or what was bound to the class to make it.
  Ref rebuilt_by;
  // How subclasses are registered when they are met (core/first_sight.h): not at all if it is empty, likewise if it is True,
  // else it is a function that gives their functions or fields.
  Ref subclasses;
  // Made when the class was met: the class may be changed so that it is none of a node any more.
  bool is_derived = false;

  PyTypeObject* type_object() const noexcept { return reinterpret_cast<PyTypeObject*>(type.get()); }
  // Two registrations give equal nodes if they are of the same class and rebuild it the same way, from the same fields.
  bool same_node(const Registration& other) const noexcept {
    return kind == other.kind && type.get() == other.type.get() && rebuilt_by.get() == other.rebuilt_by.get() &&
           same_names(data_fields.get(), other.data_fields.get()) &&
           same_names(meta_fields.get(), other.meta_fields.get());
  }
};

// `rebuilt_by` is what `unflatten` comes from, if the class is known by its methods.
Ref make_custom_registration(PyObject* type, PyObject* flatten, PyObject* unflatten, PyObject* flatten_with_keys,
                             PyObject* rebuilt_by = nullptr);

// How a class is registered by its fields; what is null or None is left to the default.
struct FieldsDescription {
  PyObject* data_fields;
  PyObject* meta_fields;
  PyObject* construct = nullptr;  // "init", the default, or "new"
  PyObject* order = nullptr;      // all fields; by default data fields, then meta fields
  PyObject* aliases = nullptr;    // a dict: what the constructor calls a field whose name is another one
};
Ref make_dataclass_registration(PyObject* type, const FieldsDescription& description);
// `subclasses` is True, or a function as Registration::subclasses has it; null and False mean none.
void set_subclasses(const Ref& registration, PyObject* subclasses);
// The same for a subclass.
Ref registration_of_subclass(const Registration& base, PyObject* subclass);
void mark_as_derived(const Ref& registration) noexcept;

// Makes the type object; called once, when the module is loaded.
void init_registration_type();

}  // namespace leafwise
