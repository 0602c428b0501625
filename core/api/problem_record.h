#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/metric_info.h"
#include "core/util/options.h"

namespace nas {

/// Fields of a recipe that only one problem has, as functions of what the user wrote of them.
struct OwnFields {
  std::vector<FieldDoc> (*docs)();
  /// All of them with their values. Throws Error(kUsage).
  OptionMap (*resolve)(const OptionMap& own);
  std::string (*settled)(const OptionMap& own);  ///< `settled_text`
};

/// The record of a kind of problem: the only place where its name, metrics, loss and recipe fields
/// are written.
struct ProblemRecord {
  std::string_view name;     ///< "images", "speaker"
  std::string_view summary;  ///< one line
  std::string_view samples;  ///< what its samples are called: "images", "recordings"
  /// A head of core/runtime/problems: "cross_entropy". "": the problem fits its architectures
  /// itself (`FittedProblem`), by its own fields of a recipe, optimizer, learning_rate and seed.
  std::string_view loss;
  /// Of a trained network. The first is what a search goes by when nothing else is said.
  std::span<const MetricInfo> metrics;
  OwnFields fields;
  bool fits_itself() const { return loss.empty(); }
};

/// The struct S of a problem's own fields, whose table is `kTable`.
template <class S, const auto& kTable>
S parse_own(const OptionMap& own) {
  return parse_fields<S>(kTable, own, "the problem's fields of a recipe");
}

template <class S, const auto& kTable>
constexpr OwnFields own_fields() {
  return {[] { return describe_fields<S>(kTable); },
          [](const OptionMap& own) { return fields_to_map<S>(kTable, parse_own<S, kTable>(own)); },
          [](const OptionMap& own) { return settled_text<S>(kTable, parse_own<S, kTable>(own)); }};
}

}  // namespace nas
