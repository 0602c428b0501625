#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/ir/arch_graph.h"
#include "hwmodels/kernel.h"
#include "hwmodels/running_nodes.h"

namespace nas {

/// Which operations a device fuses: a result into its reader, by the kinds of both (nn-Meter,
/// MobiSys 2021, section 4: "a device's rules are found by experiment").
struct FusionRules {
  std::set<std::pair<std::string, std::string>> pairs;
  bool empty() const { return pairs.empty(); }
};

/// The kernels of a network, in the order in which they run. What no output needs does not run; nor
/// does what passes its only input on, and a sum leaves zeros out, as our runtime does. A kernel
/// takes in the node that reads its result if that is the only reader, the rules allow it and the
/// other inputs of that node are ready.
class NetworkKernels {
 public:
  /// `graph` must outlive it.
  NetworkKernels(const ArchGraph& graph, const FusionRules& rules);

  std::size_t size() const { return ends_.size(); }
  std::span<const NodeId> nodes(std::size_t kernel) const;
  /// Equal for equal kernels, and for others with probability 2^-64: what estimates are remembered
  /// by.
  std::uint64_t key(std::size_t kernel) const;
  /// Throws Error(kUnsupported) as `make_kernel_op`.
  Kernel kernel(std::size_t index) const;

 private:
  std::span<const PortRef> inputs(NodeId node) const { return running_.inputs(node); }
  bool passes_on(NodeId node) const;
  bool expendable(NodeId node) const;
  bool in_place(NodeId node) const;
  KernelOp op_at(NodeId node) const;
  void put_together(const FusionRules& rules);
  NodeId only_reader(NodeId node) const;

  const ArchGraph& graph_;
  RunningNodes running_;
  std::vector<std::uint32_t> readers_;
  std::vector<NodeId> nodes_;
  std::vector<std::uint32_t> ends_;
};

}  // namespace nas
