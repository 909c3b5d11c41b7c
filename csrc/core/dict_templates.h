// The templates by which a treedef that is unflattened again and again makes its dicts.
#pragma once

#include "core/treedef.h"
#include "cpython/dict_template.h"

namespace leafwise {

class DictTemplates {
 public:
  explicit DictTemplates(const Nodes& nodes);

  // Null where the plain way is as good, or the only one.
  const DictTemplate* of_node(size_t node_index) const noexcept { return by_node_[node_index]; }

 private:
  std::vector<std::unique_ptr<DictTemplate>> templates_;
  std::vector<const DictTemplate*> by_node_;
};

}  // namespace leafwise
