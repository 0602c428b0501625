#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/api/operation_graph.h"
#include "predictors/autoencoder/products.h"

namespace nas {

/// Graphs side by side, as an auto-encoder of graphs sees them.
struct GraphBatch {
  FloatMatrix vertices;             ///< [all vertices, operations + wires], of 0 and 1
  std::vector<std::size_t> starts;  ///< first row of each graph, and the end
  struct Link {
    std::size_t from = 0, to = 0;  ///< rows
  };
  std::vector<Link> links;  ///< edges, each once

  std::size_t graphs() const { return starts.size() - 1; }
  std::size_t rows() const { return vertices.rows; }
};

/// One row a vertex: its operation one-hot, then a flag for each wire that it stands on (start and
/// end: on all).
GraphBatch graph_batch(const OperationGraphs& set, std::span<const std::size_t> chosen);

}  // namespace nas
