#include "predictors/autoencoder/graph_batch.h"

namespace nas {

GraphBatch graph_batch(const OperationGraphs& set, std::span<const std::size_t> chosen) {
  GraphBatch batch;
  batch.starts.push_back(0);
  for (const std::size_t i : chosen) {
    batch.starts.push_back(batch.starts.back() + set.graphs[i].operations.size());
  }
  const std::size_t operations = set.vocabulary.size();
  batch.vertices =
      FloatMatrix(batch.starts.back(), operations + static_cast<std::size_t>(set.wires));
  for (std::size_t g = 0; g < chosen.size(); ++g) {
    const OperationGraph& graph = set.graphs[chosen[g]];
    const std::size_t first = batch.starts[g];
    for (std::size_t v = 0; v < graph.operations.size(); ++v) {
      float* row = batch.vertices.row(first + v);
      row[graph.operations[v]] = 1;
      for (std::size_t wire = 0; wire < static_cast<std::size_t>(set.wires); ++wire) {
        row[operations + wire] = (graph.wires[v] >> wire & 1) != 0 ? 1.0F : 0.0F;
      }
    }
    for (const OperationGraph::Edge& edge : graph.edges) {
      batch.links.push_back({first + edge.from, first + edge.to});
    }
  }
  return batch;
}

}  // namespace nas
