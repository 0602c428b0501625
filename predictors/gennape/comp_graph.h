#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/ir/arch_graph.h"

namespace nas {

// Mills et al., "GENNAPE: Towards Generalized Neural Architecture Performance Estimators", AAAI
// 2023 (arXiv 2211.17226): any convolutional network as a computation graph of atomic operations.

/// The 32 labels of the released vocabulary, by position.
enum class CgOp : std::uint8_t {
  kOther,  ///< "<oov>"
  kInput,
  kOutput,
  kConv,
  kDepthwise,
  kBatchNorm,
  kRelu,
  kRelu6,
  kMatmul,
  kAdd,
  kMul,
  kConcat,
  kMaxPool,
  kAvgPool,
  kSigmoid,
  kTanh,
  kSwish,
  kGelu,
  kPaddings,
  kMean,
  kSpaceToBatch,
  kBatchToSpace,
  kSpaceToDepth,
  kDepthToSpace,
  kGlobal,
  kIdentity,
  kZero,
  kLabels = 32  ///< how many there are, five reserved ones included
};

struct CgNode {
  CgOp op = CgOp::kOther;
  bool weighted = false;  ///< conv, depthwise, matmul
  /// Of the first input and the output: H in, H out, W in, W out, C in, C out. Vectors count as H =
  /// W = 1.
  std::array<std::int32_t, 6> resolution{};
  // Of weighted nodes:
  std::uint8_t kernel_h = 0, kernel_w = 0;  ///< 0..7; 0 for matmul
  bool bias = false;
  friend bool operator==(const CgNode&, const CgNode&) = default;
};

/// Weighted nodes first, then the others, both in topological order; edges sorted, each once.
struct CompGraph {
  static constexpr int kLargestKernel = 7;  ///< of the table that the sizes index
  std::vector<CgNode> nodes;
  std::size_t weighted = 0;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;  ///< producer, consumer
  std::int64_t macs = 0;  ///< of one sample, as the operations count them
};

/// The computation graph of a network: batch normalisations and identities are nodes, a dilated
/// convolution is three. Left out: what no output needs and what is zero or reached by no input
/// (the authors' families have no `none`); additions, products and concatenations with one input
/// left; operations of shapes. An addition of several terms is one node, as in our networks and in
/// released NAS-Bench-101 graphs; released NAS-Bench-201 graphs add two at a time. Throws
/// Error(kUnsupported) naming a node with a kernel above 7.
CompGraph comp_graph_of(const ArchGraph& graph);

}  // namespace nas
