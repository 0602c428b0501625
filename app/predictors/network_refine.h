#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/session/session.h"
#include "core/ir/arch_graph.h"

namespace nas {

struct RefineRequest {
  std::string predictor;      ///< name of a stored one that judges networks of no space
  std::int64_t tries = 1000;  ///< changes of one node
  std::uint64_t seed = 0;
};

struct RefinedNetwork {
  ArchGraph graph;
  double prediction = 0;
  std::int64_t macs = 0;
  std::vector<std::string> changes;  ///< from the network that was given
};

struct RefineReport {
  RefinedNetwork start;
  /// Predicted to be as good as the start with as many MACs at most, none better in both than
  /// another; by prediction, best first. Empty: nothing better was found.
  std::vector<RefinedNetwork> front;
  std::int64_t tries = 0;  ///< fewer than were asked for: it was interrupted
  std::int64_t impossible =
      0;                   ///< tries that change nothing, do not fit together or cannot be judged
  std::int64_t known = 0;  ///< networks that were judged before
  std::string target;      ///< what is predicted
};

/// Local search on the graph itself, which may leave every search space: from a network of the
/// front one node is changed at random (app/predictors/node_mutation.h), and what is not worse than
/// another is kept. GENNAPE (AAAI 2023), section on search: a higher prediction with fewer FLOPs.
/// Throws Error(kUsage) for a predictor that judges architectures of one space alone.
RefineReport refine_network(Session& session, const ArchGraph& graph, const RefineRequest& request);

}  // namespace nas
