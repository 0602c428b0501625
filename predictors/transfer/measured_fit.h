#pragma once

#include <string_view>
#include <vector>

#include "core/api/transfer_predictor.h"
#include "predictors/transfer/left_out_parts.h"
#include "predictors/transfer/measured_scale.h"

namespace nas {

/// What adapting to measurements leaves behind beside the model: the measurements, what was said of
/// each without it, and the way from the model's scores to their unit.
struct MeasuredFit {
  std::vector<double> targets;   ///< empty: not adapted
  std::vector<double> left_out;  ///< one for each target; empty where none was left out
  MeasuredScale scale;
  double deviation = 0;  ///< of `left_out` from the targets

  /// Sets all but the scale.
  void leave_out(std::span<const double> measured, Rng rng, const LeftOutPredict& predict);
  Forecast forecast(double score) const;
  /// Throws Error(kData) for fewer than three measurements. `who` is "predictor 'help'".
  LeaveOneOut leave_one_out(std::string_view who) const;

  /// Tensors "targets", "left_out" and "scale".
  void save(std::vector<PredictorTensor>& tensors) const;
  /// False for tensors that do not fit each other, or where none was left out and that is not
  /// allowed. Throws Error(kData) where a tensor is missing.
  [[nodiscard]] bool restore(const PredictorState& state, bool none_left_out_allowed = false);
};

}  // namespace nas
