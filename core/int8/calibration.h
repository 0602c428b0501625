#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <vector>

#include "core/int8/row_ranges.h"
#include "core/ir/arch_graph.h"

namespace nas {

/// What one value of a network was on the samples of a calibration.
struct ValueStatistics {
  static constexpr std::size_t kBins = 4096;

  float min = std::numeric_limits<float>::infinity();
  float max = -std::numeric_limits<float>::infinity();
  std::int64_t count = 0, not_finite = 0;
  std::vector<double> channel_sums{};     ///< by place of the leading dimension
  std::vector<std::int64_t> histogram{};  ///< kBins equal parts of [min, max]
  /// Mean of a channel over samples and positions.
  double channel_mean(std::size_t channel) const;
};

/// Ranges, means and distributions of every value of a network, over two passes of the same
/// samples through it: the first finds ranges, the second counts within them.
class Calibration {
 public:
  explicit Calibration(const ArchGraph& graph);

  /// What node `node` gave for a batch, [N, ...] row-major. Throws Error(kNumeric), naming the
  /// node, in the first pass for numbers that are not finite.
  void observe(NodeId node, std::span<const float> values);
  /// From here on what is observed is counted.
  void start_counting();

  const ValueStatistics& of(NodeId node) const { return values_[node]; }

  /// The smallest and the largest number.
  ValueRange min_max(NodeId node) const;
  /// Of what stands inside of a layer normalisation. Requires `normalises_rows`.
  ValueRange row_part(NodeId node, RowPart part) const { return rows_.at(node).of(part); }
  /// Without the (100 - percentile) % largest and as many smallest numbers, to the width of a bin.
  /// Throws Error(kUsage) where nothing was counted.
  ValueRange percentile(NodeId node, double percentile) const;

 private:
  void find_range(NodeId node, std::span<const float> values);
  void count(NodeId node, std::span<const float> values);
  /// Throws Error(kUsage) for a node that no sample went through.
  void expect_seen(NodeId node) const;

  ArchGraph graph_;
  std::vector<ValueStatistics> values_;  ///< by node
  std::map<NodeId, RowRanges> rows_;     ///< of layer normalisations
  bool counting_ = false;
};

}  // namespace nas
