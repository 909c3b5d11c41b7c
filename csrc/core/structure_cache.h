// Structures seen before: programs flatten the same structure again and again.
//
// A registry remembers the treedefs that were made with it. They are found by a fingerprint of the object: types, sizes
// and first keys along the way from the root to its first leaf. What is found is verified, object and treedef walked
// together (fast_walk.h), which is much faster than building a treedef; and the treedef itself is the result, so equal
// structures mostly are one object.
//
// The cache owns treedefs, and by them dict keys and classes, never leaves. It is bounded in entries and in nodes, where
// dict keys count as well; what does not fit pushes out what was not used for longest among the few that share its place.
// Any change of any registry empties it.
//
// Only structures are remembered that can be verified without asking user code: no classes registered with functions, no
// keys of user types (`remembered` in kinds/dispatch.h).
#pragma once

#include "core/flatten.h"
#include "core/leaf_types.h"

#include <memory>

namespace leafwise {

struct CacheInfo {
  std::int64_t hits = 0;
  std::int64_t misses = 0;
  std::int64_t entries = 0;
  std::int64_t nodes = 0;  // places in the arrays of nodes, and dict keys
};

// Classes with the tags that CPython gives to each state of a class: one that was changed may be no named tuple any more,
// or no heir of its base class (core/first_sight.h).
struct TypeVersion {
  PyTypeObject* type;
  unsigned tag;
  bool is_current() const noexcept { return type->tp_version_tag == tag; }
};
using TypeVersions = std::vector<TypeVersion>;

std::uint64_t fingerprint_of(PyObject* object) noexcept;

class StructureCache {
 public:
  StructureCache(const Registry& registry, bool none_is_leaf);
  ~StructureCache();
  StructureCache(const StructureCache&) = delete;
  StructureCache& operator=(const StructureCache&) = delete;

  // The treedef of `tree` and, if `leaves` is not null, its leaves as a list; an empty Ref if it is not remembered.
  // May run Python code.
  Ref find(PyObject* tree, std::uint64_t fingerprint, Ref* leaves);
  // The same for a tree that is a single leaf of a type that is known to be one; for others an empty Ref, too.
  Ref find_leaf(PyObject* tree, Ref* leaves);
  // Remembers a treedef which `flatten` has made, if a tree with this fingerprint came before: to remember
  // what comes but once would cost a third of the time of flattening it. May run Python code.
  void add(std::uint64_t fingerprint, const Ref& treedef);
  // The treedef of a leaf, which is always the same.
  const Ref& leaf(PyObject* registry_object);
  // Forgets everything; may run Python code.
  void clear();

  const CacheInfo& info() const noexcept { return info_; }
  int traverse(visitproc visit, void* arg) const;

 private:
  struct Entry {
    std::uint64_t fingerprint = 0;
    Ref treedef;
    TypeVersions unregistered;  // the node types that are no registered ones
  };
  static constexpr size_t kSets = 256;
  static constexpr size_t kWays = 4;
  static constexpr Py_ssize_t kMaxNodes = 1 << 20;

  using Set = std::array<Entry, kWays>;
  struct Memory {
    std::array<Set, kSets> sets;
    std::array<std::uint64_t, 4 * kSets> seen = {};  // fingerprints of what was not remembered
    LeafTypes leaf_types;
    Set& set_of(std::uint64_t fingerprint) noexcept { return sets[fingerprint % kSets]; }
    Memory(const Registry& registry, bool none_is_leaf) : leaf_types(registry, none_is_leaf) {}
  };

  void forget();
  bool is_outdated() const noexcept { return registry_version_ != Registry::version(); }

  const Registry& registry_;
  const bool none_is_leaf_;
  Ref leaf_;                        // null until it is asked for
  std::shared_ptr<Memory> memory_;  // null until something is remembered
  std::uint64_t registry_version_ = 0;
  CacheInfo info_;
};

// Of all caches there are.
void clear_all_caches();
CacheInfo info_of_all_caches();

}  // namespace leafwise
