#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "app/explorer/explorer.h"

namespace nas {

/// Which studies are drawn beside one.
enum class RunScope : std::uint8_t {
  kStudy,  ///< it alone
  kSeeds,  ///< and those that differ from it by name and seed only
  kSpace,  ///< and all that search its space, by method
};

/// What a study found, in the order of its trials.
struct StudyRun {
  std::string study;
  std::vector<double> values;   ///< by trial; NaN where a trial is not complete
  std::vector<double> seconds;  ///< running total of the time that trials took
};

/// Studies that differ by name and seed only.
struct MethodRuns {
  std::string name;  ///< the searcher; with the first study's name where searchers are equal
  std::vector<StudyRun> runs;
};

/// Studies of one space by method, in the order of `studies`; first the method of study `id`.
/// Indices into `studies`. Empty for an unknown id.
std::vector<std::vector<std::size_t>> study_methods(std::span<const Explorer::Study> studies,
                                                    std::int64_t id, RunScope scope);

struct SearchRuns {
  std::vector<MethodRuns> methods;
  std::size_t without_metric = 0;  ///< studies that never measured it
};

/// Values of a metric (the name of a column) in the runs of a scope. nullopt: stopped.
std::optional<SearchRuns> search_runs(Explorer& explorer, std::span<const Explorer::Study> studies,
                                      std::int64_t id, const std::string& metric, RunScope scope,
                                      std::stop_token stop);

/// 1 for every key of a study's table whose trial is complete: measured, and within all
/// constraints. Empty when the table has no states. nullopt: stopped.
std::optional<std::vector<std::uint8_t>> complete_trials(ExplorerTable& table,
                                                         std::stop_token stop);

}  // namespace nas
