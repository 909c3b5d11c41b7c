#include "core/treedef.h"

#include "core/build_plan.h"
#include "core/node_builder.h"
#include "core/unrolled.h"
#include "cpython/guards.h"
#include "cpython/heap_object.h"
#include "kinds/dispatch.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <set>

namespace leafwise {

PyTypeObject* treedef_type = nullptr;

TreeDef::TreeDef() noexcept = default;
TreeDef::~TreeDef() = default;

namespace {

// So many times `b` nodes, if there could be memory for them: what no machine has is not asked for, because some
// allocators end the process rather than refuse it.
size_t checked_product(size_t a, size_t b) {
  constexpr size_t kMaxNodes = (sizeof(size_t) > 4 ? SIZE_MAX >> 24 : SIZE_MAX) / sizeof(Node);  // a terabyte
  if (a != 0 && b > kMaxNodes / a) throw std::bad_alloc();
  return a * b;
}

}  // namespace

Ref make_treedef(Nodes nodes, PyObject* registry) {
  Ref object = make_heap_object<TreeDef>(treedef_type);
  auto* treedef = reinterpret_cast<TreeDef*>(object.get());
  treedef->nodes = std::move(nodes);
  treedef->has_repeats =
      std::any_of(treedef->nodes.begin(), treedef->nodes.end(), [](const Node& node) { return node.repeats > 1; });
  treedef->registry = Ref::borrow(registry);
  PyObject_GC_Track(object.get());
  return object;
}

Ref leaf_treedef(PyObject* registry) {
  Nodes nodes;
  nodes.push_back(Node::leaf());
  return make_treedef(std::move(nodes), registry);
}

Ref treedef_children(const TreeDef& treedef) {
  PyObject* registry = treedef.registry.get();
  Refs children;
  const Node* child = treedef.nodes.data() + 1;
  Py_ssize_t repeat = 0;
  for (Py_ssize_t i = 0; i < treedef.root().arity; ++i) {
    if (treedef.root().has_implied_leaves()) {
      children.push_back(leaf_treedef(registry));
      continue;
    }
    Nodes nodes;
    for (const Node* node = child; node != child + child->extent; ++node) nodes.push_back(node->clone());
    nodes.front().repeats = 1;
    children.push_back(make_treedef(std::move(nodes), registry));
    if (++repeat < child->repeats) continue;
    repeat = 0;
    child += child->extent;
  }
  return list_from(std::move(children));
}

Ref treedef_tuple(const Refs& treedefs, PyObject* registry) {
  NodeBuilder builder;
  builder.open(Node(Kind::kTuple, static_cast<Py_ssize_t>(treedefs.size())));
  for (const Ref& treedef : treedefs) builder.add_copy_of(treedef_of(treedef.get()).root());
  return make_treedef(std::move(builder).finish(), registry);
}

Ref compose(const TreeDef& outer, const TreeDef& inner) {
  NodeBuilder builder;
  // Reserved at once, so that a structure too large for the memory fails before anything is built: also where equal
  // siblings would make it small, because nobody could do anything with it.
  const auto num_inner_nodes = static_cast<size_t>(inner.root().num_nodes);
  builder.reserve(checked_product(static_cast<size_t>(outer.num_leaves()), num_inner_nodes));
  for (const Node& node : Unrolled(outer.root())) {
    if (node.kind != Kind::kLeaf) builder.open(node.clone());
    const Py_ssize_t leaves = node.has_implied_leaves() ? node.arity : node.kind == Kind::kLeaf ? 1 : 0;
    for (Py_ssize_t i = 0; i < leaves; ++i) builder.add_copy_of(inner.root());
  }
  return make_treedef(std::move(builder).finish(), outer.registry.get());
}

Reading reading_of(const Node& root) {
  Reading reading = Reading::kBorrowed;
  for (const Node* node = &root; node != &root + root.extent; ++node) {
    const bool remembered = with_kind(node->kind, [&](auto kind) {
      if (kind.kHasFields) reading = Reading::kOwned;
      return kind.remembered(*node);
    });
    if (!remembered) return Reading::kNever;
  }
  return reading;
}

Reading reading_of(const TreeDef& treedef) {
  if (treedef.reading == Reading::kUnknown) treedef.reading = reading_of(treedef.root());
  return treedef.reading;
}

namespace {

bool reads_borrowed(const Node& node) {
  return with_kind(node.kind, [&](auto kind) { return kind.reads_borrowed(node); });
}

// One node of each class that has fields.
std::vector<std::uint32_t> nodes_with_fields(const Nodes& nodes) {
  std::vector<std::uint32_t> found;
  std::set<PyObject*> known;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const bool has_fields = with_kind(nodes[i].kind, [](auto kind) { return kind.kHasFields; });
    if (has_fields && known.insert(nodes[i].registration.get()).second) found.push_back(static_cast<std::uint32_t>(i));
  }
  return found;
}

}  // namespace

Reading reading_now(const Node& root) {
  const Reading reading = reading_of(root);
  if (!kHasGil && reading == Reading::kBorrowed) return Reading::kOwned;
  if (!kHasGil || reading != Reading::kOwned) return reading;
  return std::all_of(&root, &root + root.extent, reads_borrowed) ? Reading::kBorrowed : Reading::kOwned;
}

