#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "core/ir/arch_graph.h"
#include "core/util/rng.h"

namespace nas {

/// One execution of a node.
struct OpRun {
  std::span<const at::Tensor> inputs;  ///< [N, C, H, W], [N, C, T] or [N, F]
  std::span<const at::Tensor> params;  ///< in the order of ArchGraph::params
  bool training = false;               ///< dropout drops
  /// batch_norm normalises by the batch and updates its running statistics.
  bool batch_statistics = false;
  bool overwrite = false;  ///< inputs[0] has no other reader: the result may replace it
  Rng* chance = nullptr;   ///< dropout masks. Requires non-null when training
};
using OpKernel = std::function<at::Tensor(const OpRun&)>;

/// What the executor may do with a result.
enum class ResultMemory : std::uint8_t {
  kKept,   ///< may be an input itself, a view of one, or be read by the gradient: never overwritten
  kFresh,  ///< new memory that the gradient does not read: its only reader may overwrite it
  kZero,   ///< kFresh, and zero in every place: a kSum leaves it out
  kSum,  ///< the sum of the inputs in any order; kFresh when there are two or more, else the input
         ///< itself
};

/// How LibTorch runs a primitive.
struct OpBuilder {
  std::string_view op;
  OpKernel (*make)(const ArchGraph& graph, NodeId node);
  ResultMemory memory = ResultMemory::kKept;
};

/// Those of one file: `conv_torch.cpp` defines `conv_builders`, and stands in the list of
/// core/runtime/CMakeLists.txt.
using OpBuilders = std::span<const OpBuilder>;
/// The lists of all files; generated.
std::span<const OpBuilders* const> op_builders();

/// Throws Error(kUnsupported) when there is none.
const OpBuilder& find_builder(std::string_view op);

}  // namespace nas
