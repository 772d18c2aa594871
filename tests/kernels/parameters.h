// The parameters with which tests run every loop.
#pragma once

#include <vector>

#include "activations.h"
#include "csrc/passes/facts.h"
#include "csrc/passes/kinds.h"

namespace tfcustomact {

// One of each kind that has loops of its own: 1, where the parameter is a factor of x, and any other.
inline std::vector<double> ParametersOf(Activation activation) {
#define TFCUSTOMACT_KIND(Name, name) Name::kParameter,
  constexpr Parameter kKinds[] = {TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_KIND)};
#undef TFCUSTOMACT_KIND
  const Parameter kind = kKinds[static_cast<int>(activation)];
  if (kind == Parameter::kNone) return {1};
  return kind == Parameter::kFactorOfX ? std::vector<double>{1, 1.5} : std::vector<double>{1.5};
}

}  // namespace tfcustomact
