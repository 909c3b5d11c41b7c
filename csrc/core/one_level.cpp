#include "core/one_level.h"

#include "core/placing.h"
#include "kinds/dispatch.h"

namespace leafwise {
namespace {

struct Opened {
  Node node;
  Refs children;
};

Classification classify_node(PyObject* object, const FlattenOptions& options) {
  const Classification found = classify(object, *options.registry, options.none_is_leaf);
  if (found.kind == Kind::kLeaf) throw_error(PyExc_ValueError, "can't tree-flatten type: %R", Py_TYPE(object));
  return found;
}

// The object may be a part of a larger tree, of which only the caller knows.
[[noreturn]] void throw_placed_at(PyObject* path, PyObject* object) {
  if (path == Py_None) throw_placed(object);
  throw_placed(object, [path] { return Ref::borrow(path); });
}

Opened open(PyObject* object, const Classification& found, bool with_keys, PyObject* path = Py_None) {
  try {
    Agenda agenda;
    Opened opened{open_node(object, found, agenda, with_keys), {}};
    while (!agenda.empty()) opened.children.push_back(agenda.pop());
    return opened;
  } catch (const UnplacedError&) {
    throw_placed_at(path, object);
  }
}

// JAX gives the children of some kinds as a tuple, of others as a list (a list itself only without keys).
bool gives_tuple(Kind kind) {
  return kind == Kind::kTuple || kind == Kind::kList || kind == Kind::kDict || kind == Kind::kNone;
}

Ref result(const Opened& opened, Refs children) {
  const Node& node = opened.node;
  const bool as_tuple = gives_tuple(node.kind);
  Ref aux = with_kind(node.kind, [&](auto kind) { return kind.aux(node); });
  if (node.kind == Kind::kDict) aux = checked(PyList_AsTuple(aux.get()));
  return pair_of(as_tuple ? tuple_from(std::move(children)) : list_from(std::move(children)), std::move(aux));
}

}  // namespace

Ref flatten_one_level(PyObject* object, const FlattenOptions& options) {
  const Classification found = classify_node(object, options);
  // Lists and tuples are their own children; what a flatten function gives is handed on as it is.
  if (found.kind == Kind::kList || found.kind == Kind::kTuple) return pair_of(Ref::borrow(object), Ref::none());
  if (found.kind == Kind::kCustom) {
    const Ref registration = found.registration;
    try {
      const FlattenedObject flattened = call_flatten(*reinterpret_cast<Registration*>(registration.get()), object);
      return pair_of(Ref::borrow(flattened.children()), Ref::borrow(flattened.aux()));
    } catch (const UnplacedError&) {
      throw_placed(object);
    }
  }
  Opened opened = open(object, found, false);
  Refs children = std::move(opened.children);
  return result(opened, std::move(children));
}

Ref flatten_one_level_with_keys(PyObject* object, const FlattenOptions& options, PyObject* path) {
  Opened opened = open(object, classify_node(object, options), true, path);
  Refs keys(opened.children.size());
  with_kind(opened.node.kind, [&](auto kind) { kind.keys(opened.node, 0, opened.node.arity, keys.data()); });
  Refs pairs;
  for (size_t i = 0; i < keys.size(); ++i) {
    pairs.push_back(pair_of(std::move(keys[i]), std::move(opened.children[i])));
  }
  return result(opened, std::move(pairs));
}

}  // namespace leafwise
