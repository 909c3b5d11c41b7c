// How a treedef that is unflattened again and again makes its objects: what is worth finding out once.
#pragma once

#include "core/treedef.h"
#include "cpython/dict_template.h"
#include "kinds/generated_constructor.h"

namespace leafwise {

class BuildPlan {
 public:
  // Runs Python code.
  explicit BuildPlan(const Nodes& nodes);

  // The template of a dict; null where the plain way is as good, or the only one.
  const DictTemplate* dict_template(size_t node_index) const noexcept { return template_of_node_[node_index]; }

  // Whether all objects can be built now without running Python code: no registered classes, no keys of user types, and
  // named tuples with generated constructors only, which are not called then but imitated. To find out may run some.
  bool runs_no_python() const noexcept;

  int traverse(visitproc visit, void* arg) const;

 private:
  void add_template(const Node& node);
  void add_constructor(const Node& node);

  std::vector<std::unique_ptr<DictTemplate>> templates_;
  std::vector<const DictTemplate*> template_of_node_;
  struct NamedTupleType {
    PyTypeObject* type;  // the nodes own it
    Py_ssize_t arity;
    GeneratedConstructor constructor;
  };
  std::vector<NamedTupleType> named_tuple_types_;
  bool has_python_constructors_ = false;
};

}  // namespace leafwise
