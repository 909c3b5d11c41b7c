// Treedefs as protocol buffers, in JAX's wire format; no protobuf library needed:
//
//     message PyTreeDefProto {
//       message DictKeys { repeated uint32 str_id = 1 [packed]; }
//       message Node { uint64 arity = 1; NodeType type = 2; DictKeys dict_keys = 3; }
//       repeated Node nodes = 1;               // in post-order
//       repeated string interned_strings = 2;  // the dict keys, each once
//     }
//     enum NodeType { LEAF = 1; LIST = 2; NONE = 3; TUPLE = 4; DICT = 5; }
#pragma once

#include "core/registry.h"
#include "core/treedef.h"

namespace leafwise {

// As bytes. Throws ValueError for nodes other than those above, and for dict keys that are no str.
Ref treedef_to_proto(const TreeDef& treedef);

// The inverse. Trusts nothing: throws ValueError for whatever is no such message.
Ref treedef_from_proto(PyObject* registry, PyObject* bytes);

}  // namespace leafwise
