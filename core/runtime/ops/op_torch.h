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
  std::span<const at::Tensor> inputs;  ///< [N, C, H, W] or [N, F]
  std::span<const at::Tensor> params;  ///< in the order of ArchGraph::params
  bool training = false;               ///< dropout drops
  bool batch_statistics =
      false;  ///< batch_norm normalises by the batch and updates its running statistics
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

/// How LibTorch runs a primitive. One table a file, all listed in builders_torch.cpp.
struct OpBuilder {
  std::string_view op;
  OpKernel (*make)(const ArchGraph& graph, NodeId node);
  ResultMemory memory = ResultMemory::kKept;
};

std::span<const OpBuilder> activation_builders();
std::span<const OpBuilder> arithmetic_builders();
std::span<const OpBuilder> conv_builders();
std::span<const OpBuilder> norm_builders();
std::span<const OpBuilder> pool_builders();
std::span<const OpBuilder> structure_builders();

/// Throws Error(kUnsupported) when there is none.
const OpBuilder& find_builder(std::string_view op);

/// Position of a tensor among the node's, or -1.
int param_index(const ArchGraph& graph, NodeId node, std::string_view name);

}  // namespace nas
