#include "core/problems/data_kinds.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
std::span<const DataKind> data_kinds() {
  static const std::vector<DataKind> kKinds = [] {
    std::vector<DataKind> kinds;
    for (const DataKinds* record : data_kind_records()) {
      for (DataKind& kind : record->make()) kinds.push_back(std::move(kind));
    }
    return kinds;
  }();
  return kKinds;
}

const DataKind* find_data_kind(std::string_view spec) {
  const std::string_view name = spec.substr(0, spec.find(':'));
  for (const DataKind& kind : data_kinds()) {
    if (kind.info.name == name) return &kind;
  }
  return nullptr;
}

const DataKind& data_kind(std::string_view spec) {
  if (const DataKind* kind = find_data_kind(spec)) return *kind;
  std::vector<std::string> known;
  for (const DataKind& kind : data_kinds()) known.push_back(kind.info.name);
  throw Error(ErrorKind::kUsage,
              unknown_name("data set kind", spec.substr(0, spec.find(':')), known));
}

std::shared_ptr<const Problem> open_problem(std::string_view spec) {
  if (const DataKind* kind = find_data_kind(spec)) return kind->open(spec);
  refuse_path_without_kind(spec);
  return data_kind(spec).open(spec);
}

std::span<const ProblemRecord* const> problem_records() {
  static const std::vector<const ProblemRecord*> kRecords = [] {
    std::vector<const ProblemRecord*> records;
    for (const DataKind& kind : data_kinds()) {
      if (std::find(records.begin(), records.end(), kind.problem) == records.end()) {
        records.push_back(kind.problem);
      }
    }
    return records;
  }();
  return kRecords;
}

std::span<const MetricInfo> problem_metrics() {
  static const std::vector<MetricInfo> kMetrics = [] {
    std::vector<MetricInfo> metrics;
    for (const ProblemRecord* record : problem_records()) {
      for (const MetricInfo& metric : record->metrics) {
        const bool known =
            std::any_of(metrics.begin(), metrics.end(),
                        [&](const MetricInfo& other) { return other.name == metric.name; });
        if (!known) metrics.push_back(metric);
      }
    }
    return metrics;
  }();
  return kMetrics;
}

}  // namespace nas
