#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/ir/arch_graph.h"

namespace nas {

/// Additions alone may take their terms in any order.
bool is_sum(const OpSchema& op);

/// What a pass over a network runs: the nodes that an output needs. Sums leave out terms that are
/// zeros whatever they read (`none` of NAS-Bench-201), of zeros alone one is kept; so what only
/// leads to such a term does not run.
class RunningNodes {
 public:
  explicit RunningNodes(const ArchGraph& graph);

  /// What the node reads where it runs.
  std::span<const PortRef> inputs(NodeId node) const {
    return std::span(inputs_).subspan(first_[node], first_[node + 1] - first_[node]);
  }
  bool runs(NodeId node) const { return running_[node]; }
  /// Does any node of [begin, end) run?
  bool any(NodeId begin, NodeId end) const;

 private:
  std::vector<PortRef> inputs_;
  std::vector<std::uint32_t> first_;  // of a node in inputs_
  std::vector<bool> running_;
};

}  // namespace nas
