#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/objectives/bound.h"
#include "app/study/metric_catalogue.h"
#include "core/api/evaluation.h"
#include "core/api/searcher.h"

namespace nas {

/// The device that this program can measure on.
inline constexpr std::string_view kHost = "host";

/// Of the catalogue, or a zero-cost proxy ("synflow", "az_nas.trainability"). Throws Error(kUsage)
/// with near misses.
const MetricInfo& metric_info(std::string_view name);

/// A metric and the device it refers to: "latency_ms@host". The device is empty for what has none.
struct MetricKey {
  std::string name;
  std::string device;
  std::string text() const { return device.empty() ? name : name + "@" + device; }
  friend auto operator<=>(const MetricKey&, const MetricKey&) = default;
};

/// Values of one architecture by metric.
using MetricValues = std::map<MetricKey, double>;
MetricValues to_values(std::span<const MetricValue> metrics);
/// Where they may lie (MetricValue::interval), of those that say so.
using MetricIntervals = std::map<MetricKey, Interval>;
MetricIntervals to_intervals(std::span<const MetricValue> metrics);

/// "accuracy", "latency_ms@host", "latency_ms" (= @host), "peak_memory_bytes" (= activation_bytes).
/// Throws Error(kUsage) for an unknown metric and for a name that cannot be a device's.
MetricKey parse_metric(std::string_view text);

/// "accuracy", "maximize accuracy", "minimize latency_ms@host": without a word, the metric's own
/// direction. The result's `metric` is the canonical `MetricKey::text`.
Objective parse_objective(std::string_view text);
std::string to_string(const Objective& objective);  ///< "maximize accuracy"

/// "latency_ms<4@host", "latency_ms@host < 4", "macs<=50e6", "params<1M" (k, M, G), "accuracy>90".
struct Constraint {
  MetricKey metric;
  Relation relation = Relation::kLessEqual;
  double bound = 0;

  bool holds(double value) const;
  /// How far the bound is missed relative to its size; 0 when it holds. NaN never holds (excess 1).
  double excess(double value) const;
};
Constraint parse_constraint(std::string_view text);
std::string to_string(
    const Constraint& constraint);  ///< "latency_ms@host < 4"; parse_constraint reads it back

/// Objective values turned so that larger is better, or nullopt when one is missing.
std::optional<std::vector<double>> merits(std::span<const Objective> objectives,
                                          const MetricValues& values);

}  // namespace nas
