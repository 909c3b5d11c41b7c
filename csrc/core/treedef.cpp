#include "core/treedef.h"

#include "core/build_plan.h"
#include "core/node_builder.h"
#include "cpython/guards.h"
#include "cpython/heap_object.h"
#include "kinds/dispatch.h"

#include <algorithm>
#include <functional>
#include <limits>

namespace leafwise {

PyTypeObject* treedef_type = nullptr;

TreeDef::TreeDef() noexcept = default;
TreeDef::~TreeDef() = default;

namespace {

size_t checked_product(size_t a, size_t b) {
  if (a != 0 && b > std::numeric_limits<size_t>::max() / a) throw std::bad_alloc();
  return a * b;
}

}  // namespace

Ref make_treedef(Nodes nodes, PyObject* registry) {
  Ref object = make_heap_object<TreeDef>(treedef_type);
  auto* treedef = reinterpret_cast<TreeDef*>(object.get());
  treedef->nodes = std::move(nodes);
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
  for (Py_ssize_t i = 0; i < treedef.root().arity; ++i) {
    if (treedef.root().has_implied_leaves()) {
      children.push_back(leaf_treedef(registry));
      continue;
    }
    Nodes nodes;
    for (const Node* node = child; node != child + child->extent; ++node) nodes.push_back(node->clone());
    child += child->extent;
    children.push_back(make_treedef(std::move(nodes), registry));
  }
  return list_from(std::move(children));
}

Ref treedef_tuple(const Refs& treedefs, PyObject* registry) {
  NodeBuilder builder;
  builder.open(Node(Kind::kTuple, static_cast<Py_ssize_t>(treedefs.size())));
  for (const Ref& treedef : treedefs) builder.add_copy_of(treedef_of(treedef.get()).nodes);
  return make_treedef(std::move(builder).finish(), registry);
}

Ref compose(const TreeDef& outer, const TreeDef& inner) {
  NodeBuilder builder;
  // Reserved at once, so that a structure too large for the memory fails before anything is built.
  builder.reserve(outer.nodes.size() + checked_product(static_cast<size_t>(outer.num_leaves()), inner.nodes.size()));
  for (const Node& node : outer.nodes) {
    if (node.kind != Kind::kLeaf) builder.open(node.clone());
    const Py_ssize_t leaves = node.has_implied_leaves() ? node.arity : node.kind == Kind::kLeaf ? 1 : 0;
    for (Py_ssize_t i = 0; i < leaves; ++i) builder.add_copy_of(inner.nodes);
  }
  return make_treedef(std::move(builder).finish(), outer.registry.get());
}

Reading reading_of(const TreeDef& treedef) {
  if (treedef.reading == Reading::kUnknown) {
    Reading reading = Reading::kBorrowed;
    for (const Node& node : treedef.nodes) {
      with_kind(node.kind, [&](auto kind) {
        if (kind.kReadsOwned) reading = Reading::kOwned;
        if (!kind.remembered(node)) reading = Reading::kNever;
      });
      if (reading == Reading::kNever) break;
    }
    treedef.reading = reading;
  }
  return treedef.reading;
}

namespace {

bool are_known_equal(const TreeDef& a, const TreeDef& b) {
  return &a == &b || a.known_equal.get() == reinterpret_cast<const PyObject*>(&b) ||
         b.known_equal.get() == reinterpret_cast<const PyObject*>(&a);
}

bool are_known_unequal(const TreeDef& a, const TreeDef& b) {
  return a.nodes.size() != b.nodes.size() || a.num_leaves() != b.num_leaves() ||
         (a.hash_value != -1 && b.hash_value != -1 && a.hash_value != b.hash_value);
}

bool have_equal_nodes(const TreeDef& a, const TreeDef& b) {
  for (size_t i = 0; i < a.nodes.size(); ++i) {
    const Node &node = a.nodes[i], &other = b.nodes[i];
    if (node.kind != other.kind || node.arity != other.arity || node.extent != other.extent) return false;
    if (!with_kind(node.kind, [&](auto kind) { return kind.same_data(node, other); })) return false;
  }
  return true;
}

}  // namespace

bool equal(const TreeDef& a, const TreeDef& b) {
  if (are_known_equal(a, b)) return true;
  if (are_known_unequal(a, b) || !have_equal_nodes(a, b)) return false;
  if (reading_of(a) == Reading::kBorrowed && reading_of(b) == Reading::kBorrowed) {
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
  for (const Node& node : treedef.nodes) {
    mix(static_cast<Py_hash_t>(node.kind));
    mix(node.arity);
    mix(node.extent);
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
  for (const Node& node : treedef_of(object).nodes) {
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
