#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/api/search_space.h"
#include "hwmodels/mcu/mcu_device.h"

namespace nas {

/// How subspaces are compared: TinyNAS (Lin et al., MCUNet, NeurIPS 2020, section 3.1).
struct SubspaceRanking {
  /// Decisions that a subspace fixes: "width", "resolution".
  std::vector<std::string> by;
  std::int64_t samples = 1000;  ///< networks drawn of each subspace, >= 1
  std::uint64_t seed = 0;
  std::int64_t threads = 1;
  std::stop_token stop{};
  std::function<void(std::size_t done, std::size_t all)> progress{};
};

/// A subspace, with those of its networks that fit the device.
struct Subspace {
  std::vector<std::string> values;  ///< of the fixed decisions
  std::int64_t sampled = 0;
  std::int64_t fitting = 0;
  double mean_macs = 0;     ///< of those that fit; 0 without any
  double p80_macs = 0;      ///< that four of five of them stay below
  double least_excess = 0;  ///< of the network that is nearest to fitting: the sum of what it takes
                            ///< too much, relative to the limits
};

/// All subspaces, the one with the largest mean MACs of what fits first: within a family of
/// networks accuracy follows MACs. Subspaces of which nothing fits come last, nearest first. Of a
/// subspace the draws depend on the seed alone, not on the device. Throws Error(kUsage) for an
/// unknown decision, Error(kUnsupported) for networks without an int8 form.
std::vector<Subspace> rank_subspaces(const SearchSpace& space, const Task& task,
                                     const McuDevice& device, const SubspaceRanking& ranking);

/// The mean MACs of the first subspace over those of the median one of which something fits; 0
/// where nothing fits.
double gain_over_median(const std::vector<Subspace>& ranked);

}  // namespace nas
