#include "core/structure_cache.h"

#include "core/fast_walk.h"
#include "cpython/new_list.h"
#include "kinds/dispatch.h"

#include <algorithm>

namespace leafwise {
namespace {

std::vector<StructureCache*> all_caches;

class Hash {
 public:
  void mix(std::uint64_t value) noexcept { value_ = (value_ ^ value) * 0x9E3779B97F4A7C15ULL; }
  std::uint64_t value() const noexcept { return value_ ^ (value_ >> 32); }

 private:
  std::uint64_t value_ = 0;
};

// What a structure counts for: its places in the array of nodes, and its dict keys, which may be many more.
std::int64_t weight_of(const TreeDef& treedef) noexcept {
  auto weight = static_cast<std::int64_t>(treedef.nodes.size());
  for (const Node& node : treedef.nodes) {
    if (node.keys) weight += node.arity;
  }
  return weight;
}

// The type of a node that nobody has registered, so that what it is depends on the class alone; else null.
PyTypeObject* unregistered_type(const Node& node) noexcept {
  if (node.kind == Kind::kNamedTuple) return NamedTupleKind::type(node);
  return node.registration && node.custom().is_derived ? node.custom().type_object() : nullptr;
}

// Notes these types of a structure; false if there are too many, or if one can't be told from its later self.
bool note_unregistered(const Nodes& nodes, TypeVersions& types) {
  constexpr size_t kMaxTypes = 16;
  for (const Node& node : nodes) {
    PyTypeObject* type = unregistered_type(node);
    const auto known = [&](const TypeVersion& version) { return version.type == type; };
    if (type == nullptr || std::any_of(types.begin(), types.end(), known)) continue;
    if (type->tp_version_tag == 0 || types.size() == kMaxTypes) return false;
    types.push_back({type, type->tp_version_tag});
  }
  return true;
}

bool are_current(const TypeVersions& types) {
  return std::all_of(types.begin(), types.end(), [](const TypeVersion& version) { return version.is_current(); });
}

}  // namespace

// Types and sizes of an object, of its first children, of the first children of the last container among these ...: with
// 4 levels and 4 children, enough to tell most structures of one program apart, and cheap.
std::uint64_t fingerprint_of(PyObject* object) noexcept {
  constexpr int kMaxDepth = 4;
  constexpr Py_ssize_t kMaxChildren = 4;
  Hash hash;
  hash.mix(reinterpret_cast<std::uintptr_t>(Py_TYPE(object)));
  // Without a GIL, what is in a container is there for as long as the container is locked, and no longer.
  const ContainerLock lock(object);
  for (int depth = 0; depth < (kHasGil ? kMaxDepth : 1) && object != nullptr; ++depth) {
    const Py_ssize_t size = size_of(object);
    PyObject* next_object = nullptr;
    const auto mix_child = [&](PyObject* child, std::uint64_t key) {
      const Py_ssize_t child_size = size_of(child);
      hash.mix(reinterpret_cast<std::uintptr_t>(Py_TYPE(child)) + static_cast<std::uint64_t>(child_size) + 3 * key);
      if (child_size > 0) next_object = child;
    };
    if (PyList_Check(object) || PyTuple_Check(object)) {
      for (Py_ssize_t i = 0; i < std::min(size, kMaxChildren); ++i) mix_child(PySequence_Fast_ITEMS(object)[i], 0);
    } else if (PyDict_Check(object)) {
      PyObject *key, *value;
      Py_ssize_t position = 0;
      const Py_ssize_t count = std::min(size, kMaxChildren);
      for (Py_ssize_t i = 0; i < count && PyDict_Next(object, &position, &key, &value) != 0; ++i) {
        // A dict's key has its hash. Equal strings need not be one object.
        mix_child(value, PyUnicode_CheckExact(key) ? static_cast<std::uint64_t>(PyObject_Hash(key)) : 0);
      }
    }
    object = next_object;
    hash.mix(static_cast<std::uint64_t>(size));
  }
  return hash.value();
}

StructureCache::StructureCache(const Registry& registry, bool none_is_leaf)
    : registry_(registry), none_is_leaf_(none_is_leaf) {
  all_caches.push_back(this);
}

StructureCache::~StructureCache() { all_caches.erase(std::find(all_caches.begin(), all_caches.end(), this)); }

Ref StructureCache::find_leaf(PyObject* tree, Ref* leaves) {
  if (!memory_ || !leaf_ || is_outdated() || !memory_->leaf_types.is_known(Py_TYPE(tree))) return Ref();
  Ref treedef = leaf_;
  if (leaves != nullptr) {
    // Making the list may run the garbage collector, and so any code.
    QuietNewList list(1);
    if (is_outdated()) return Ref();
    own(&tree, 1);
    *list.places() = tree;
    *leaves = std::move(list).publish();
  }
  ++info_.hits;
  return treedef;
}

Ref StructureCache::find(PyObject* tree, std::uint64_t fingerprint, Ref* leaves) {
  // Looked at again for each way: to read for the way before may have run Python code.
  for (size_t way = 0; way < kWays && memory_ && !is_outdated(); ++way) {
    Set& set = memory_->set_of(fingerprint);
    const Entry& entry = set[way];
    if (entry.fingerprint != fingerprint || !entry.treedef || !are_current(entry.unregistered)) continue;
    // Reading may run Python code, be it only that of the garbage collector when the list is made; and that may clear
    // the cache, put another structure in this place or change a class.
    const std::shared_ptr<Memory> memory = memory_;
    Ref treedef = entry.treedef;
    if (leaves == nullptr) {
      if (!has_structure(treedef_of(treedef.get()), tree, memory->leaf_types)) continue;
    } else {
      *leaves = read_leaves(treedef_of(treedef.get()), tree, &memory->leaf_types);
      if (!*leaves) continue;
    }
    if (memory != memory_ || entry.treedef.get() != treedef.get() || !are_current(entry.unregistered)) {
      // The list goes first: dropping what was forgotten may run Python code, and nobody shall find the list then.
      if (leaves != nullptr) *leaves = Ref();
      return Ref();
    }
    ++info_.hits;
    if (way > 0) std::rotate(set.begin(), set.begin() + way, set.begin() + way + 1);
    return treedef;
  }
  return Ref();
}

void StructureCache::add(std::uint64_t fingerprint, const Ref& treedef) {
  ++info_.misses;
  // Forgetting may run Python code, which may change a registry again; so the treedef has to come once more.
  if (memory_ && is_outdated()) return forget();
  if (!memory_) {
    memory_ = std::make_shared<Memory>(registry_, none_is_leaf_);
    registry_version_ = Registry::version();
  }
  std::uint64_t& seen = memory_->seen[(fingerprint >> 8) % memory_->seen.size()];
  if (std::exchange(seen, fingerprint) != fingerprint) return;

  const TreeDef& structure = treedef_of(treedef.get());
  const std::int64_t weight = weight_of(structure);
  Entry entry;
  if (weight > kMaxNodes / 4 || !note_unregistered(structure.nodes, entry.unregistered)) return;
  // Looks for names in classes, where there can be anything: keys of a user's type, too.
  if (reading_of(structure) == Reading::kNever || !memory_ || is_outdated()) return;
  if (info_.nodes + weight > kMaxNodes) return forget();
  entry.fingerprint = fingerprint;
  entry.treedef = treedef;
  info_.nodes += weight;
  ++info_.entries;
  Set& set = memory_->set_of(fingerprint);
  std::rotate(set.begin(), set.end() - 1, set.end());
  std::swap(set.front(), entry);
  if (!entry.treedef) return;
  info_.nodes -= weight_of(treedef_of(entry.treedef.get()));
  --info_.entries;
  // What was pushed out is dropped here, when all is in order.
}

const Ref& StructureCache::leaf(PyObject* registry_object) {
  if (!leaf_) {
    Ref made = leaf_treedef(registry_object);
    if (!leaf_) leaf_ = std::move(made);
  }
  return leaf_;
}

void StructureCache::forget() {
  info_.entries = info_.nodes = 0;
  const Ref dropped_leaf = std::move(leaf_);
  const std::shared_ptr<Memory> dropped = std::move(memory_);
}

void StructureCache::clear() {
  const auto dropped = registry_.take_sights();  // last of all, when this cache may be gone
  info_ = CacheInfo();
  forget();
}

int StructureCache::traverse(visitproc visit, void* arg) const {
  if (const int stop = visit_ref(leaf_, visit, arg)) return stop;
  if (!memory_) return 0;
  for (const Set& set : memory_->sets) {
    for (const Entry& entry : set) {
      if (const int stop = visit_ref(entry.treedef, visit, arg)) return stop;
    }
  }
  return memory_->leaf_types.traverse(visit, arg);
}

void clear_all_caches() {
  // Dropping treedefs may run Python code, by which caches may come and go, and may drop the registry of the cache itself.
  // From the end, because those behind the one that goes move up, and none of them may be left out.
  for (size_t i = all_caches.size(); i > 0; i = std::min(i - 1, all_caches.size())) all_caches[i - 1]->clear();
}

CacheInfo info_of_all_caches() {
  CacheInfo total;
  for (const StructureCache* cache : all_caches) {
    const CacheInfo& info = cache->info();
    total.hits += info.hits;
    total.misses += info.misses;
    total.entries += info.entries;
    total.nodes += info.nodes;
  }
  return total;
}

}  // namespace leafwise
