#include "core/dict_templates.h"

#include <algorithm>
#include <map>

namespace leafwise {
namespace {

bool is_worth_it(const Node& node) {
  return node.kind == Kind::kDict && node.arity >= DictTemplate::kMinKeys &&
         std::all_of(node.keys.get(), node.keys.get() + node.arity,
                     [](const Ref& key) { return PyUnicode_CheckExact(key.get()) != 0; });
}

}  // namespace

DictTemplates::DictTemplates(const Nodes& nodes) : by_node_(nodes.size(), nullptr) {
  // Dicts with the same keys share one.
  std::map<std::vector<PyObject*>, const DictTemplate*> by_keys;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    if (!is_worth_it(node)) continue;
    PyObject* const* keys = borrowed(node.keys.get());
    const auto [found, is_new] = by_keys.try_emplace({keys, keys + node.arity}, nullptr);
    if (is_new) {
      templates_.push_back(std::make_unique<DictTemplate>(node.keys.get(), node.arity));
      if (templates_.back()->is_usable()) found->second = templates_.back().get();
    }
    by_node_[i] = found->second;
  }
}

}  // namespace leafwise
