#include "core/flatten.h"

#include "core/fast_walk.h"
#include "core/last_leaf_type.h"
#include "core/leaf_predicate.h"
#include "core/leaf_types.h"
#include "core/node_builder.h"
#include "core/placing.h"
#include "core/structure_cache.h"
#include "cpython/guards.h"
#include "cpython/signals.h"
#include "cpython/text.h"
#include "cpython/warnings.h"
#include "kinds/dispatch.h"
#include "kinds/unfit_metadata.h"

#include <optional>

namespace leafwise {

void warn_of_iterator(PyTypeObject* type) {
  warn(PyExc_DeprecationWarning,
       format_text(
           "Python iterable type '%s' is treated as a leaf in PyTree. Use is_leaf to suppress this warning if you "
           "want this behavior. In a future version of JAX, this will become an error.",
           type->tp_name));
}

void throw_too_deep() {
  throw_error<UnplacedError>(PyExc_RecursionError, "maximum recursion depth exceeded%s", kRecursionWhere);
}

namespace {

class Flattener {
 public:
  explicit Flattener(const FlattenOptions& options)
      : options_(options), max_depth_(static_cast<size_t>(Py_GetRecursionLimit())) {
    if (options.is_leaf != nullptr) predicate_.emplace(options.is_leaf, options.is_leaf_takes_path);
  }

  Flattened run(PyObject* tree) {
    agenda_.push(Ref::borrow(tree));
    SignalCheck signals;  // one object can be in a tree so often that the walk takes for ever
    while (!agenda_.empty()) {
      visit(agenda_.pop());
      signals.count_round();
    }
    return {std::move(leaves_), std::move(nodes_).finish(), has_unsure_leaves_};
  }

 private:
  void visit(Ref object) {
    if (predicate_ && (*predicate_)(object.get())) return add_leaf(std::move(object));
    // Most leaves are of the type of the leaf before them.
    if (last_leaf_type_.is_of(object.get())) return add_leaf(std::move(object));
    if (!predicate_ && looks_like_last_sibling(object.get())) return;
    const Classification found = classify(object.get(), *options_.registry, options_.none_is_leaf);
    if (found.kind == Kind::kLeaf) {
      if (found.warns) {
        warn_of_iterator(Py_TYPE(object.get()));
        has_unsure_leaves_ = true;
      } else if (PyTuple_Check(object.get())) {  // of these, an instance may become a named tuple by an attribute
        has_unsure_leaves_ = true;
      } else {
        last_leaf_type_.remember(object.get());
      }
      return add_leaf(std::move(object));
    }
    try {
      if (nodes_.depth() >= max_depth_) throw_too_deep();
      open(object.get(), found);
    } catch (const UnplacedError&) {
      throw_placed(object.get(), [&] { return nodes_.path_of_next(); });
    }
  }

  void add_leaf(Ref leaf) {
    leaves_.append(std::move(leaf));
    nodes_.add_leaf();
  }

  void open(PyObject* object, const Classification& found) {
    const bool can_borrow = found.kind == Kind::kTuple || (kHasGil && found.kind == Kind::kList);
    if (!predicate_ && can_borrow && Py_SIZE(object) > 0 &&
        are_leaves(PySequence_Fast_ITEMS(object), Py_SIZE(object))) {
      Node node(found.kind, Py_SIZE(object));
      leaves_.extend(object);
      return nodes_.add_with_leaves(std::move(node));
    }
    Node node = open_node(object, found, agenda_, options_.with_keys);
    if (node.kind == Kind::kDataclass) warn_of_unfit_metadata(node);
    if (predicate_) {
      predicate_->enter(node);
    } else if (node.arity > 0 && are_leaves(agenda_.next(node.arity), node.arity)) {
      for (Py_ssize_t i = 0; i < node.arity; ++i) leaves_.append(agenda_.pop());
      return nodes_.add_with_leaves(std::move(node));
    }
    nodes_.open(std::move(node));
  }

  // Whether all of some objects are leaves by their types: many containers are of leaves only. Runs no Python code.
  bool are_leaves(PyObject* const* objects, Py_ssize_t count) {
    PyTypeObject* last_type = last_leaf_type_.current();
    for (Py_ssize_t i = 0; i < count; ++i) {
      if (Py_TYPE(objects[i]) == last_type) continue;
      if (!is_leaf_by_type(objects[i])) return false;
      last_type = Py_TYPE(objects[i]);
    }
    return true;
  }

