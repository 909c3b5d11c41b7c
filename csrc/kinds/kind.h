// The kinds of nodes. `dispatch.h` says what a kind must be able to do.
#pragma once

namespace leafwise {

// The numbers stand in pickles: never change one, only add.
enum class Kind : unsigned char {
  kLeaf = 0,
  kNone = 1,
  kTuple = 2,
  kNamedTuple = 3,
  kList = 4,
  kDict = 5,
  kCustom = 6,
  kDataclass = 7,
  kOrderedDict = 8,
  kDefaultDict = 9,
};
constexpr long kNumKinds = 10;

}  // namespace leafwise
