// First sight: what is found out about a class that no registry knows, when the first object of it is met.
//
// Such a class is a node if it has the methods of one: `__tree_flatten__` and `__tree_unflatten__`, maybe
// `__tree_flatten_with_keys__` (cpython/special_methods.h). Or if its nearest registered base class was registered for its
// subclasses, too. What stands nearer in the MRO wins; in one class, the registration.
//
// To find that out may run Python code. So it is remembered, for leaves as well, with the tag that CPython gives to each
// state of a class: a class that was changed, or one of whose bases was, has another tag, and is looked at again. Who must
// not run Python code asks `is_known_leaf`, and takes a no for "find out the careful way".
//
// Known limit: the classes that are nodes are owned here until `clear_cache()`, or until many more were seen, because a
// Registration owns its class. The classes of leaves are not owned: no tag comes twice.
#pragma once

#include "kinds/registration.h"

#include <cstdint>
#include <unordered_map>

namespace leafwise {

class Registry;

class FirstSights {
 public:
  // What classes are for a registry by all that decides; without one, by their methods alone.
  explicit FirstSights(const Registry* registry = nullptr) : registry_(registry) {}

  // `version` is that of the registries, or 0 where these do not matter: what was found out with another one is out of date.
  //
  // Whether objects of the type are known to be no nodes; those of a subclass of tuple may be named tuples yet. Runs no
  // Python code.
  bool is_known_leaf(PyTypeObject* type, std::uint64_t version) {
    const auto found = sights_.find(type);
    if (found != sights_.end() && found->second.is_current(type, version)) return !found->second.registration;
    return registry_ == nullptr && is_leaf_for_sure(type);
  }
  // How objects of the type are taken apart; an empty Ref if they are no nodes. May run Python code, and throws TypeError
  // for a class that has only some of the methods.
  Ref find(PyTypeObject* type, std::uint64_t version) {
    const auto found = sights_.find(type);
    if (found != sights_.end() && found->second.is_current(type, version)) return found->second.registration;
    return look_at(type, version);
  }

  // Everything, to be dropped: that may run Python code.
  [[nodiscard]] auto take() noexcept { return std::exchange(sights_, {}); }
  int traverse(visitproc visit, void* arg) const;

 private:
  struct Sight {
    unsigned tag = 0;
    std::uint64_t version = 0;
    Ref registration;
    bool is_current(PyTypeObject* type, std::uint64_t wanted_version) const noexcept {
      return tag == type->tp_version_tag && version == wanted_version;
    }
  };
  static constexpr size_t kMaxClasses = 1024;

  bool is_leaf_for_sure(PyTypeObject* type);
  Ref look_at(PyTypeObject* type, std::uint64_t version);
  void remember(PyTypeObject* type, Sight sight);

  const Registry* registry_;
  std::unordered_map<PyTypeObject*, Sight> sights_;
};

// What classes are by their methods, which is the same for all registries.
FirstSights& sights_by_methods() noexcept;

}  // namespace leafwise
