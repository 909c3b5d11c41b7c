// How a treedef that is unflattened again and again makes its objects: what is worth finding out once.
#pragma once

#include "core/treedef.h"
#include "cpython/dict_template.h"
#include "kinds/generated_constructor.h"
#include "kinds/instance_maker.h"

#include <map>

namespace leafwise {

class BuildPlan {
 public:
  // Runs Python code.
  explicit BuildPlan(const Nodes& nodes);

  // The template of a dict; null where the plain way is as good, or the only one.
  const DictTemplate* dict_template(size_t node_index) const noexcept { return template_of_node_[node_index]; }

  // What makes objects of a class with fields; null where only the class can. It may be out of date.
  const InstanceMaker* instance_maker(size_t node_index) const noexcept { return maker_of_node_[node_index]; }

  // Whether classes are as they were when the plan was made.
  bool is_current() const noexcept;
  // Whether all objects can be built now without running Python code: no classes registered with functions, no keys of
  // user types, and of named tuples and classes with fields only those with generated constructors, which are not called
  // then but imitated. To find out may run some.
  bool runs_no_python() const noexcept;

  int traverse(visitproc visit, void* arg) const;

 private:
  void add_constructor(const Node& node);
  const InstanceMaker* maker_for(const Node& node);

  std::vector<std::unique_ptr<DictTemplate>> templates_;
  std::vector<const DictTemplate*> template_of_node_;
  struct NamedTupleType {
    PyTypeObject* type;  // the nodes own it
    Py_ssize_t arity;
    GeneratedConstructor constructor;
  };
  std::vector<NamedTupleType> named_tuple_types_;
  std::map<PyObject*, std::unique_ptr<const InstanceMaker>> makers_;  // by registration
  std::vector<const InstanceMaker*> maker_of_node_;
  bool has_python_constructors_ = false;
};

}  // namespace leafwise