Reading reading_now(const TreeDef& treedef) {
  const Reading reading = reading_of(treedef);
  if (!kHasGil && reading == Reading::kBorrowed) return Reading::kOwned;
  if (!kHasGil || reading != Reading::kOwned) return reading;
  if (treedef.nodes_with_fields.empty()) treedef.nodes_with_fields = nodes_with_fields(treedef.nodes);
  const auto can_borrow = [&](std::uint32_t index) { return reads_borrowed(treedef.nodes[index]); };
  const auto& indices = treedef.nodes_with_fields;
  return std::all_of(indices.begin(), indices.end(), can_borrow) ? Reading::kBorrowed : Reading::kOwned;
}

namespace {

bool are_known_equal(const TreeDef& a, const TreeDef& b) {
  return &a == &b || a.known_equal.get() == reinterpret_cast<const PyObject*>(&b) ||
         b.known_equal.get() == reinterpret_cast<const PyObject*>(&a);
}

bool are_known_unequal(const TreeDef& a, const TreeDef& b) {
  return a.root().num_nodes != b.root().num_nodes || a.num_leaves() != b.num_leaves() ||
         (a.hash_value != -1 && b.hash_value != -1 && a.hash_value != b.hash_value);
}

bool are_equal(const Node& node, const Node& other) {
  return node.kind == other.kind && node.arity == other.arity && node.num_nodes == other.num_nodes &&
         node.has_implied_leaves() == other.has_implied_leaves() &&
         with_kind(node.kind, [&](auto kind) { return kind.same_data(node, other); });
}

// Whether the arrays have their repeated siblings at the same places, as those of equal structures mostly do. Not always:
// {1: x} and {True: x} are equal, but one can't stand for the other.
bool are_repeated_alike(const Nodes& a, const Nodes& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Node& node, const Node& other) {
    return node.extent == other.extent && node.repeats == other.repeats;
  });
}

bool have_equal_nodes(const TreeDef& a, const TreeDef& b) {
  if (are_repeated_alike(a.nodes, b.nodes))
    return std::equal(a.nodes.begin(), a.nodes.end(), b.nodes.begin(), are_equal);
  const Unrolled a_nodes(a.root()), b_nodes(b.root());
  auto other = b_nodes.begin();
  for (const Node& node : a_nodes) {  // as long as they are equal, they have as many nodes
    if (!are_equal(node, *other)) return false;
    ++other;
  }
  return true;
}

// Whether nothing of a user's can change its mind about two equal treedefs.
bool stay_equal(const TreeDef& a, const TreeDef& b) {
  if (reading_of(a) == Reading::kBorrowed && reading_of(b) == Reading::kBorrowed) return true;
  const Unrolled other_nodes(b.root());
  auto other = other_nodes.begin();
  for (const Node& node : Unrolled(a.root())) {
    if (!with_kind(node.kind, [&](auto kind) { return kind.stays_equal(node, *other); })) return false;
    ++other;
  }
  return true;
}

}  // namespace

bool equal(const TreeDef& a, const TreeDef& b) {
  if (are_known_equal(a, b)) return true;
  if (are_known_unequal(a, b) || !have_equal_nodes(a, b)) return false;
  if (stay_equal(a, b)) {
    const bool a_is_lower = std::less<>()(&a, &b);
    const TreeDef &lower = a_is_lower ? a : b, &higher = a_is_lower ? b : a;
    lower.known_equal = Ref::borrow(reinterpret_cast<PyObject*>(const_cast<TreeDef*>(&higher)));
  }
  return true;
}

Py_hash_t hash(const TreeDef& treedef) {
  if (treedef.hash_value != -1) return treedef.hash_value;
  Py_uhash_t result = 0x345678UL;
  const auto mix = [&](Py_hash_t value) { result = (result ^ static_cast<Py_uhash_t>(value)) * 1000003UL + 82520UL; };
  for (const Node& node : Unrolled(treedef.root())) {
    mix(static_cast<Py_hash_t>(node.kind));
    mix(node.arity);
    mix(node.num_nodes);
    mix(node.has_implied_leaves() ? 1 : 0);
    mix(with_kind(node.kind, [&](auto kind) { return kind.hash_data(node); }));
  }
  treedef.hash_value = result == static_cast<Py_uhash_t>(-1) ? -2 : static_cast<Py_hash_t>(result);
  return treedef.hash_value;
}

Ref repr(PyObject* object) {
  const ReprGuard guard(object);
  if (guard.already_printing()) return format_text("PyTreeDef(...)");

  struct OpenNode {
    const Node* node;
    Py_ssize_t next_child;
  };
  std::vector<OpenNode> open_nodes;
  TextBuilder text;
  const auto print_before_next_child = [&] {
    OpenNode& parent = open_nodes.back();
    with_kind(parent.node->kind, [&](auto kind) { kind.print_before_child(*parent.node, parent.next_child, text); });
    ++parent.next_child;
  };

  text.add("PyTreeDef(");
  for (const Node& node : Unrolled(treedef_of(object).root())) {
    if (!open_nodes.empty()) print_before_next_child();
    with_kind(node.kind, [&](auto kind) { kind.print_open(node, text); });
    open_nodes.push_back({&node, 0});
    for (Py_ssize_t i = 0; node.has_implied_leaves() && i < node.arity; ++i) {
      print_before_next_child();
      text.add("*");
    }
    while (!open_nodes.empty() && open_nodes.back().next_child == open_nodes.back().node->arity) {
      const Node& complete = *open_nodes.back().node;
      with_kind(complete.kind, [&](auto kind) { kind.print_close(complete, text); });
      open_nodes.pop_back();
    }
  }
  text.add(")");
  return text.join();
}

}  // namespace leafwise
