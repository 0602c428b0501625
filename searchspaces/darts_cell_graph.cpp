#include "searchspaces/darts_cell_graph.h"

#include <utility>

namespace nas {
namespace {

constexpr std::size_t kOwn = 9;  // operations of one cell: two inputs, seven

void add_cell(CellGraph& graph, const DartsCell& cell, std::size_t first_operation) {
  // The vertices whose results make up each node; nodes 0 and 1 are the cell's inputs.
  std::vector<std::vector<std::uint16_t>> nodes;
  const auto add_vertex = [&graph](std::size_t operation) {
    graph.operations.push_back(static_cast<std::uint16_t>(operation));
    return static_cast<std::uint16_t>(graph.operations.size() - 1);
  };
  for (std::size_t input = 0; input < 2; ++input) {
    const std::uint16_t vertex = add_vertex(first_operation + input);
    graph.edges.emplace_back(std::uint16_t{0}, vertex);
    nodes.push_back({vertex});
  }
  for (const auto& edges : cell.nodes) {
    std::vector<std::uint16_t> parts;
    for (const DartsEdge& edge : edges) {
      const std::uint16_t vertex = add_vertex(first_operation + 2 + edge.op);
      for (const std::uint16_t from : nodes[edge.input]) graph.edges.emplace_back(from, vertex);
      parts.push_back(vertex);
    }
    nodes.push_back(std::move(parts));
  }
}

}  // namespace

std::vector<std::string> darts_cell_operations() {
  std::vector<std::string> names{"input", "output"};
  for (const std::string cell : {"normal", "reduce"}) {
    names.push_back(cell + ":before_last");
    names.push_back(cell + ":last");
    for (const std::string& operation : darts_operations()) names.push_back(cell + ":" + operation);
  }
  return names;
}

CellGraph darts_cell_graph(const DartsGenotype& genotype) {
  CellGraph graph;
  graph.operations.push_back(0);
  add_cell(graph, genotype.normal, 2);
  add_cell(graph, genotype.reduce, 2 + kOwn);
  graph.operations.push_back(1);
  const auto output = static_cast<std::uint16_t>(graph.operations.size() - 1);
  for (std::uint16_t vertex = 1; vertex < output; ++vertex) {
    const std::size_t operation = (graph.operations[vertex] - 2U) % kOwn;
    if (operation >= 2) graph.edges.emplace_back(vertex, output);  // nodes 2 to 5 are joined
  }
  return graph;
}

}  // namespace nas
