#pragma once

#include <optional>
#include <string>

#include "core/api/evaluation.h"

namespace nas {

struct LatencyEstimate {
  double milliseconds = 0;   ///< for one batch of the device's batch size
  double low = 0, high = 0;  ///< spread: quartiles of the measurements, or the model's interval
  std::int64_t runs = 0;     ///< measurements behind it; 0 = predicted
};

/// Where an estimate says what its spread is.
inline std::optional<Interval> interval_of(const LatencyEstimate& estimate) {
  if (!(estimate.high > estimate.low)) return std::nullopt;
  return Interval{estimate.low, estimate.high};
}

/// Estimates the latency of a graph on a device.
class LatencyModel {
 public:
  struct Info {
    std::string name;
    MetricSource source = MetricSource::kPredicted;
    bool exclusive = false;  ///< must run alone (measuring)
  };
  virtual ~LatencyModel() = default;
  virtual const Info& info() const = 0;
  /// Throws Error(kUnsupported) for a device or operation it does not know.
  virtual LatencyEstimate estimate(const ArchGraph& graph, const Device& device) const = 0;
};

}  // namespace nas
