// The project's only switch over kinds. To add a kind: a file that defines it, an enumerator in kind.h, a case here.
//
// A kind is a struct of static functions (`Agenda`: what is still to be visited):
//   type(node)                     the Python type of its objects, borrowed
//   open(object, node, agenda, with_keys)   reads an object of the kind: sets the node's arity and data, puts the
//                                  children on the agenda. `with_keys`: a key path is wanted
//   match(node, object, agenda)    like open, for an object that must have the structure of `node`; else throws Mismatch
//   read(node, object, children, step)   match for the fast paths, which run no Python code: whether the object has the
//                                  structure of `node`; if so its children, borrowed, from children[0] on, one each
//                                  `step` places. May say no to what match accepts. If it throws, it has written nothing
//   kHasFields                     whether an object may be read in such a way that Python code runs; then there is
//                                  read_owned, which is as `read`, but the children are owned, and if it says no, too, it
//                                  has written nothing
//   reads_borrowed(node)           whether `read` can be used now
//   remembered(node)               whether an object that `read` accepts is just what `open` made the node of
//   built_quietly(node)            whether `build` runs no Python code
//   build(node, children)          makes an object of the children (`Items`)
//   keys(node, first, count, keys) makes the key entries of `count` children, from the `first` on
//   same_data(a, b)                are two nodes of this kind and of equal arity equal?
//   stays_equal(a, b)              are two equal nodes equal for ever, as nothing of the user's is compared, or only with
//                                  itself? May say no when in doubt
//   alike(a, b)                    can a stand for b, so that nobody could ever tell? For nodes of equal arity; may say no
//                                  when in doubt, as it runs no Python code
//   hash_data(node)                what the kind adds to the hash
//   aux(node)                      what is left of the object without its children, as JAX's `walk` shows it
//   restore(node, aux)             the inverse of aux, for pickles: arity and registration are set; checks everything
//   print_open, print_before_child, print_close     JAX's repr
// open, match, build, keys, remembered, reads_borrowed, same_data, stays_equal, hash_data and print_* may run Python code.
#pragma once

#include "kinds/custom.h"
#include "kinds/dataclass.h"
#include "kinds/dicts.h"
#include "kinds/leaf_and_none.h"
#include "kinds/namedtuple.h"
#include "kinds/sequences.h"

namespace leafwise {

template <class Visitor>
decltype(auto) with_kind(Kind kind, Visitor&& visitor) {
  switch (kind) {
    case Kind::kNone: return visitor(NoneKind{});
    case Kind::kTuple: return visitor(TupleKind{});
    case Kind::kNamedTuple: return visitor(NamedTupleKind{});
    case Kind::kList: return visitor(ListKind{});
    case Kind::kDict: return visitor(DictKind{});
    case Kind::kCustom: return visitor(CustomKind{});
    case Kind::kDataclass: return visitor(DataclassKind{});
    case Kind::kOrderedDict: return visitor(OrderedDictKind{});
    case Kind::kDefaultDict: return visitor(DefaultDictKind{});
    case Kind::kLeaf: break;
  }
  return visitor(LeafKind{});
}

// May run Python code (a named tuple's `_fields`).
inline Ref key_of_child(const Node& node, Py_ssize_t child) {
  Ref key;
  with_kind(node.kind, [&](auto kind) { kind.keys(node, child, 1, &key); });
  return key;
}

}  // namespace leafwise
