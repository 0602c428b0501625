#include "core/api/operation_graph.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/api/notation.h"
#include "core/api/plugin.h"
#include "searchspaces/registry.h"

namespace nas {
namespace {

std::unique_ptr<SearchSpace> space_of(std::string_view name, const OptionMap& options = {}) {
  return find_plugin(space_plugins(), "space", name).make(options);
}

float feature(const FeatureRows& rows, std::size_t row, const std::string& name) {
  const auto found = std::find(rows.names.begin(), rows.names.end(), name);
  REQUIRE(found != rows.names.end());
  return rows.row(row)[static_cast<std::size_t>(found - rows.names.begin())];
}

}  // namespace

TEST_CASE("operation graphs: wires of a circuit lead from the start through gates to the end") {
  const auto space = space_of("quantum_random", {{"qubits", "3"}, {"gates", "4"}});
  const Architecture circuit = space->parse("X:0;CNOT:0:1;CZ:0:1;RX:1");
  const OperationGraphs set = operation_graphs(*space, std::span(&circuit, 1));
  CHECK(set.vocabulary == std::vector<std::string>{"start", "end", "cx", "cz", "rx", "x"});
  CHECK(set.wires == 3);
  const OperationGraph& graph = set.graphs.front();
  CHECK(graph.operations == std::vector<std::uint16_t>{0, 5, 2, 3, 4, 1});
  CHECK(graph.wires == std::vector<std::uint64_t>{7, 1, 3, 3, 2, 7});
  std::vector<std::array<int, 3>> edges;
  for (const OperationGraph::Edge& edge : graph.edges) {
    edges.push_back({edge.from, edge.to, edge.wires});
  }
  // Wire 2 has no gate, so it gives no edge; two wires lead from the CNOT to the CZ.
  CHECK(edges == std::vector<std::array<int, 3>>{
                     {0, 1, 1}, {0, 2, 1}, {1, 2, 1}, {2, 3, 2}, {3, 4, 1}, {3, 5, 1}, {4, 5, 1}});
}

TEST_CASE("structure features: operations, operations on wires, and pairs are counted") {
  const auto space = space_of("quantum_random", {{"qubits", "3"}, {"gates", "4"}});
  const std::vector<Architecture> circuits{space->parse("X:0;CNOT:0:1;CZ:0:1;RX:1"),
                                           space->parse("X:0;X:0;X:1;X:2")};
  const OperationGraphs set = operation_graphs(*space, circuits);
  const FeatureRows rows = structure_features(set);
  CHECK(feature(rows, 0, "x") == 1);
  CHECK(feature(rows, 1, "x") == 4);
  CHECK(feature(rows, 1, "x on wire 0") == 2);
  CHECK(feature(rows, 0, "cx on wire 1") == 1);
  CHECK(feature(rows, 0, "cx, cz") == 2);
  CHECK(feature(rows, 1, "start, x") == 3);
  CHECK(feature(rows, 1, "cx, cz") == 0);
  const FeatureRows counts = structure_features(set, {.counts = true, .pairs = false});
  CHECK(counts.width() == 4 + 3 + 2 + 2 + 1);
  CHECK(counts.row(1).size() == counts.width());
}

TEST_CASE("operation graphs: spaces without wires give their cells, or a chain of their choices") {
  const auto cells = space_of("nasbench201");
  const Architecture cell =
      cells->parse("|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|");
  const OperationGraphs set = operation_graphs(*cells, std::span(&cell, 1));
  CHECK(set.wires == 0);
  CHECK(set.graphs.front().wires.empty());
  CHECK(feature(structure_features(set), 0, "nor_conv_3x3") == 1);
  const auto chain = space_of("cifar_resnet");
  const Architecture blocks = chain->parse("111");
  CHECK(structure_features(operation_graphs(*chain, std::span(&blocks, 1))).width() == 3 + 4);
}

TEST_CASE("quantum_random: circuits with angles and long names of gates are read") {
  const auto space = space_of("quantum_random", {{"qubits", "3"}, {"gates", "3"}});
  const Architecture read =
      read_architecture(*space, "PauliX:0;U3:1:0.5:1.5:2.5;CNOT:2:0", "angles");
  CHECK(space->format(read) == "X:0;U3:1;CNOT:2:0");
  CHECK_THROWS_WITH(read_architecture(*space, "PauliX:0;U3:1:0.5;CNOT:2:0", "angles"),
                    doctest::Contains("expected 1 qubits and 3 angles or none"));
}

}  // namespace nas
