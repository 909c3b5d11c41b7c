// The leaves of a tree one by one: a walk that goes no further than somebody asks.
//
// It visits what `flatten` visits, in the same order, and raises the same errors, each when it comes to it. A container
// is read when the walk comes to it, all its children at once; what happens to it later changes nothing. All that is
// still to be visited is owned (kinds/agenda.h).
#pragma once

#include "core/flatten.h"
#include "core/last_leaf_type.h"
#include "core/leaf_predicate.h"
#include "cpython/signals.h"

#include <optional>

namespace leafwise {

class LeafWalk {
 public:
  // The registry and is_leaf are borrowed for as long as the walk lives.
  LeafWalk(PyObject* tree, const FlattenOptions& options);

  // For who looks for a leaf of a certain truth: where the truth of a leaf is known without running Python code, the leaf
  // need not be given if it is another one, and what follows need not be given if it is this one.
  void look_for(bool truth) noexcept { wanted_ = truth; }

  // The next leaf; an empty Ref when there are no more. Runs Python code: is_leaf, flatten functions, `<` of dict keys,
  // finalizers. After an exception the walk must not go on. A StopIteration becomes a RuntimeError, as in a generator:
  // it would be taken for the end.
  Ref next();

  int traverse(visitproc visit, void* arg) const;

 private:
  bool is_next_leaf(PyObject* object);
  bool is_plain_leaf(PyObject* object);
  void check_depth();
  void open(PyObject* object, const Classification& found);
  bool push_plain_container(PyObject* object, Kind kind);
  bool push_fields(PyObject* object, const Classification& found);
  void push_items(PyObject* list_or_tuple);
  bool push_str_dict(PyObject* dict);
  bool push_wanted_value(PyObject* dict);
  // A predicate has to be asked about each leaf. And without a GIL nobody can look at what is not owned.
  bool looks_ahead() const noexcept { return kHasGil && wanted_ && !predicate_; }

  const FlattenOptions options_;
  std::optional<LeafPredicate> predicate_;
  std::optional<bool> wanted_;
  SignalCheck signals_;  // one object can be in a tree so often that the walk takes for ever
  Agenda agenda_;
  // For each container that the walk is in, how much was on the agenda below its children. Some that it has left may
  // still be there, too.
  std::vector<size_t> sizes_below_;

  LastLeafType last_leaf_type_;
  PyTypeObject* plain_leaf_type_ = nullptr;  // the same for the types of cpython/plain_truth.h
  std::uint64_t plain_leaf_version_ = 0;
};

}  // namespace leafwise
