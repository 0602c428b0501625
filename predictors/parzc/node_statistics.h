#pragma once

#include <string>
#include <vector>

#include "core/api/predictor.h"
#include "predictors/parzc/regressor.h"

namespace nas {

/// Which features are the vectors of statistics: names "<column>[i]", grouped by column.
class NodeStatistics {
 public:
  NodeStatistics() = default;
  /// Throws Error(kUsage) when there are none, or a feature is not an element of a vector.
  explicit NodeStatistics(const std::vector<std::string>& feature_names);

  std::int64_t inputs() const { return inputs_; }
  const std::vector<std::string>& names() const { return names_; }
  /// By architecture and statistic, scaled to [0, 1] over its nodes (0 where all are equal);
  /// missing values, which are the padding, become 0 (ParZC, section 2.3 of the released recipe).
  /// Throws Error(kUsage) when the samples have other features.
  void fill(const Samples& samples, RankSamples& rows) const;

 private:
  std::vector<std::string> names_;
  std::vector<std::pair<std::size_t, std::size_t>> vectors_;  ///< first feature and length
  std::int64_t inputs_ = 0;
};

/// The cells of the architectures as graphs, padded to the largest of them or to `vertices`.
/// Throws Error(kUsage) when a cell has more.
void fill_graphs(const SearchSpace& space, const std::vector<Architecture>& architectures,
                 std::int64_t vertices, RankSamples& rows);

}  // namespace nas
