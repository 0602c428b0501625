#include <string>

#include "core/ops/registry.h"

// Gates of quantum circuits. A wire is a value of type qubit; a gate reads as many wires as it has
// and gives each of them back, in the same order, as an output port of its own. The inputs of a
// circuit are qubits in |0>, its outputs the same wires behind the last gate. What the gates do to
// a state stands in core/quantum; the names here are those of core/quantum behind "gate_".
//
// The angles of a rotation are its parameters. As attributes they are where a fit starts, or what a
// fit has found; a circuit whose angles are open has 0.
namespace nas {
namespace {

constexpr AttrSpec angle(std::string_view name, std::string_view doc) {
  return optional_real(name, 0, -1e9, 1e9, doc);
}
constexpr AttrSpec kOneAngle[] = {angle("angle", "angle in radians")};
constexpr AttrSpec kTwoAngles[] = {angle("phi", "phase before, in radians"),
                                   angle("lambda", "phase behind, in radians")};
constexpr AttrSpec kThreeAngles[] = {angle("theta", "polar angle in radians"),
                                     angle("phi", "phase before, in radians"),
                                     angle("lambda", "phase behind, in radians")};

void infer_gate(const OpCall& call, std::vector<TensorType>& outputs) {
  for (std::size_t i = 0; i < call.inputs.size(); ++i) {
    if (call.inputs[i] != TensorType{Element::kQubit, {}}) {
      call.fail("input " + std::to_string(i) + " is " + to_string(call.inputs[i]) +
                ", expected a quantum wire");
    }
    outputs.push_back(call.inputs[i]);
  }
}

ParamList gate_angles(const OpCall& call) {
  ParamList list;
  list.add({.name = "angles", .shape = {static_cast<std::int64_t>(call.attrs.size())}});
  return list;
}

constexpr OpSchema gate(std::string_view name, int wires, std::string_view doc) {
  return {.name = name,
          .doc = doc,
          .min_inputs = wires,
          .max_inputs = wires,
          .role = OpRole::kGate,
          .family = OpFamily::kGate,
          .infer = infer_gate};
}

constexpr OpSchema rotation(std::string_view name, int wires, std::string_view doc,
                            std::span<const AttrSpec> angles = kOneAngle) {
  OpSchema op = gate(name, wires, doc);
  op.attrs = angles;
  op.params = gate_angles;
  return op;
}

constexpr OpSchema kOps[] = {
    gate("gate_x", 1, "Pauli X: swaps |0> and |1>"),
    gate("gate_y", 1, "Pauli Y"),
    gate("gate_z", 1, "Pauli Z: changes the sign of |1>"),
    gate("gate_h", 1, "Hadamard: |0> to (|0> + |1>) / sqrt 2"),
    gate("gate_id", 1, "leaves a wire as it is"),
    gate("gate_s", 1, "phase i of |1>"),
    gate("gate_sdg", 1, "phase -i of |1>"),
    gate("gate_t", 1, "phase exp(i pi / 4) of |1>"),
    gate("gate_tdg", 1, "phase exp(-i pi / 4) of |1>"),
    gate("gate_sx", 1, "square root of X"),
    gate("gate_sxdg", 1, "inverse of the square root of X"),
    rotation("gate_rx", 1, "rotation exp(-i angle X / 2)"),
    rotation("gate_ry", 1, "rotation exp(-i angle Y / 2)"),
    rotation("gate_rz", 1, "rotation exp(-i angle Z / 2)"),
    rotation("gate_u1", 1, "phase exp(i angle) of |1>"),
    rotation("gate_u2", 1, "u3 with theta = pi / 2", kTwoAngles),
    rotation("gate_u3", 1, "any rotation, by three angles (OpenQASM 2: u3)", kThreeAngles),
    gate("gate_cx", 2, "CNOT: X on the second wire where the first is |1>"),
    gate("gate_cy", 2, "Y on the second wire where the first is |1>"),
    gate("gate_cz", 2, "changes the sign of |11>"),
    gate("gate_ch", 2, "Hadamard on the second wire where the first is |1>"),
    gate("gate_swap", 2, "exchanges two wires"),
    rotation("gate_crx", 2, "rx on the second wire where the first is |1>"),
    rotation("gate_cry", 2, "ry on the second wire where the first is |1>"),
    rotation("gate_crz", 2, "rz on the second wire where the first is |1>"),
    rotation("gate_cu1", 2, "phase exp(i angle) of |11>"),
    rotation("gate_cu3", 2, "u3 on the second wire where the first is |1>", kThreeAngles),
    rotation("gate_rxx", 2, "rotation exp(-i angle XX / 2)"),
    rotation("gate_ryy", 2, "rotation exp(-i angle YY / 2)"),
    rotation("gate_rzz", 2, "rotation exp(-i angle ZZ / 2)"),
    gate("gate_ccx", 3, "X on the third wire where the first two are |1>"),
    gate("gate_cswap", 3, "exchanges two wires where the first is |1>"),
};

}  // namespace

extern constinit const OpList quantum_list{kOps};

}  // namespace nas
