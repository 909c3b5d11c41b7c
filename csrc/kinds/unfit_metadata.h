// Values of meta fields that will make trouble when treedefs are compared.
#pragma once

#include "kinds/node.h"

namespace leafwise {

// Warns, once for a registration, of a meta field of this node, which is of a dataclass, that holds an array or what has no
// hash. Runs Python code.
void warn_of_unfit_metadata(const Node& node);

}  // namespace leafwise
