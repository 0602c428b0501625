#include "core/int8/row_ranges.h"

#include <algorithm>
#include <cmath>

namespace nas {

bool normalises_rows(const ArchGraph& graph, NodeId node) {
  return graph.op(node).role == OpRole::kNormalisation && !has_running_statistics(graph, node);
}

RowRanges::RowRanges(const Shape& input, bool over_channels) {
  const std::int64_t length = input[over_channels ? 0 : input.rank() - 1];
  length_ = static_cast<std::size_t>(length);
  if (over_channels) stride_ = static_cast<std::size_t>(input.elements() / length);
}

void RowRanges::add(RowPart part, double value) {
  ValueRange& range = ranges_[static_cast<std::size_t>(part)];
  range.min = std::min(range.min, static_cast<float>(value));
  range.max = std::max(range.max, static_cast<float>(value));
}

void RowRanges::observe(std::span<const float> values) {
  const std::size_t block = length_ * stride_;
  for (std::size_t begin = 0; begin + block <= values.size(); begin += block) {
    for (std::size_t row = 0; row < stride_; ++row) {
      const auto at = [&](std::size_t i) {
        return static_cast<double>(values[begin + row + i * stride_]);
      };
      double sum = 0, energy = 0, most = 0;
      for (std::size_t i = 0; i < length_; ++i) sum += at(i);
      const double mean = sum / static_cast<double>(length_);
      add(RowPart::kMean, mean);
      for (std::size_t i = 0; i < length_; ++i) {
        const double centred = at(i) - mean;
        add(RowPart::kCentred, centred);
        energy += centred * centred;
        most = std::max(most, std::abs(centred));
      }
      add(RowPart::kEnergy, energy);
      if (energy <= 0) continue;
      add(RowPart::kInverse, 1 / std::sqrt(energy));
      add(RowPart::kUnit, most / std::sqrt(energy));
      add(RowPart::kUnit, -most / std::sqrt(energy));
    }
  }
}

}  // namespace nas
