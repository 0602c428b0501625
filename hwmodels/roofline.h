#pragma once

#include <span>
#include <vector>

#include "hwmodels/kernel.h"

namespace nas {

/// A kernel takes max(FLOPs / P, bytes / B) + launch, with a P of its own for depthwise
/// convolutions; a network the sum over its kernels (Williams, Waterman and Patterson, Roofline,
/// CACM 2009). All constants >= 0.
struct Roofline {
  double ms_per_gflop = 0;            ///< 1 / P
  double ms_per_gflop_depthwise = 0;  ///< the same of depthwise convolutions
  double ms_per_gbyte = 0;            ///< 1 / B
  double launch_ms = 0;               ///< of each kernel

  double milliseconds(const KernelWork& work) const;
};

/// Something that was timed as a whole: a network, or a single kernel.
struct RooflineSample {
  std::vector<KernelWork> kernels;
  double milliseconds = 0;
};

/// The least squares of the relative errors, with constants >= 0: kernels are told apart into bound
/// by arithmetic and bound by memory with the constants so far, and the fit repeated until that
/// settles. 10 to 50 samples do. Throws Error(kUsage) for fewer than 4 samples, Error(kNumeric) for
/// times that are not positive.
Roofline fit_roofline(std::span<const RooflineSample> samples);

}  // namespace nas
