#include "core/quantum/circuit_graph.h"

#include <doctest/doctest.h>

#include "core/ir/arch_builder.h"
#include "core/ir/cost.h"
#include "core/ir/forms/text_form.h"
#include "core/quantum/random_circuit.h"
#include "core/util/error.h"

namespace nas {

TEST_CASE("circuit graph: every kind of gate goes to its operation and back") {
  for (const GateKind& kind : gate_kinds()) {
    CAPTURE(kind.name);
    Circuit circuit(4);
    const std::vector<int> qubits{2, 0, 3};
    const std::vector<double> angles{0.25, -1.5, 3};
    circuit.add(kind, std::span(qubits).first(static_cast<std::size_t>(kind.qubits())),
                std::span(angles).first(static_cast<std::size_t>(kind.angles)));
    const ArchGraph graph = to_graph(circuit);
    CHECK_NOTHROW(graph.check());
    CHECK(to_circuit(graph) == circuit);
    CHECK(graph_cost(graph).params == kind.angles);
    CHECK(parse_graph(to_text(graph)) == graph);
  }
}

TEST_CASE("circuit graph: random circuits come back, with their depth and counts") {
  Rng rng({.seed = 7});
  for (int i = 0; i < 50; ++i) {
    const Circuit circuit = random_circuit({.qubits = 5, .gates = 20, .depth = 9}, rng);
    const ArchGraph graph = to_graph(circuit);
    CHECK(to_circuit(graph) == circuit);
    const CircuitCost cost = circuit_cost(graph);
    CHECK(cost.depth == circuit.depth());
    CHECK(cost.two_qubit_gates == circuit.two_qubit_gates());
    CHECK(cost.gates == 20);
    CHECK(graph_cost(graph).params == static_cast<std::int64_t>(circuit.parameters()));
  }
}

TEST_CASE("circuit graph: angles can be replaced, and tiny ones are 0") {
  Circuit circuit(1);
  circuit.add("RX", {0}, {1});
  const std::vector<double> angles{5e-310};
  CHECK(to_circuit(with_angles(to_graph(circuit), angles)).angles() == std::vector<double>{0});
}

TEST_CASE("circuit graph: a graph that is not a circuit is refused") {
  ArchBuilder network;
  network.output("y", network.input({Element::kFloat, {3}}));
  CHECK_THROWS_WITH_AS(to_circuit(network.finish()), doctest::Contains("not quantum wires"), Error);
  ArchBuilder crossed;
  const Value a = crossed.input({Element::kQubit, {}});
  const Value b = crossed.input({Element::kQubit, {}});
  crossed.output("q0", b);
  crossed.output("q1", a);
  CHECK_THROWS_WITH_AS(to_circuit(crossed.finish()), doctest::Contains("is not wire 0"), Error);
  ArchBuilder twice;
  const Value q = twice.input({Element::kQubit, {}});
  const Value p = twice.input({Element::kQubit, {}});
  twice.output("q0", twice.add("gate_x", {q}));
  twice.output("q1", twice.add("gate_cx", {q, p}));
  CHECK_THROWS_WITH_AS(to_circuit(twice.finish()), doctest::Contains("read twice"), Error);
  CHECK_THROWS_WITH_AS(ArchBuilder().add("gate_h", {ArchBuilder().input({Element::kFloat, {3}})}),
                       doctest::Contains("gate_h"), Error);
}

}  // namespace nas
