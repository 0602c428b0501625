#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/api/cell_graph.h"
#include "core/api/subject.h"
#include "predictors/transfer/evidence_gp.h"
#include "predictors/transfer/live_structure.h"

namespace nas {

/// What a subject is to the transfer predictors, as groups of numbers:
///   choices  one 0/1 for each choice of each decision (a network without a space: none)
///   counts   how often each choice is made, summed over decisions of one kind; what passes nothing
///            on is left out. A network without a space: operations by role
///   needed   in spaces with cells: counts of the operations that the cell's output needs, and
///            additions (live_structure.h). Compilers remove the others
///   live     the live encoding: counts, validity, additions, depth, MACs of the critical path
///            (graphs), operations, parallelism, logarithm of the paths
///   cost     dense MACs, depthwise MACs, parameters, activations, kernels, MACs of the network
/// Spaces with cells have no cost and the others no needed block: each block empty where it says
/// nothing that another does not.
class SubjectBlocks {
 public:
  enum Block : std::size_t { kChoices, kCounts, kNeeded, kLive, kCost, kBlocks };

  SubjectBlocks() = default;
  /// For subjects like this one: of its space, or networks without one.
  explicit SubjectBlocks(const Subject& like);

  /// Throws Error(kUsage) for a subject of another space than the others.
  BlockRows encode(std::span<const Subject> subjects) const;
  bool has_cells() const { return cells_ != nullptr; }
  /// "nasbench201", or "" for networks without a space.
  std::string space_name() const { return space_ == nullptr ? "" : space_->info().name; }

 private:
  void encode_choices(const Architecture& architecture, BlockRows& rows) const;
  void encode_structure(const OpDag& dag, BlockRows& rows) const;

  const SearchSpace* space_ = nullptr;
  const CellGraphs* cells_ = nullptr;
  std::vector<std::string> operations_;             ///< of the cells
  std::vector<std::vector<std::size_t>> count_of_;  ///< by decision and choice: column of counts
  std::size_t counts_ = 0;
};

/// Costs of a network that hardware charges for; the block `cost`.
std::vector<double> cost_features(const ArchGraph& graph);

/// Centres and scales columns by those of a pool; columns that are constant there become zero.
struct BlockScale {
  std::vector<std::vector<double>> mean, factor;  ///< by block and column
  static BlockScale of(const BlockRows& pool);
  void apply(BlockRows& rows) const;
  /// Columns of a block that are not constant.
  std::size_t varying(std::size_t block) const;
};

}  // namespace nas
