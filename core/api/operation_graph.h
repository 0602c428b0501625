#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/api/search_space.h"

namespace nas {

/// What stands in an architecture and what follows what: all that counts, kernels and encoders of
/// graphs read. Vertex 0 is the start, the last one the end.
struct OperationGraph {
  struct Edge {
    std::uint16_t from = 0, to = 0;  ///< from < to, topological
    std::uint16_t wires = 1;         ///< that lead from one to the other
  };
  std::vector<std::uint16_t> operations;  ///< by vertex, an index into the vocabulary
  std::vector<Edge> edges;                ///< ascending by from, then to
  /// By vertex, bit k: it stands on wire k. Empty where the space has no wires.
  std::vector<std::uint64_t> wires;
};

/// Graphs of one space over one vocabulary.
struct OperationGraphs {
  std::vector<std::string> vocabulary;  ///< "start", "end", then operations
  int wires = 0;                        ///< of every graph; 0: the space has none
  std::vector<OperationGraph> graphs;
};

/// Circuits: one vertex a gate, an edge where a wire leads from one gate straight to the next, from
/// the start to the first and from the last to the end; the vocabulary is the gates that occur in
/// any of them. A wire without gates gives no edge. Other spaces: their cells, or a chain of their
/// choices (`cell_graph_of`). `architectures` are valid ones of the space.
OperationGraphs operation_graphs(const SearchSpace& space,
                                 std::span<const Architecture> architectures);

/// What `structure_features` counts.
struct StructureParts {
  bool counts = true;  ///< operations, and operations on each wire
  bool pairs = true;   ///< operations that follow one another, once for each wire between them
};

/// One row of numbers an architecture, single precision.
struct FeatureRows {
  std::vector<std::string> names;  ///< "rx", "rx on wire 2", "rx, cx"; as many as columns
  std::vector<float> values;       ///< row-major
  std::size_t width() const { return names.size(); }
  std::span<const float> row(std::size_t i) const {
    return std::span(values).subspan(i * width(), width());
  }
};

/// Counts over the graphs; a column for each that is not 0 in some graph: of random circuits of
/// eleven kinds of gates on four wires 55 counts and 143 pairs.
FeatureRows structure_features(const OperationGraphs& graphs, const StructureParts& parts = {});

}  // namespace nas
