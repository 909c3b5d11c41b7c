#include "core/registry.h"

#include "core/structure_cache.h"
#include "cpython/error.h"
#include "kinds/dicts.h"

#include <array>

namespace leafwise {
namespace {

// Iterators and views that are taken for containers easily. JAX announces that they will become errors.
PyTypeObject* const kIteratorTypes[] = {
    &PyGen_Type,         &PyDictValues_Type,    &PyZip_Type,          &PyMap_Type,       &PyFilter_Type,
    &PyEnum_Type,        &PyReversed_Type,      &PyListIter_Type,     &PyTupleIter_Type, &PySetIter_Type,
    &PyDictIterKey_Type, &PyDictIterValue_Type, &PyDictIterItem_Type,
};

struct Builtin {
  PyTypeObject* type;
  Kind kind;
  bool enabled;
};
std::array<Builtin, 6> builtins(const RegistryProfile& profile) {
  return {{{Py_TYPE(Py_None), Kind::kNone, profile.none},
           {&PyTuple_Type, Kind::kTuple, profile.tuple},
           {&PyList_Type, Kind::kList, profile.list},
           {&PyDict_Type, Kind::kDict, profile.dict},
           {ordered_dict_type(), Kind::kOrderedDict, profile.dict},
           {default_dict_type(), Kind::kDefaultDict, profile.dict}}};
}

PyObject* as_object(PyTypeObject* type) { return reinterpret_cast<PyObject*>(type); }

// What was given when the class was registered.
Ref arguments_of(const Ref& registration_object) {
  const auto& registration = *reinterpret_cast<const Registration*>(registration_object.get());
  if (registration.kind == Kind::kDataclass) {
    const bool is_called_by_names =
        !registration.constructs_new && registration.keyword_names.get() == registration.field_names.get();
    if (is_called_by_names) return pair_of(registration.data_fields, registration.meta_fields);
    return tuple_from({registration.data_fields, registration.meta_fields, registration.keyword_names,
                       registration.constructs_new ? registration.field_order : Ref::none()});
  }
  Refs functions = {registration.flatten, registration.unflatten, registration.flatten_with_keys};
  if (!functions.back()) functions.back() = Ref::none();
  return tuple_from(std::move(functions));
}

}  // namespace

Registry::Registry()
    : structures_(std::make_unique<StructureCache>(*this, false)),
      none_leaf_structures_(std::make_unique<StructureCache>(*this, true)) {}

Registry::~Registry() = default;

void Registry::init(const RegistryProfile& profile) {
  for (const Builtin& builtin : builtins(profile)) {
    // What is a leaf here is entered, too: then no registered base makes a node of it.
    add_builtin(builtin.type, builtin.enabled ? builtin.kind : Kind::kLeaf);
  }
  for (PyTypeObject* type : kIteratorTypes) add_builtin(type, Kind::kLeaf, true);
}

void Registry::init_with_parent(const RegistryProfile& profile, Ref parent_object, const Registry& parent) {
  for (const Builtin& builtin : builtins(profile)) {
    if (!builtin.enabled) add_builtin(builtin.type, Kind::kLeaf);
  }
  parent_object_ = std::move(parent_object);
  parent_ = &parent;
}

void Registry::add_builtin(PyTypeObject* type, Kind kind, bool warns) {
  RegistryEntry entry;
  entry.kind = kind;
  entry.warns = warns;
  entry.direct_references[0] = Ref::borrow(as_object(type));
  entries_.emplace(type, std::move(entry));
  ++version_;
}

Classification Registry::look_up(PyTypeObject* type) const {
  if (const RegistryEntry* entry = find(type)) {
    if (!entry->registration && !entry->warns) remember(type, entry->kind);
    return {entry->kind, entry->warns, entry->registration};
  }
  Ref registration = has_heirs() ? sights_.find(type, version_) : sights_by_methods().find(type, 0);
  if (registration) {
    const Kind kind = reinterpret_cast<const Registration*>(registration.get())->kind;
    return {kind, false, std::move(registration)};
  }
  look_up_leaf(type);  // remembers it, if that is certain
  return {};
}

bool Registry::look_up_leaf(PyTypeObject* type) const {
  const RegistryEntry* entry = find(type);
  const bool is_leaf = entry != nullptr ? entry->kind == Kind::kLeaf && !entry->warns
                       : has_heirs()    ? sights_.is_known_leaf(type, version_)
                                        : sights_by_methods().is_known_leaf(type, 0);
  if (is_leaf) remember(type, Kind::kLeaf);
  return is_leaf;
}

void Registry::remember(PyTypeObject* type, Kind kind) const noexcept {
  if (type->tp_version_tag != 0) known_at(type) = {type, kind, type->tp_version_tag, version_};
}

void Registry::add(Ref registration_object) {
  const auto& registration = *reinterpret_cast<const Registration*>(registration_object.get());
  PyTypeObject* type = registration.type_object();
  const RegistryEntry* known = find(type);
  if (known != nullptr && known->kind != Kind::kLeaf) {
    const char* what = registration.kind == Kind::kDataclass ? "dataclass " : "";
    throw_error(PyExc_ValueError, "Duplicate custom %sPyTreeDef type registration for %R.", what, type);
  }
  if (registration.subclasses && type == &PyBaseObject_Type) {
    throw_error(PyExc_ValueError, "subclasses=True is not for %R: nothing would be a leaf", type);
  }
  RegistryEntry entry;
  entry.kind = registration.kind;
  entry.direct_references[0] = registration.type;
  entry.direct_references[1] = registration.flatten;
  entry.direct_references[2] = registration.unflatten;
  entry.direct_references[3] = registration.flatten_with_keys;
  entry.registration = std::move(registration_object);
  const auto known_leaf = entries_.find(type);
  if (known_leaf != entries_.end()) {
    entry.replaces_leaf = true;
    entry.warns = known_leaf->second.warns;
  }
  if (registration.subclasses) ++num_with_subclasses_;
  std::swap(entries_[type], entry);
  ++version_;
}

void Registry::remove(PyTypeObject* type) {
  const auto found = entries_.find(type);
  if (found == entries_.end() || (found->second.kind == Kind::kLeaf)) {
    throw_error(PyExc_ValueError, "Cannot unregister %R: it is not registered.", type);
  }
  if (!found->second.registration) throw_error(PyExc_ValueError, "Cannot unregister built-in node type %R.", type);
  if (reinterpret_cast<const Registration*>(found->second.registration.get())->subclasses) --num_with_subclasses_;
  // Taken out first, dropped at the end of the scope: dropping may run code that looks at this registry.
  const RegistryEntry removed = std::move(found->second);
  entries_.erase(found);
  if (removed.replaces_leaf) add_builtin(type, Kind::kLeaf, removed.warns);
  ++version_;
  const auto dropped_sights = sights_.take();  // they own the subclasses
}

Ref Registry::registrations() const {
  // Listed first: making Python objects may run the garbage collector, and so any code.
  struct Known {
    Ref type;
    Ref registration;
  };
  std::vector<Known> known;
  for (const auto& [type, entry] : entries_) {
    if (entry.kind != Kind::kLeaf) known.push_back({Ref::borrow(as_object(type)), entry.registration});
  }
  const Ref result = checked(PyDict_New());
  for (const Known& node : known) {
    const Ref arguments = node.registration ? arguments_of(node.registration) : Ref::none();
    check_status(PyDict_SetItem(result.get(), node.type.get(), arguments.get()));
  }
  return result;
}

int Registry::traverse(visitproc visit, void* arg) const {
  if (const int stop = structures_->traverse(visit, arg)) return stop;
  if (const int stop = none_leaf_structures_->traverse(visit, arg)) return stop;
  if (const int stop = visit_ref(parent_object_, visit, arg)) return stop;
  if (const int stop = sources_.traverse(visit, arg)) return stop;
  if (const int stop = sights_.traverse(visit, arg)) return stop;
  for (const auto& [type, entry] : entries_) {
    if (const int stop = visit_ref(entry.registration, visit, arg)) return stop;
    for (const Ref& reference : entry.direct_references) {
      if (const int stop = visit_ref(reference, visit, arg)) return stop;
    }
  }
  return 0;
}

void Registry::clear() noexcept {
  const auto dropped_entries = std::exchange(entries_, {});
  const auto dropped_sights = sights_.take();
  num_with_subclasses_ = 0;
  sources_.clear();
  parent_ = nullptr;
  const Ref dropped_parent = std::move(parent_object_);
  ++version_;
  structures_->clear();
  none_leaf_structures_->clear();
}

}  // namespace leafwise
