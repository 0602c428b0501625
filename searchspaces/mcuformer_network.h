#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/api/task.h"
#include "core/ir/blueprint/blueprint.h"

// The networks of MCUFormer (Liang et al., NeurIPS 2023, arXiv 2310.16898): AutoFormer's vision
// transformers with layers of low rank. Values are those of the released code.

namespace nas {

/// What a space of them chooses from.
struct McuformerGrid {
  std::vector<std::int64_t> patches;     ///< of an image of 240 x 240
  std::vector<double> ranks;             ///< relative to the layer; 0: whole layers
  std::vector<std::int64_t> depths;      ///< ascending
  std::vector<std::int64_t> embeddings;  ///< channels of the tokens
  std::vector<double> ratios;            ///< hidden channels of a block over the embedding
  std::vector<std::int64_t> heads;
  std::int64_t supernet_width = 0;  ///< what ranks of attention layers are relative to
};

/// Positions of the decisions: patch, rank, depth, embedding, then the ratios of all blocks and the
/// heads of all blocks.
struct McuformerDecisions {
  explicit McuformerDecisions(const McuformerGrid& grid);
  static constexpr DecisionId kPatch = 0, kRank = 1, kDepth = 2, kEmbedding = 3, kFirstRatio = 4;
  DecisionId first_head;
  std::size_t blocks;  ///< at the largest depth
};

/// Channels of a head in the published networks.
constexpr std::int64_t kMcuformerHeadChannels = 64;

/// The patch that takes the part of an image's shorter side that `patch` takes of 240 pixels.
std::int64_t mcuformer_patch(std::int64_t patch, const Shape& image);

/// Bytes that the search of the paper demands of a network: E ((N + 1) (1 + R) + E R rank) with the
/// tokens N = (side / patch)^2, not rounded, and the largest ratio R. Attention, depth and heads do
/// not enter.
double mcuformer_peak_bytes(std::int64_t embedding, std::int64_t patch, double largest_ratio,
                            double rank, std::int64_t side = 240);

/// `settled.width` is the channels of a head; embeddings and ranks scale with it.
Blueprint describe_mcuformer(const McuformerGrid& grid, const Task& settled);

}  // namespace nas
