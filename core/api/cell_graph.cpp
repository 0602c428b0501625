#include "core/api/cell_graph.h"

#include <cstddef>
#include <span>

namespace nas {

bool passes_nothing(std::string_view operation) {
  return operation == "none";
}

bool passes_input(std::string_view operation) {
  return operation == "skip_connect";
}

CellGraph cell_graph_of(const SearchSpace& space, const Architecture& architecture) {
  if (const auto* cells = dynamic_cast<const CellGraphs*>(&space)) {
    return cells->cell_graph(architecture);
  }
  // Choices of different decisions are different operations, even where their names agree.
  CellGraph graph;
  graph.operations.push_back(0);
  std::size_t first = 2;
  const std::span<const Decision> decisions = space.decisions();
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    graph.operations.push_back(static_cast<std::uint16_t>(first + architecture.choices[i]));
    first += decisions[i].choices.size();
  }
  graph.operations.push_back(1);
  for (std::size_t i = 1; i < graph.operations.size(); ++i) {
    graph.edges.emplace_back(static_cast<std::uint16_t>(i - 1), static_cast<std::uint16_t>(i));
  }
  return graph;
}

std::size_t cell_vocabulary(const SearchSpace& space) {
  if (const auto* cells = dynamic_cast<const CellGraphs*>(&space)) {
    return cells->cell_operations().size();
  }
  std::size_t count = 2;
  for (const Decision& decision : space.decisions()) count += decision.choices.size();
  return count;
}

}  // namespace nas
