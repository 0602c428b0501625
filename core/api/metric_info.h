#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nas {

/// What a metric tells of an architecture.
enum class MetricRole : std::uint8_t {
  kQuality,  ///< how well its trained network does the task
  kCost,     ///< what its network takes: parameters, time, memory
  kScore,    ///< of its untrained network; it ranks, the number itself means nothing
};

/// A metric, declared by who provides it: an evaluator, or the problem that a network is trained
/// for. Parsing, help, near misses, tables, plots and forms read this record; there is no other
/// list. Metrics of one name that several problems have are declared alike.
struct MetricInfo {
  std::string_view name;     ///< "accuracy", "eer", "latency_ms"
  std::string_view title;    ///< for axes and headings: "accuracy", "EER", "latency"
  std::string_view unit;     ///< "%", "ms", "B"; "" = none
  bool maximize = true;      ///< larger is better
  std::string_view meaning;  ///< one line
  MetricRole role = MetricRole::kQuality;
  bool per_device = false;  ///< a value is of a device: "latency_ms@host"
  bool whole = false;       ///< values are whole numbers
};

// A metric of a trained network is of held-out samples unless its name says otherwise:
// "train_accuracy", "test_eer".
inline constexpr std::string_view kTrainPrefix = "train_";
inline constexpr std::string_view kTestPrefix = "test_";
inline std::string train_name(std::string_view metric) {
  return std::string(kTrainPrefix).append(metric);
}
inline std::string test_name(std::string_view metric) {
  return std::string(kTestPrefix).append(metric);
}

}  // namespace nas
