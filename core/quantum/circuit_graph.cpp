#include "core/quantum/circuit_graph.h"

#include <array>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "core/ir/arch_builder.h"
#include "core/ir/cost.h"
#include "core/ops/registry.h"
#include "core/util/error.h"

namespace nas {
namespace {

constexpr std::string_view kPrefix = "gate_";

const OpSchema& operation_of(const GateKind& kind) {
  return find_op(std::string(kPrefix) + std::string(kind.qasm));
}

const GateKind* kind_of(const OpSchema& op) {
  return op.role == OpRole::kGate ? find_gate_kind(op.name.substr(kPrefix.size())) : nullptr;
}

/// Attributes are normal numbers; an angle nearer to 0 than those turns nothing.
double as_attribute(double angle) {
  return std::isnormal(angle) ? angle : 0;
}

std::string wire_name(int qubit) {
  return "q" + std::to_string(qubit);
}

[[noreturn]] void fail(const std::string& why) {
  throw Error(ErrorKind::kUsage, "not a quantum circuit: " + why);
}

}  // namespace

ArchGraph to_graph(const Circuit& circuit) {
  ArchBuilder builder;
  std::vector<Value> wires;
  for (int qubit = 0; qubit < circuit.qubits(); ++qubit) {
    wires.push_back(builder.input({Element::kQubit, {}}));
  }
  for (const Gate& gate : circuit.gates()) {
    std::vector<Value> inputs;
    for (const int qubit : gate.on()) inputs.push_back(wires[static_cast<std::size_t>(qubit)]);
    std::vector<AttrValue> angles;
    for (int k = 0; k < gate.kind->angles; ++k) {
      angles.emplace_back(as_attribute(gate.angles[static_cast<std::size_t>(k)]));
    }
    const Value made = builder.add_in_scope(operation_of(*gate.kind), inputs, angles, "");
    std::uint32_t port = 0;
    for (const int qubit : gate.on()) wires[static_cast<std::size_t>(qubit)] = {made.node, port++};
  }
  for (int qubit = 0; qubit < circuit.qubits(); ++qubit) {
    builder.output(wire_name(qubit), wires[static_cast<std::size_t>(qubit)]);
  }
  return builder.finish();
}

Circuit to_circuit(const ArchGraph& graph) {
  if (!is_circuit(graph)) fail("its inputs are not quantum wires");
  Circuit circuit(static_cast<int>(graph.graph_inputs().size()));
  std::map<PortRef, int> qubit_of;
  for (const NodeId input : graph.graph_inputs()) {
    const int qubit = static_cast<int>(qubit_of.size());
    qubit_of[{input, 0}] = qubit;
  }
  for (NodeId node = 0; node < graph.size(); ++node) {
    if (graph.op(node).role == OpRole::kInput) continue;
    const GateKind* kind = kind_of(graph.op(node));
    if (kind == nullptr) fail("'" + graph.path(node) + "' is no gate");
    std::vector<int> qubits;
    for (const PortRef& wire : graph.inputs(node)) {
      const auto found = qubit_of.find(wire);
      if (found == qubit_of.end()) fail("a wire of '" + graph.path(wire.node) + "' is read twice");
      qubits.push_back(found->second);
      qubit_of.erase(found);
    }
    std::vector<double> angles;
    for (const AttrValue angle : graph.attrs(node)) angles.push_back(angle.as_real());
    circuit.add(*kind, qubits, angles);
    for (std::uint32_t port = 0; port < qubits.size(); ++port) {
      qubit_of[{node, port}] = qubits[port];
    }
  }
  int expected = 0;
  for (const GraphOutput& output : graph.graph_outputs()) {
    const auto found = qubit_of.find(output.value);
    if (found == qubit_of.end() || found->second != expected) {
      fail("output '" + output.name + "' is not wire " + std::to_string(expected));
    }
    ++expected;
  }
  if (expected != circuit.qubits()) fail("not every wire is an output");
  return circuit;
}

ArchGraph with_angles(const ArchGraph& graph, std::span<const double> angles) {
  Circuit circuit = to_circuit(graph);
  circuit.set_angles(angles);
  return to_graph(circuit);
}

}  // namespace nas
