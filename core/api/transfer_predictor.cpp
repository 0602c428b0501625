#include "core/api/transfer_predictor.h"

#include <cmath>
#include <utility>

#include "core/util/error.h"
#include "core/util/student_t.h"

namespace nas {

Interval interval_of(const Forecast& forecast, double probability) {
  const double reach =
      forecast.deviation * student_t_quantile(0.5 + probability / 2, forecast.freedom);
  return {forecast.mean - reach, forecast.mean + reach};
}

LeaveOneOut left_out(std::vector<Forecast> forecasts, std::span<const double> targets) {
  NAS_CHECK(!targets.empty() && forecasts.size() == targets.size(), "a forecast for each target");
  LeaveOneOut result;
  const double part = 1 / static_cast<double>(targets.size());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const auto holds = [&](double probability) {
      const Interval interval = interval_of(forecasts[i], probability);
      return targets[i] >= interval.low && targets[i] <= interval.high ? part : 0;
    };
    result.within_50 += holds(0.5);
    result.within_80 += holds(0.8);
    result.within_95 += holds(0.95);
    const double error = std::abs(forecasts[i].mean - targets[i]);
    result.within_10_percent += error <= 0.1 * std::abs(targets[i]) ? part : 0;
  }
  result.forecasts = std::move(forecasts);
  return result;
}

}  // namespace nas
