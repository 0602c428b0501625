#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/predictor.h"

namespace nas {

/// Samples and targets as `Predictor::fit` must refuse or take them: at least two, finite, equal in
/// number. `who` is "predictor 'gp'".
void check_samples(std::string_view who, const Samples& samples, std::span<const double> targets);
/// Throws Error(kUsage, "... interrupted") when a stop was requested.
void check_stop(std::string_view who, const FitContext& context);

/// The tensor of a restored state. Throws Error(kData) when it is absent or of another size than
/// the product of its shape.
const PredictorTensor& state_tensor(const PredictorState& state, std::string_view name);
PredictorTensor make_tensor(std::string name, std::vector<std::int64_t> shape,
                            std::vector<double> data);

/// Standardises targets: mean 0, deviation 1 (1 where they are constant).
struct TargetScale {
  double mean = 0;
  double deviation = 1;
  double in(double target) const { return (target - mean) / deviation; }
  double out(double value) const { return mean + deviation * value; }
};
TargetScale target_scale(std::span<const double> targets);

}  // namespace nas
