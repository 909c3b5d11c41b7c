#include "core/unflatten.h"

#include "core/build_plan.h"
#include "core/small_stack.h"
#include "core/unrolled.h"
#include "cpython/guards.h"
#include "kinds/dispatch.h"

namespace leafwise {
namespace {

// Goes through the nodes with a stack of results; whenever the children of a container are complete, `build(node,
// children)` makes them one result. `leaves` are the results for the leaves, used up from front to back.
template <class NodeRange, class Build>
Ref rebuild(const NodeRange& nodes, Items leaves, Build&& build) {
  struct OpenNode {
    const Node* node;
    Py_ssize_t remaining_children;
  };
  SmallStack<OpenNode> open_nodes;
  SmallRefStack results;
  for (const Node& node : nodes) {
    if (node.kind == Kind::kLeaf) {
      results.push(leaves.take(0));
      leaves = leaves.after(1);
    } else if (node.extent == 1) {  // no children, or only leaves
      results.push(build(node, leaves));
      leaves = leaves.after(node.arity);
    } else {
      open_nodes.push({&node, node.arity});
      continue;
    }
    while (!open_nodes.empty() && --open_nodes.top().remaining_children == 0) {
      const Node& complete = *open_nodes.top().node;
      const auto arity = static_cast<size_t>(complete.arity);
      Ref built = build(complete, results.top(arity));
      results.pop(arity);
      results.push(std::move(built));
      open_nodes.pop();
    }
  }
  return std::move(*results.top(1));
}

template <class Build>
Ref rebuild(const TreeDef& treedef, Items leaves, Build&& build) {
  return with_nodes(treedef, [&](const auto& nodes) { return rebuild(nodes, leaves, build); });
}

Ref build(const Node& node, Items children) {
  return with_kind(node.kind, [&](auto kind) { return kind.build(node, children); });
}

// A plan costs about as much as it saves in one rebuilding, and much more where a class is met that no plan was made for
// yet. So a treedef gets it when it is rebuilt again, and a new one when its classes have changed, unless they do so all the
// time. Who uses it shares it, because Python code that runs meanwhile may bring about a new one.
std::shared_ptr<const BuildPlan> build_plan(const TreeDef& treedef) {
  constexpr unsigned char kMaxPlans = 8;
  const bool is_outdated = treedef.build_plan && !treedef.build_plan->is_current();
  if (treedef.was_rebuilt && (!treedef.build_plan || is_outdated) && treedef.plans_made < kMaxPlans) {
    ++treedef.plans_made;
    treedef.build_plan = std::make_shared<const BuildPlan>(treedef.nodes);
  }
  treedef.was_rebuilt = true;
  return treedef.build_plan;
}

// What the plan makes of the children of a node, or what `build_otherwise` makes of them where the plain way has to be taken.
// `are_current`: the plan's classes are known to be as they were.
template <class BuildOtherwise>
Ref build_by(const BuildPlan& plan, size_t node_index, const Node& node, Items children, bool are_current,
             BuildOtherwise&& build_otherwise) {
  if (const DictTemplate* dict_template = plan.dict_template(node_index)) return dict_template->make(children);
  const InstanceMaker* maker = plan.instance_maker(node_index);
  if (maker != nullptr && (are_current || maker->is_current())) return maker->make(node, children);
  return build_otherwise(node, children);
}

Ref build_tree(const TreeDef& treedef, const BuildPlan* plan, Items leaves) {
  if (plan == nullptr) return rebuild(treedef, leaves, build);
  const Node* first_node = treedef.nodes.data();
  return rebuild(treedef, leaves, [&](const Node& node, Items children) {
    return build_by(*plan, static_cast<size_t>(&node - first_node), node, children, false, build);
  });
}

Ref build_unseen(const Node& node, Items children) {
  return node.kind == Kind::kNamedTuple ? NamedTupleKind::assemble(node, children) : build(node, children);
}

// Where no Python code can run, nobody can take a leaf away, or see what is not complete.
Ref build_tree_from_borrowed(const TreeDef& treedef, const BuildPlan& plan, PyObject* const* leaves) {
  const GarbageCollectionPause pause;
  const Node* first_node = treedef.nodes.data();
  return rebuild(treedef, Items(leaves), [&](const Node& node, Items children) {
    return build_by(plan, static_cast<size_t>(&node - first_node), node, children, true, build_unseen);
  });
}

// `all_are_there`: of an iterator no more are taken than show that there are too many.
void check_number_of_leaves(const TreeDef& treedef, Py_ssize_t got, bool all_are_there) {
  const Py_ssize_t expected = treedef.num_leaves();
  if (got < expected) {
    throw_error(PyExc_ValueError, "Too few leaves for PyTreeDef; expected %zd, got %zd", expected, got);
  }
  if (got > expected) {
    throw_error(PyExc_ValueError, "Too many leaves for PyTreeDef; expected %zd. Got %s%zd.", expected,
                all_are_there ? "" : "at least ", got);
  }
}

}  // namespace

Ref unflatten(const TreeDef& treedef, PyObject* iterable) {
  const std::shared_ptr<const BuildPlan> plan = build_plan(treedef);
  const bool can_borrow = PyTuple_CheckExact(iterable) || (kHasGil && PyList_CheckExact(iterable));
  if (plan != nullptr && plan->runs_no_python() && can_borrow) {
    check_number_of_leaves(treedef, PySequence_Fast_GET_SIZE(iterable), true);
    Ref tree = build_tree_from_borrowed(treedef, *plan, PySequence_Fast_ITEMS(iterable));
    end_of_pauses(static_cast<size_t>(treedef.root().num_nodes - treedef.num_leaves()));
    return tree;
  }
  check_iterable("leaves must be iterable", iterable);
  Refs leaves = drain(iterable, treedef.num_leaves());
  const bool all_are_there = PyList_CheckExact(iterable) || PyTuple_CheckExact(iterable);
  check_number_of_leaves(treedef, static_cast<Py_ssize_t>(leaves.size()), all_are_there);
  return build_tree(treedef, plan.get(), leaves.data());
}

Ref walk(const TreeDef& treedef, PyObject* f_node, PyObject* f_leaf, PyObject* iterable) {
  check_iterable("leaves must be iterable", iterable);
  Refs leaves = drain(iterable, treedef.num_leaves());
  const auto got = static_cast<Py_ssize_t>(leaves.size());
  if (got < treedef.num_leaves()) throw_error(PyExc_ValueError, "Too few leaves for PyTreeDef");
  if (got > treedef.num_leaves()) throw_error(PyExc_ValueError, "Too many leaves for PyTreeDef");
  if (f_leaf != Py_None) {
    for (Ref& leaf : leaves) leaf = checked(PyObject_CallOneArg(f_leaf, leaf.get()));
  }
  return rebuild(treedef, leaves.data(), [&](const Node& node, Items children) {
    const Ref children_tuple = tuple_from(children, node.arity);
    const Ref aux = with_kind(node.kind, [&](auto kind) { return kind.aux(node); });
    PyObject* arguments[] = {children_tuple.get(), aux.get()};
    return checked(PyObject_Vectorcall(f_node, arguments, 2, nullptr));
  });
}

Ref from_iterable_tree(const TreeDef& treedef, PyObject* iterables) {
  Agenda agenda;
  agenda.push(Ref::borrow(iterables));
  Refs leaves;
  for (const Node& node : Unrolled(treedef.root())) {
    Ref object = agenda.pop();
    if (node.kind == Kind::kLeaf) {
      leaves.push_back(std::move(object));
      continue;
    }
    Refs children = drain(object.get(), node.arity);
    if (static_cast<Py_ssize_t>(children.size()) != node.arity) {
      throw_error(PyExc_ValueError, "Arity mismatch between trees: expected %zd children, got %s%zd", node.arity,
                  static_cast<Py_ssize_t>(children.size()) > node.arity ? "at least " : "", children.size());
    }
    if (node.has_implied_leaves()) {
      for (Ref& leaf : children) leaves.push_back(std::move(leaf));
    } else {
      agenda.push_children(std::move(children));
    }
  }
  return build_tree(treedef, build_plan(treedef).get(), leaves.data());
}

}  // namespace leafwise
