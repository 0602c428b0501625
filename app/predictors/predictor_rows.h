#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "app/session/session.h"
#include "core/api/benchmark.h"
#include "core/api/predictor.h"

namespace nas {

/// A benchmark as a predictor learns from it: columns resolved, wide ones loaded and taken apart
/// into features "<column text>[i]".
class PredictorRows {
 public:
  /// `features`: column queries, or "proxies". Throws Error(kUsage) for a benchmark of no known
  /// spaces, unknown or ambiguous columns, a target wider than one value.
  PredictorRows(Session& session, const std::string& benchmark, const std::string& target,
                std::span<const std::string> features);

  const SearchSpace& space() const { return *space_; }
  const BenchmarkColumn& target() const { return table_->columns()[target_]; }
  const Benchmark& table() const { return *table_; }
  /// Column texts, as they resolve to the same columns again.
  std::vector<std::string> feature_columns() const;

  std::size_t rows() const { return table_->rows(); }
  /// Rows with a finite target, in an order drawn by seed, whatever features they have: the first
  /// ones are for training.
  std::vector<std::size_t> shuffled(std::uint64_t seed) const;
  /// Has the row anything to learn from: any of its features, and of each vector any value? Rows
  /// that were never scored have not.
  bool has_features(std::size_t row) const;
  double target_of(std::size_t row) const { return table_->value(target_, row); }
  Samples samples(std::span<const std::size_t> rows) const;
  /// How many of the rows lack a feature.
  std::size_t incomplete(std::span<const std::size_t> rows) const;

 private:
  std::shared_ptr<const Benchmark> table_;
  const SearchSpace* space_ = nullptr;
  std::size_t target_ = 0;
  std::vector<std::size_t> features_;
};

}  // namespace nas
