#pragma once

#include <filesystem>
#include <vector>

#include "core/api/search_space.h"

namespace nas {

/// The published latency table of EfficientTDNN (Wang et al., 2022, arXiv 2103.13581; a V100, batch
/// 64, 300 frames): the sum over the parts of a network of what each takes alone,
///
///   layer1(80, k_0, c_0) + sum_i block(c_0, k_i, c_i) + catconv(depth c_0, cat) + pool(cat)
///     + embed(2 cat, 192).
///
/// Each part is a function of a few decisions of space `efficient_tdnn`. Immutable.
class TdnnLatency {
 public:
  /// Reads latency_v100_{layer1,blocks,catconv,pool,embed}.csv of a folder. Throws Error(kIo) for a
  /// file that is missing, Error(kData) with file and line for one that is damaged or lacks a
  /// combination of the space, Error(kUsage) for another space.
  TdnnLatency(const SearchSpace& space, const std::filesystem::path& folder);

  /// Requires choices of the space it was made for.
  double milliseconds(Choices choices) const;

 private:
  std::vector<ElasticValue> parts_;
};

}  // namespace nas
