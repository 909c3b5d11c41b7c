#include "core/build_plan.h"

#include "kinds/dispatch.h"

#include <algorithm>

namespace leafwise {
namespace {

bool is_worth_a_template(const Node& node) {
  return node.kind == Kind::kDict && node.arity >= DictTemplate::kMinKeys && DictKind::has_str_keys(node);
}

}  // namespace

BuildPlan::BuildPlan(const Nodes& nodes)
    : template_of_node_(nodes.size(), nullptr), maker_of_node_(nodes.size(), nullptr) {
  // Dicts with the same keys share one template.
  std::map<std::vector<PyObject*>, const DictTemplate*> by_keys;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    if (node.kind == Kind::kNamedTuple) {
      add_constructor(node);
    } else if (node.kind == Kind::kDataclass) {
      maker_of_node_[i] = maker_for(node);
      if (maker_of_node_[i] == nullptr) has_python_constructors_ = true;
    } else if (!with_kind(node.kind, [&](auto kind) { return kind.built_quietly(node); })) {
      has_python_constructors_ = true;
    }
    if (!is_worth_a_template(node)) continue;
    PyObject* const* keys = borrowed(node.keys.get());
    const auto [found, is_new] = by_keys.try_emplace({keys, keys + node.arity}, nullptr);
    if (is_new) {
      auto made = std::make_unique<DictTemplate>(node.keys.get(), node.arity);
      if (made->is_usable()) {
        found->second = made.get();
        templates_.push_back(std::move(made));
      }
    }
    template_of_node_[i] = found->second;
  }
}

void BuildPlan::add_constructor(const Node& node) {
  PyTypeObject* type = NamedTupleKind::type(node);
  const auto is_known = [&](const NamedTupleType& known) { return known.type == type && known.arity == node.arity; };
  if (std::any_of(named_tuple_types_.begin(), named_tuple_types_.end(), is_known)) return;
  GeneratedConstructor constructor = GeneratedConstructor::of(type, node.arity);
  if (!constructor) has_python_constructors_ = true;
  named_tuple_types_.push_back({type, node.arity, std::move(constructor)});
}

const InstanceMaker* BuildPlan::maker_for(const Node& node) {
  const auto known = makers_.find(node.registration.get());
  if (known != makers_.end()) return known->second.get();
  return makers_.emplace(node.registration.get(), InstanceMaker::of(node.registration)).first->second.get();
}

bool BuildPlan::is_current() const noexcept {
  return std::all_of(makers_.begin(), makers_.end(),
                     [](const auto& maker) { return maker.second == nullptr || maker.second->is_current(); });
}

bool BuildPlan::runs_no_python() const noexcept {
  return !has_python_constructors_ &&
         std::all_of(named_tuple_types_.begin(), named_tuple_types_.end(),
                     [](const NamedTupleType& known) { return known.constructor.is_of(known.type); }) &&
         is_current();
}

int BuildPlan::traverse(visitproc visit, void* arg) const {
  for (const NamedTupleType& known : named_tuple_types_) {
    if (const int stop = known.constructor.traverse(visit, arg)) return stop;
  }
  for (const auto& [registration, maker] : makers_) {
    if (maker == nullptr) continue;
    if (const int stop = maker->traverse(visit, arg)) return stop;
  }
  return 0;
}

}  // namespace leafwise
