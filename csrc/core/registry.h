// The registry: which Python types are nodes, and of what kind.
//
// Looked up by exact type. A type that is not found may be a node by its methods or by a base class (core/first_sight.h);
// else it is a named tuple if it looks like one, else a leaf. A registry with a parent asks the parent for what it does
// not have itself. A registry may have sources, from which it takes over classes: it has to be refreshed, which runs
// Python code, before a walk begins. `Registry` is the C++ part of the Python class PyTreeRegistry
// (binding/bind_registry.cpp), which owns it.
#pragma once

#include "core/first_sight.h"
#include "core/sources.h"
#include "kinds/kind.h"
#include "kinds/registration.h"

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>

namespace leafwise {

// Which built-in containers are nodes.
struct RegistryProfile {
  bool none = true;
  bool tuple = true;
  bool list = true;
  bool dict = true;  // with OrderedDict and defaultdict
};

// What a registry knows of a type.
struct RegistryEntry {
  Kind kind = Kind::kLeaf;
  bool warns = false;          // an iterator: a leaf that is hardly wanted as one, unless it gets registered
  bool replaces_leaf = false;  // a registration in place of an entry that said: a leaf
  Ref registration;            // of a registered class
  Ref direct_references
      [4];  // type, flatten functions, unflatten: owned here as well, so that gc.get_referents shows them
};

// What an object is by its type.
struct Classification {
  Kind kind = Kind::kLeaf;
  bool warns = false;
  Ref registration;
};

class StructureCache;

class Registry {
 public:
  Registry();
  ~Registry();
  // A new registry knows nothing: call one of these, once. With a parent, whatever the profile has as false is a leaf
  // here, and all else is as in the parent.
  void init(const RegistryProfile& profile);
  void init_with_parent(const RegistryProfile& profile, Ref parent_object, const Registry& parent);

  // Null when neither this registry nor a parent knows the type. Valid until the next change of a registry.
  const RegistryEntry* find(PyTypeObject* type) const noexcept {
    for (const Registry* registry = this; registry != nullptr; registry = registry->parent_) {
      const auto found = registry->entries_.find(type);
      if (found != registry->entries_.end()) return &found->second;
    }
    return nullptr;
  }
  // The same for any type, but that it says "leaf" of named tuples. May run Python code.
  Classification classify_type(PyTypeObject* type) const {
    const KnownType& known = known_at(type);
    if (known.is_of(type)) return {known.kind, false, Ref()};
    return look_up(type);
  }
  // Whether objects of the type are known to be leaves, without a warning, if they are no named tuples. Runs no Python code.
  bool is_known_leaf(PyTypeObject* type) const {
    const KnownType& known = known_at(type);
    return known.is_of(type) ? known.kind == Kind::kLeaf : look_up_leaf(type);
  }
  // What was found out about types that are not registered, to be dropped: that may run Python code.
  [[nodiscard]] auto take_sights() const noexcept { return std::make_pair(sights_.take(), sights_by_methods().take()); }

  // Takes over what is new in the sources of this registry and of its parents.
  void refresh() const {
    for (const Registry* registry = this; registry != nullptr; registry = registry->parent_) {
      registry->sources_.refresh();
    }
  }
  void add_source(Ref dict, Ref sync) { sources_.add(std::move(dict), std::move(sync)); }

  // A dict: the node types that this registry has itself -> the tuple (flatten, unflatten, flatten_with_keys or None) or
  // (data_fields, meta_fields) with which they were registered; with two more items, (keyword_names, order), where an
  // object is not rebuilt by calling the class with its fields: what the constructor calls the meta, then the data fields,
  // and, instead of None, the order of all fields where they are set without it; None for the built-in ones.
  Ref registrations() const;

  // Throws ValueError if the type is known already.
  void add(Ref registration);
  // Throws ValueError if the type was not registered here.
  void remove(PyTypeObject* type);

  // Changes whenever any registry changes: what was looked up before may be out of date.
  static std::uint64_t version() noexcept { return version_; }

  // Structures that were made with this registry and this option.
  StructureCache& structures(bool none_is_leaf) const { return none_is_leaf ? *none_leaf_structures_ : *structures_; }

  const Ref& parent_object() const noexcept { return parent_object_; }
  int traverse(visitproc visit, void* arg) const;
  void clear() noexcept;

 private:
  // A type that was found to be one of leaves, or a built-in container. It is not owned: no tag comes twice.
  struct KnownType {
    PyTypeObject* type = nullptr;
    Kind kind = Kind::kLeaf;
    unsigned tag = 0;
    std::uint64_t version = 0;
    bool is_of(PyTypeObject* other) const noexcept {
      return type == other && tag == other->tp_version_tag && version == version_;
    }
  };
  KnownType& known_at(PyTypeObject* type) const noexcept {
    return known_types_[(reinterpret_cast<std::uintptr_t>(type) >> 5) % kKnownTypes];
  }
  static constexpr size_t kKnownTypes = 64;

  void add_builtin(PyTypeObject* type, Kind kind, bool warns = false);
  Classification look_up(PyTypeObject* type) const;
  bool look_up_leaf(PyTypeObject* type) const;
  void remember(PyTypeObject* type, Kind kind) const noexcept;
  // Whether a class was registered, here or in a parent, whose subclasses are nodes as well.
  bool has_heirs() const noexcept {
    for (const Registry* registry = this; registry != nullptr; registry = registry->parent_) {
      if (registry->num_with_subclasses_ > 0) return true;
    }
    return false;
  }

  inline static std::uint64_t version_ = 0;
  std::unordered_map<PyTypeObject*, RegistryEntry> entries_;
  size_t num_with_subclasses_ = 0;  // of the entries
  mutable FirstSights sights_{this};
  mutable std::array<KnownType, kKnownTypes> known_types_ = {};
  Sources sources_;
  Ref parent_object_;
  const Registry* parent_ = nullptr;  // inside parent_object_
  std::unique_ptr<StructureCache> structures_;
  std::unique_ptr<StructureCache> none_leaf_structures_;
};

}  // namespace leafwise
