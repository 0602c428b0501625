#include "core/api/transfer_predictor.h"

#include "core/util/student_t.h"

namespace nas {

Interval interval_of(const Forecast& forecast, double probability) {
  const double reach =
      forecast.deviation * student_t_quantile(0.5 + probability / 2, forecast.freedom);
  return {forecast.mean - reach, forecast.mean + reach};
}

}  // namespace nas
