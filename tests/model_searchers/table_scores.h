#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/api/searcher.h"

namespace nas::test {

/// Columns of a CSV file by architecture, as a score source: a benchmark without a store.
class TableScores final : public ScoreSource {
 public:
  void add_row(const Architecture& architecture) { pool_.push_back(architecture); }
  void add_column(const std::string& name, std::vector<double> values);
  /// Call after the last row.
  void index();

  std::vector<std::string> names() const override;
  std::vector<Architecture> pool() const override { return pool_; }
  std::vector<double> scores(std::span<const Architecture> architectures,
                             std::span<const std::string> names) const override;
  std::size_t row(const Architecture& architecture) const { return rows_.at(architecture); }

 private:
  std::vector<Architecture> pool_;
  std::map<std::string, std::vector<double>> columns_;
  std::map<Architecture, std::size_t> rows_;
};

/// One searcher on one objective by row of the table, without an engine; larger is better.
struct TableRun {
  std::vector<std::size_t> rows;  ///< queried, in order
  std::vector<std::string> reasons;
  std::size_t best = 0;  ///< row of the largest objective, the first of equal ones
};
TableRun run_on_table(Searcher& searcher, const SearchSetup& setup, const TableScores& table,
                      const std::vector<double>& objective);

}  // namespace nas::test
