#include "predictors/transfer/measured_fit.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/util/error.h"
#include "predictors/state.h"

namespace nas {

void MeasuredFit::leave_out(std::span<const double> measured, Rng rng,
                            const LeftOutPredict& predict) {
  left_out = left_out_in_parts(measured, rng, predict);
  deviation = left_out_deviation(left_out, measured);
  targets.assign(measured.begin(), measured.end());
}

Forecast MeasuredFit::forecast(double score) const {
  return {scale.out(score), deviation, std::max(1.0, static_cast<double>(targets.size()) - 1)};
}

LeaveOneOut MeasuredFit::leave_one_out(std::string_view who) const {
  NAS_CHECK(!targets.empty(), "adapted before it is judged");
  check_leave_one_out(who, targets.size());
  std::vector<Forecast> forecasts;
  for (const double value : left_out) {
    forecasts.push_back({value, deviation, static_cast<double>(targets.size()) - 1});
  }
  return nas::left_out(std::move(forecasts), targets);
}

void MeasuredFit::save(std::vector<PredictorTensor>& tensors) const {
  const auto keep = [&tensors](const char* name, const std::vector<double>& values) {
    tensors.push_back(make_tensor(name, {std::ssize(values)}, values));
  };
  keep("targets", targets);
  keep("left_out", left_out);
  keep("scale", {scale.from, scale.slope, scale.to, scale.floor, deviation});
}

bool MeasuredFit::restore(const PredictorState& state, bool none_left_out_allowed) {
  targets = state_tensor(state, "targets").data;
  left_out = state_tensor(state, "left_out").data;
  const std::vector<double>& values = state_tensor(state, "scale").data;
  if (targets.size() < 2 || values.size() != 5) return false;
  if (left_out.size() != targets.size() && !(none_left_out_allowed && left_out.empty()))
    return false;
  scale = {values[0], values[1], values[2], values[3]};
  deviation = values[4];
  return true;
}

}  // namespace nas
