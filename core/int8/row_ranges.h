#pragma once

#include <cstdint>
#include <span>

#include "core/ir/arch_graph.h"
#include "core/ops/op_schema.h"

namespace nas {

/// The numbers between which a value lies; what quantises it.
struct ValueRange {
  float min = 0, max = 0;
};

/// What stands inside of a layer normalisation of rows x: each is a step of the int8 form.
enum class RowPart : std::uint8_t {
  kMean,     ///< of each row
  kCentred,  ///< c = x - mean
  kEnergy,   ///< sum c^2
  kInverse,  ///< 1 / sqrt(sum c^2)
  kUnit,     ///< c / sqrt(sum c^2)
};
constexpr std::size_t kRowParts = 5;

/// Whether a node normalises rows by their own statistics.
bool normalises_rows(const ArchGraph& graph, NodeId node);

/// Ranges of the parts of one layer normalisation over all samples.
class RowRanges {
 public:
  /// `over_channels`: a row is all channels at one position, else the last axis.
  RowRanges(const Shape& input, bool over_channels);
  /// [N, ...] row-major: what the normalisation reads.
  void observe(std::span<const float> values);
  ValueRange of(RowPart part) const { return ranges_[static_cast<std::size_t>(part)]; }

 private:
  void add(RowPart part, double value);

  std::size_t length_ = 1;  ///< of a row
  std::size_t stride_ = 1;  ///< between its numbers
  ValueRange ranges_[kRowParts]{};
};

}  // namespace nas