  bool is_leaf_by_type(PyObject* object) const {
    // What is hardly ever a leaf is not worth looking up, and of tuples it can't be said by the type.
    if (PyDict_CheckExact(object) || PyList_CheckExact(object) || PyTuple_Check(object)) return false;
    if (options_.none_is_leaf && object == Py_None) return true;
    return options_.registry->is_known_leaf(Py_TYPE(object));
  }

  // Lists are mostly of things that look the same. If the object does, this is seen much faster by the nodes of its
  // sibling than by making its own; its leaves are taken then, and nothing is left to do.
  bool looks_like_last_sibling(PyObject* object) {
    if (Registry::version() != first_version_) return false;  // what looks the same may be something else by now
    const Node* sibling = nodes_.expected(object);
    if (sibling == nullptr) return false;
    if (!leaf_types_) leaf_types_.emplace(*options_.registry, options_.none_is_leaf);
    expected_leaves_.resize(static_cast<size_t>(sibling->num_leaves));
    if (!read_one(*sibling, object, *leaf_types_, expected_leaves_.data())) {
      nodes_.was_not_as_expected();
      return false;
    }
    leaves_.extend(expected_leaves_.data(), sibling->num_leaves);
    nodes_.repeat_last_sibling();
    return true;
  }

  const FlattenOptions& options_;
  const size_t max_depth_;
  std::optional<LeafPredicate> predicate_;
  Agenda agenda_;
  GrowingList leaves_;
  NodeBuilder nodes_;
  LastLeafType last_leaf_type_;
  const std::uint64_t first_version_ = Registry::version();
  std::optional<LeafTypes> leaf_types_;      // as of that version
  ReusedVector<PyObject*> expected_leaves_;  // borrowed, in use for a moment only
  bool has_unsure_leaves_ = false;
};

}  // namespace

Classification classify(PyObject* object, const Registry& registry, bool none_is_leaf) {
  if (none_is_leaf && object == Py_None) return {};
  Classification found = registry.classify_type(Py_TYPE(object));
  if (found.kind == Kind::kLeaf && NamedTupleKind::recognises(object)) found.kind = Kind::kNamedTuple;
  return found;
}

bool is_node_type(PyObject* type, const Registry& registry) {
  if (PyType_Check(type) == 0) return false;
  return registry.classify_type(reinterpret_cast<PyTypeObject*>(type)).kind != Kind::kLeaf ||
         NamedTupleKind::recognises_type(type);
}

Node open_node(PyObject* object, const Classification& classification, Agenda& agenda, bool with_keys) {
  Node node(classification.kind);
  node.registration = classification.registration;
  with_kind(node.kind, [&](auto kind) { kind.open(object, node, agenda, with_keys); });
  return node;
}

Flattened flatten(PyObject* tree, const FlattenOptions& options) {
  const RecursionGuard guard(kRecursionWhere);
  return Flattener(options).run(tree);
}

namespace {

// `leaves` are wanted if it is not null; gives the treedef.
Ref remembered_or_new(PyObject* tree, const FlattenOptions& options, PyObject* registry_object, Ref* leaves) {
  // What a predicate says may be different each time.
  const bool may_be_remembered = options.is_leaf == nullptr;
  StructureCache& structures = options.registry->structures(options.none_is_leaf);
  std::uint64_t fingerprint = 0;
  if (may_be_remembered) {
    if (Ref treedef = structures.find_leaf(tree, leaves)) return treedef;
    fingerprint = fingerprint_of(tree);
    if (Ref treedef = structures.find(tree, fingerprint, leaves)) return treedef;
  }
  const std::uint64_t version = Registry::version();
  Flattened flattened = flatten(tree, options);
  const bool is_leaf = flattened.nodes.front().kind == Kind::kLeaf;
  Ref treedef = is_leaf ? structures.leaf(registry_object) : make_treedef(std::move(flattened.nodes), registry_object);
  if (may_be_remembered && !flattened.has_unsure_leaves && version == Registry::version()) {
    structures.add(fingerprint, treedef);
  }
  if (leaves != nullptr) *leaves = std::move(flattened.leaves).publish();
  return treedef;
}

}  // namespace

LeavesAndTreedef flatten_to_treedef(PyObject* tree, const FlattenOptions& options, PyObject* registry_object) {
  LeavesAndTreedef result;
  result.treedef = remembered_or_new(tree, options, registry_object, &result.leaves);
  return result;
}

Ref structure_of(PyObject* tree, const FlattenOptions& options, PyObject* registry_object) {
  return remembered_or_new(tree, options, registry_object, nullptr);
}

}  // namespace leafwise
