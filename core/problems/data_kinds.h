#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/api/problem.h"
#include "core/data/dataset.h"

namespace nas {

/// A kind of data set, "KIND:DIR", and the problem that it poses.
struct DataKind {
  DatasetInfo info;
  const ProblemRecord* problem = nullptr;
  /// Reads "KIND:DIR". Throws Error(kIo) for missing files, Error(kData) for malformed ones.
  std::shared_ptr<const Problem> (*open)(std::string_view spec) = nullptr;
};

/// The record of the kinds that one file of this folder defines.
struct DataKinds {
  std::vector<DataKind> (*make)();
};
/// Those in the list of core/problems/CMakeLists.txt.
std::span<const DataKinds* const> data_kind_records();

/// The one list of kinds.
std::span<const DataKind> data_kinds();
/// The kind of "mnist:DIR" or "glyphs"; null for what is none (a name that a user gave).
const DataKind* find_data_kind(std::string_view spec);
/// The same, or Error(kUsage) with near misses.
const DataKind& data_kind(std::string_view spec);

/// Reads the data of a spec and poses its problem. Throws as `DataKind::open`, and Error(kUsage)
/// for an unknown kind.
std::shared_ptr<const Problem> open_problem(std::string_view spec);

/// All kinds of problems, each once.
std::span<const ProblemRecord* const> problem_records();
/// Their metrics, each name once.
std::span<const MetricInfo> problem_metrics();

}  // namespace nas
