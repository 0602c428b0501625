#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "core/api/subject.h"

namespace nas {

/// What lies on the paths of a network from input to output, in numbers that mean the same in every
/// search space: what the predictor `across` learns from. Dead edges and operations are left out.
///
/// Spaces with cells (`CellGraphs`): of the cell, as it is drawn. Other networks: of each unit,
/// then the mean over the units. A unit is what stands in a scope whose name ends in a number
/// ("modules.1/cells.0", the innermost such name; what stands between units is left out). A network
/// without such names is one unit.
struct PathFeatures {
  /// By `path_feature_names`: live convolutions with a window, of 1x1 and pools; most, fewest and
  /// mean on a path of convolutions, of those with a window and of pools; part of the paths without
  /// a convolution, with one that has a window and with a pool; deviation of the number of
  /// convolutions over the paths; part of the MACs in convolutions with a window.
  static constexpr std::size_t kWidth = 17;
  std::array<double, kWidth> values{};
  double macs = 0;     ///< of the network without what is dead
  bool valid = false;  ///< some output depends on an input
};

std::span<const char* const> path_feature_names();

/// The default task of its space is what an architecture is built for. Cost: building the network.
PathFeatures path_features(const Subject& subject);

}  // namespace nas
