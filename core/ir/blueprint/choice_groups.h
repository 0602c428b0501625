#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/ir/blueprint/blueprint.h"

namespace nas {

/// What an alternative of an open choice does.
enum class AlternativeKind : std::uint8_t {
  kNone,           ///< gives zeros: no connection
  kSkip,           ///< passes its input on
  kParameterFree,  ///< something else without trainable tensors: a pooling
  kWeights
};

/// Open choices that always agree, since their selectors are equal: those of one edge in all cells
/// of a type. They share one vector of architecture parameters.
struct ChoiceGroup {
  std::string name;  ///< scope of the first of them, "cells.0/edge_0_2"; unique
  std::string part;  ///< the scope around: its cell, "cells.0"; "" where there is none
  ElasticValue selector;
  std::vector<AlternativeKind> alternatives;
  /// The skip among them leaves a residual block out: others add their input to what they make
  /// (Zero of ProxylessNAS). Without it a skip is an operation like others (NAS-Bench-201, DARTS).
  bool is_residual = false;
};

/// Sums of open choices (`edge_normalised`) whose terms belong to the same groups.
struct SumGroup {
  std::string name;                ///< scope of the first of them, "cells.0/node_2"
  std::vector<std::size_t> terms;  ///< in ChoiceGroups::choices, in order
};

struct ChoiceGroups {
  static constexpr std::size_t kNone = SIZE_MAX;
  std::vector<ChoiceGroup> choices;
  std::vector<SumGroup> sums;
  std::vector<std::size_t> of_selector;  ///< by Blueprint::selectors: in `choices`
  std::vector<std::size_t> sum_of_node;  ///< by node of the blueprint: in `sums`, or kNone
};

/// In the order in which they stand in the blueprint.
ChoiceGroups choice_groups(const Blueprint& blueprint);

}  // namespace nas
