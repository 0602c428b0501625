#include <algorithm>

#include "predictors/graph_net.h"

namespace nas {
namespace {

using Edges = std::vector<std::vector<bool>>;  // [from][to]

// Edges into a vertex go on to its targets, and the vertex is cut off.
void fold_vertex(Edges& edges, std::size_t vertex, bool through) {
  for (std::size_t from = 0; from < edges.size(); ++from) {
    for (std::size_t to = 0; through && to < edges.size(); ++to) {
      if (edges[from][vertex] && edges[vertex][to]) edges[from][to] = true;
    }
  }
  for (std::size_t other = 0; other < edges.size(); ++other) {
    edges[other][vertex] = false;
    edges[vertex][other] = false;
  }
}

// Vertices on a path from the first to the last; those two always.
std::vector<bool> on_paths(const Edges& edges) {
  const std::size_t n = edges.size();
  std::vector<bool> from_input(n, false), to_output(n, false), kept(n);
  from_input[0] = to_output[n - 1] = true;
  for (std::size_t to = 1; to < n; ++to) {
    for (std::size_t from = 0; from < to; ++from) {
      if (edges[from][to] && from_input[from]) from_input[to] = true;
    }
  }
  for (std::size_t from = n - 1; from-- > 0;) {
    for (std::size_t to = from + 1; to < n; ++to) {
      if (edges[from][to] && to_output[to]) to_output[from] = true;
    }
  }
  for (std::size_t v = 0; v < n; ++v) {
    kept[v] = (from_input[v] && to_output[v]) || v == 0 || v + 1 == n;
  }
  return kept;
}

void normalise_rows(std::vector<float>& matrix, std::size_t n) {
  for (std::size_t row = 0; row < n; ++row) {
    float sum = 0;
    for (std::size_t k = 0; k < n; ++k) sum += matrix[row * n + k];
    for (std::size_t k = 0; k < n; ++k) matrix[row * n + k] /= sum;
  }
}

}  // namespace

GraphInput graph_input(const SearchSpace& space, const Architecture& architecture,
                       const GraphReading& reading) {
  const CellGraph cell = cell_graph_of(space, architecture);
  const std::size_t count = cell.operations.size();
  Edges edges(count, std::vector<bool>(count, false));
  for (const auto& [from, to] : cell.edges) edges[from][to] = true;
  std::vector<bool> kept(count, true);
  if (reading.fold) {
    if (const auto* cells = dynamic_cast<const CellGraphs*>(&space)) {
      const std::vector<std::string> names = cells->cell_operations();
      for (std::size_t v = 1; v + 1 < count; ++v) {
        const std::string& name = names[cell.operations[v]];
        if (passes_nothing(name) || passes_input(name)) fold_vertex(edges, v, passes_input(name));
      }
    }
    kept = on_paths(edges);
  }
  std::vector<std::size_t> vertices;
  for (std::size_t v = 0; v < count; ++v) {
    if (kept[v]) vertices.push_back(v);
  }
  GraphInput input;
  for (const std::size_t v : vertices) input.operations.push_back(cell.operations[v]);
  if (reading.global) {
    input.operations.push_back(static_cast<std::uint16_t>(cell_vocabulary(space)));
  }
  const std::size_t n = input.operations.size();
  input.forward.assign(n * n, 0);
  input.backward.assign(n * n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    input.forward[i * n + i] = input.backward[i * n + i] = 1;
    for (std::size_t j = 0; j < vertices.size() && i < vertices.size(); ++j) {
      if (!edges[vertices[j]][vertices[i]]) continue;
      input.forward[i * n + j] = 1;
      input.backward[j * n + i] = 1;
    }
  }
  if (reading.global)
    std::fill(input.forward.end() - static_cast<std::ptrdiff_t>(n), input.forward.end(), 1.0F);
  normalise_rows(input.forward, n);
  normalise_rows(input.backward, n);
  return input;
}

}  // namespace nas
