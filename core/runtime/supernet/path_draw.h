#pragma once

#include <cstdint>
#include <vector>

#include "core/runtime/supernet/supernet_trainer.h"
#include "core/util/rng.h"

namespace nas {

/// Draws the subnets of a step.
class PathDraw {
 public:
  /// Throws Error(kUsage) for choices that the space does not have, and for fewer paths than the
  /// sampling needs.
  explicit PathDraw(const PathTraining& training);
  /// Valid and canonical architectures.
  std::vector<Architecture> draw(Rng& rng) const;

 private:
  Architecture one(Rng& rng) const;
  std::vector<Architecture> fair(Rng& rng) const;
  Architecture extreme(bool largest) const;
  Architecture canonical(std::vector<std::uint16_t> choices) const;

  const SearchSpace& space_;
  PathSampling sampling_;
  std::int64_t paths_;
  std::vector<std::vector<std::uint16_t>> choices_;  ///< by decision, never empty
};

/// The architecture with the last of the choices of every decision that are drawn: in spaces whose
/// choices ascend (depths, widths, kernels) the largest.
Architecture largest_subnet(const PathTraining& training);

}  // namespace nas
