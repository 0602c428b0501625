#include "core/ir/cost.h"

#include <algorithm>

#include "core/util/error.h"

namespace nas {
namespace {

void add_checked(std::int64_t& total, std::int64_t value, const char* what) {
  if (__builtin_add_overflow(total, value, &total)) {
    throw Error(
        ErrorKind::kNumeric,
        std::string(what) + " of the graph do not fit into 64 bits; is a dimension absurd?");
  }
}

}  // namespace

GraphCost graph_cost(const ArchGraph& graph) {
  GraphCost total;
  for (NodeId node = 0; node < graph.size(); ++node) {
    const OpCost cost = graph.cost(node);
    add_checked(total.macs, cost.macs, "the MACs");
    add_checked(total.bias_macs, cost.bias_macs, "the MACs of biases");
    add_checked(total.norm_macs, cost.norm_macs, "the MACs of batch normalisations");
    for (const ParamSpec& param : graph.params(node)) {
      if (param.trainable) {
        add_checked(total.params, param.shape.elements(), "the parameters");
      }
    }
    for (const TensorType& type : graph.output_types(node)) {
      add_checked(total.activation_bytes, bytes_of(type), "the activation bytes");
    }
  }
  return total;
}

bool is_circuit(const ArchGraph& graph) {
  const std::span<const NodeId> inputs = graph.graph_inputs();
  return !inputs.empty() && std::all_of(inputs.begin(), inputs.end(), [&](NodeId node) {
    return graph.output_types(node)[0].element == Element::kQubit;
  });
}

CircuitCost circuit_cost(const ArchGraph& graph) {
  CircuitCost cost;
  if (!is_circuit(graph)) return cost;
  cost.qubits = static_cast<std::int64_t>(graph.graph_inputs().size());
  std::vector<std::int64_t> depth(graph.size(), 0);
  for (NodeId node = 0; node < graph.size(); ++node) {
    if (graph.op(node).role != OpRole::kGate) continue;
    ++cost.gates;
    cost.two_qubit_gates += graph.inputs(node).size() >= 2 ? 1 : 0;
    cost.rotations += graph.params(node).count > 0 ? 1 : 0;
    for (const PortRef& wire : graph.inputs(node)) {
      depth[node] = std::max(depth[node], depth[wire.node] + 1);
    }
    cost.depth = std::max(cost.depth, depth[node]);
  }
  return cost;
}

}  // namespace nas
