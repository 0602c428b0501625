#pragma once

#include <cmath>
#include <span>
#include <vector>

#include "predictors/state.h"

namespace nas {

/// GENNAPE's label: accuracy by the size of the network,
///   y = Z(A / (log10(F + 1) + 1)),   F in 10^9 operations, 2 for each MAC,
/// Z with the mean and the deviation of the space that is learned from, in every space.
struct LabelTransform {
  TargetScale scale;

  static double divisor(double macs) { return std::log10(2e-9 * macs + 1) + 1; }
  static LabelTransform of(std::span<const double> accuracies, std::span<const double> macs) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < accuracies.size(); ++i) {
      ratios.push_back(accuracies[i] / divisor(macs[i]));
    }
    return {target_scale(ratios)};
  }
  double in(double accuracy, double macs) const { return scale.in(accuracy / divisor(macs)); }
  double out(double label, double macs) const { return scale.out(label) * divisor(macs); }
};

}  // namespace nas
