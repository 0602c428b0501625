#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "core/api/search_space.h"
#include "core/util/rng.h"

namespace nas {

/// How a parent's decision is drawn.
enum class MutationKind {
  kDecision,  ///< every decision equally likely (`mutate`)
  /// First a node of the cell, then one of its incoming edges: in a cell that is a complete graph
  /// the edges of early nodes are drawn more often. Decisions named "edge_SOURCE_TARGET" tell the
  /// node.
  kNode,
};

/// One decision changed to another choice. Safe from several threads.
class Mutation {
 public:
  /// Throws Error(kUsage) for kNode in a space whose decisions are not all edges.
  Mutation(const SearchSpace& space, MutationKind kind);
  /// nullopt: the parent has no valid neighbour.
  std::optional<Architecture> operator()(const Architecture& parent, Rng& rng) const;

 private:
  const SearchSpace* space_;
  MutationKind kind_;
  std::vector<std::vector<std::size_t>> nodes_;  ///< decisions of each node; kNode only
};

}  // namespace nas
