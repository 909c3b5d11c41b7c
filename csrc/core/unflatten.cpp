#include "core/unflatten.h"

#include "core/dict_templates.h"
#include "kinds/dispatch.h"

namespace leafwise {
namespace {

// Goes through the nodes with a stack of results; whenever the children of a container are complete, `build(node,
// children)` makes them one result. `leaves` are the results for the leaves, used up from front to back.
template <class Build>
Ref rebuild(const Nodes& nodes, Ref* leaves, Build&& build) {
  struct OpenNode {
    const Node* node;
    Py_ssize_t remaining_children;
  };
  std::vector<OpenNode> open_nodes;
  open_nodes.reserve(32);
  Refs results;
  results.reserve(nodes.size());
  for (const Node& node : nodes) {
    if (node.kind == Kind::kLeaf) {
      results.push_back(std::move(*leaves++));
    } else if (node.extent == 1) {  // no children, or only leaves
      results.push_back(build(node, leaves));
      leaves += node.arity;
    } else {
      open_nodes.push_back({&node, node.arity});
      continue;
    }
    while (!open_nodes.empty() && --open_nodes.back().remaining_children == 0) {
      const Node& complete = *open_nodes.back().node;
      const size_t first_child = results.size() - static_cast<size_t>(complete.arity);
      Ref built = build(complete, results.data() + first_child);
      results.resize(first_child);
      results.push_back(std::move(built));
      open_nodes.pop_back();
    }
  }
  return std::move(results.front());
}

Ref build(const Node& node, Ref* children) {
  return with_kind(node.kind, [&](auto kind) { return kind.build(node, children); });
}

// Templates cost about as much as they save in one rebuilding, so a treedef gets them when it is rebuilt again.
std::shared_ptr<const DictTemplates> dict_templates(const TreeDef& treedef) {
  if (treedef.was_rebuilt && !treedef.dict_templates) {
    treedef.dict_templates = std::make_shared<const DictTemplates>(treedef.nodes);
  }
  treedef.was_rebuilt = true;
  return treedef.dict_templates;
}

Ref build_tree(const TreeDef& treedef, Refs& leaves) {
  const std::shared_ptr<const DictTemplates> templates = dict_templates(treedef);
  if (!templates) return rebuild(treedef.nodes, leaves.data(), build);
  const Node* first_node = treedef.nodes.data();
  return rebuild(treedef.nodes, leaves.data(), [&](const Node& node, Ref* children) {
    const DictTemplate* dict_template = templates->of_node(static_cast<size_t>(&node - first_node));
    return dict_template != nullptr ? dict_template->make(children) : build(node, children);
  });
}

}  // namespace

Ref unflatten(const TreeDef& treedef, PyObject* iterable) {
  const Py_ssize_t expected = treedef.num_leaves();
  Refs leaves = drain(iterable, expected);
  const auto got = static_cast<Py_ssize_t>(leaves.size());
  if (got < expected) {
    throw_error(PyExc_ValueError, "Too few leaves for PyTreeDef; expected %zd, got %zd", expected, got);
  }
  if (got > expected) throw_error(PyExc_ValueError, "Too many leaves for PyTreeDef; expected %zd.", expected);
  return build_tree(treedef, leaves);
}

Ref walk(const TreeDef& treedef, PyObject* f_node, PyObject* f_leaf, PyObject* iterable) {
  Refs leaves = drain(iterable, treedef.num_leaves());
  const auto got = static_cast<Py_ssize_t>(leaves.size());
  if (got < treedef.num_leaves()) throw_error(PyExc_ValueError, "Too few leaves for PyTreeDef");
  if (got > treedef.num_leaves()) throw_error(PyExc_ValueError, "Too many leaves for PyTreeDef");
  if (f_leaf != Py_None) {
    for (Ref& leaf : leaves) leaf = checked(PyObject_CallOneArg(f_leaf, leaf.get()));
  }
  return rebuild(treedef.nodes, leaves.data(), [&](const Node& node, Ref* children) {
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
  for (const Node& node : treedef.nodes) {
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
  return build_tree(treedef, leaves);
}

}  // namespace leafwise
