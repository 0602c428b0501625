#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "db/importers/importer.h"

namespace nas {

/// Collects what an importer verifies.
class SelfChecks {
 public:
  explicit SelfChecks(const Benchmark& benchmark) : benchmark_(benchmark) {}

  void add(std::string what, std::string expected, std::string got, bool ok);
  void rows(std::size_t expected);
  /// The value of one architecture. Does nothing when the row is absent and `required` is false.
  void value(std::string_view row, std::string_view column, double expected, double tolerance,
             bool required = true);
  /// The best value of a column, and the architectures that must be among those that have it.
  void best(std::string_view column, double expected, double tolerance,
            const std::vector<std::string>& rows = {});

  /// Hands the checks to the result. Throws Error(kData) with every failure unless `force`, which
  /// turns failures into notes.
  void finish(ImportResult& result, bool force);

 private:
  const Benchmark& benchmark_;
  std::vector<SelfCheck> checks_;
};

/// A column of counts that follow from the architecture alone.
struct StructureRule {
  std::string column;  ///< query of the benchmark column
  bool macs = false;   ///< MACs as the space publishes them; else parameters
  Task task{};
  double scale = 1;      ///< column value * scale = count
  double tolerance = 0;  ///< largest absolute difference of the counts
};

/// Recomputes the counts through the space and adds one check a rule: every row up to
/// `kMostStructureRows`, beyond that evenly spaced ones. Edges in a wrong order are found here.
inline constexpr std::size_t kMostStructureRows = 20000;
void check_structure(SelfChecks& checks, const Benchmark& benchmark, const SearchSpace& space,
                     const std::vector<StructureRule>& rules, const ImportRequest& request);

/// "column ...: 341 of 15,625 values failed" for every column with failed or missing values, and
/// throws Error(kUsage) when the stop token was raised.
void note_special_values(ImportResult& result);
void throw_if_stopped(const ImportRequest& request);

}  // namespace nas
