#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/api/search_space.h"

namespace nas {

/// The numbers that the decisions of `efficient_tdnn` choose from, ascending.
struct TdnnGrid {
  std::vector<std::int64_t> depths;     ///< blocks behind the first layer
  std::vector<std::int64_t> channels;   ///< of the first layer, and of the inside of each block
  std::vector<std::int64_t> kernels;    ///< frames, odd
  std::vector<std::int64_t> aggregate;  ///< channels after the blocks are concatenated
};

/// Layers with a width and a kernel of their own: the first one, then the blocks.
inline constexpr std::size_t kTdnnLayers = 5;

// The order of the decisions, which is that of the published predictor's input: depth, the channels
// of the layers, their kernels, the channels of the aggregation.
inline constexpr DecisionId kTdnnDepth = 0;
inline constexpr DecisionId kTdnnFirstChannels = 1;
inline constexpr DecisionId kTdnnFirstKernel = kTdnnFirstChannels + kTdnnLayers;
inline constexpr DecisionId kTdnnAggregate = kTdnnFirstKernel + kTdnnLayers;
inline constexpr DecisionId kTdnnDecisions = kTdnnAggregate + 1;

/// EfficientTDNN (Wang et al., 2022, arXiv 2103.13581; the released code): a first layer, two to
/// four SE-Res2 blocks of dilation 2, 3, ..., their concatenation through a 1x1 convolution,
/// attentive statistics over time, and the embedding. Input [features, frames]; outputs "logits"
/// [classes] where the task has classes, then "embedding" [embedding]. Requires a settled task.
Blueprint describe_tdnn(const TdnnGrid& grid, const Task& task);

}  // namespace nas
