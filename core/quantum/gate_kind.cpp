#include "core/quantum/gate_kind.h"

#include <cmath>
#include <string>

#include "core/quantum/gate_matrices.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

using namespace gate_matrices;

constexpr GateClass kDiag = GateClass::kDiagonal, kPerm = GateClass::kPermutation,
                    kCtrl = GateClass::kControlled;

// Named fields, so that a line reads without counting commas.
constexpr GateKind kKinds[] = {
    {.name = "X",
     .qasm = "x",
     .label = "X",
     .gate_class = kPerm,
     .inverse = "X",
     .matrix = pauli_x},
    {.name = "Y",
     .qasm = "y",
     .label = "Y",
     .gate_class = kPerm,
     .inverse = "Y",
     .matrix = pauli_y},
    {.name = "Z",
     .qasm = "z",
     .label = "Z",
     .gate_class = kDiag,
     .inverse = "Z",
     .matrix = pauli_z},
    {.name = "H", .qasm = "h", .label = "H", .inverse = "H", .matrix = hadamard},
    {.name = "RX",
     .qasm = "rx",
     .label = "RX",
     .angles = 1,
     .rotation = true,
     .matrix = rx,
     .derivative = rx_d},
    {.name = "RY",
     .qasm = "ry",
     .label = "RY",
     .angles = 1,
     .rotation = true,
     .matrix = ry,
     .derivative = ry_d},
    {.name = "RZ",
     .qasm = "rz",
     .label = "RZ",
     .gate_class = kDiag,
     .angles = 1,
     .rotation = true,
     .matrix = rz,
     .derivative = rz_d},
    {.name = "CNOT",
     .qasm = "cx",
     .label = "X",
     .gate_class = kCtrl,
     .controls = 1,
     .inverse = "CNOT",
     .matrix = pauli_x},
    {.name = "CZ",
     .qasm = "cz",
     .label = "Z",
     .gate_class = kDiag,
     .controls = 1,
     .symmetric = true,
     .inverse = "CZ",
     .matrix = pauli_z},
    {.name = "U3", .qasm = "u3", .label = "U3", .angles = 3, .matrix = u3, .derivative = u3_d},
    {.name = "SWAP",
     .qasm = "swap",
     .label = "SWAP",
     .gate_class = kPerm,
     .targets = 2,
     .symmetric = true,
     .inverse = "SWAP",
     .matrix = swap_gate},
    {.name = "I",
     .qasm = "id",
     .label = "I",
     .gate_class = kDiag,
     .inverse = "I",
     .matrix = identity},
    {.name = "S",
     .qasm = "s",
     .label = "S",
     .gate_class = kDiag,
     .inverse = "SDG",
     .matrix = s_gate},
    {.name = "SDG",
     .qasm = "sdg",
     .label = "S\u2020",
     .gate_class = kDiag,
     .inverse = "S",
     .matrix = s_inverse},
    {.name = "T",
     .qasm = "t",
     .label = "T",
     .gate_class = kDiag,
     .inverse = "TDG",
     .matrix = t_gate},
    {.name = "TDG",
     .qasm = "tdg",
     .label = "T\u2020",
     .gate_class = kDiag,
     .inverse = "T",
     .matrix = t_inverse},
    {.name = "SX", .qasm = "sx", .label = "\u221AX", .inverse = "SXDG", .matrix = root_x},
    {.name = "SXDG",
     .qasm = "sxdg",
     .label = "\u221AX\u2020",
     .inverse = "SX",
     .matrix = root_x_inverse},
    {.name = "P",
     .qasm = "u1",
     .label = "P",
     .gate_class = kDiag,
     .angles = 1,
     .rotation = true,
     .matrix = phase_gate,
     .derivative = phase_d},
    {.name = "U2", .qasm = "u2", .label = "U2", .angles = 2, .matrix = u2, .derivative = u2_d},
    {.name = "CY",
     .qasm = "cy",
     .label = "Y",
     .gate_class = kCtrl,
     .controls = 1,
     .inverse = "CY",
     .matrix = pauli_y},
    {.name = "CH",
     .qasm = "ch",
     .label = "H",
     .gate_class = kCtrl,
     .controls = 1,
     .inverse = "CH",
     .matrix = hadamard},
    {.name = "CRX",
     .qasm = "crx",
     .label = "RX",
     .gate_class = kCtrl,
     .controls = 1,
     .angles = 1,
     .rotation = true,
     .matrix = rx,
     .derivative = rx_d},
    {.name = "CRY",
     .qasm = "cry",
     .label = "RY",
     .gate_class = kCtrl,
     .controls = 1,
     .angles = 1,
     .rotation = true,
     .matrix = ry,
     .derivative = ry_d},
    {.name = "CRZ",
     .qasm = "crz",
     .label = "RZ",
     .gate_class = kDiag,
     .controls = 1,
     .angles = 1,
     .rotation = true,
     .matrix = rz,
     .derivative = rz_d},
    {.name = "CP",
     .qasm = "cu1",
     .label = "P",
     .gate_class = kDiag,
     .controls = 1,
     .angles = 1,
     .symmetric = true,
     .rotation = true,
     .matrix = phase_gate,
     .derivative = phase_d},
    {.name = "CU3",
     .qasm = "cu3",
     .label = "U3",
     .gate_class = kCtrl,
     .controls = 1,
     .angles = 3,
     .matrix = u3,
     .derivative = u3_d},
    {.name = "CCX",
     .qasm = "ccx",
     .label = "X",
     .gate_class = kCtrl,
     .controls = 2,
     .inverse = "CCX",
     .matrix = pauli_x},
    {.name = "CSWAP",
     .qasm = "cswap",
     .label = "SWAP",
     .gate_class = kCtrl,
     .controls = 1,
     .targets = 2,
     .inverse = "CSWAP",
     .matrix = swap_gate},
    {.name = "RXX",
     .qasm = "rxx",
     .label = "RXX",
     .targets = 2,
     .angles = 1,
     .symmetric = true,
     .rotation = true,
     .matrix = rxx,
     .derivative = rxx_d},
    {.name = "RYY",
     .qasm = "ryy",
     .label = "RYY",
     .targets = 2,
     .angles = 1,
     .symmetric = true,
     .rotation = true,
     .matrix = ryy,
     .derivative = ryy_d},
    {.name = "RZZ",
     .qasm = "rzz",
     .label = "RZZ",
     .gate_class = kDiag,
     .targets = 2,
     .angles = 1,
     .symmetric = true,
     .rotation = true,
     .matrix = rzz,
     .derivative = rzz_d},
};

// What else people and QASM dialects call them; equal matrices, or equal but for a global phase.
constexpr std::pair<std::string_view, std::string_view> kOtherNames[] = {
    {"PauliX", "X"},  {"PauliY", "Y"},    {"PauliZ", "Z"},    {"Hadamard", "H"},
    {"CX", "CNOT"},   {"cnot", "CNOT"},   {"U", "U3"},        {"u", "U3"},
    {"p", "P"},       {"phase", "P"},     {"u0", "I"},        {"cp", "CP"},
    {"cphase", "CP"}, {"toffoli", "CCX"}, {"Toffoli", "CCX"}, {"fredkin", "CSWAP"}};

}  // namespace

std::span<const GateKind> gate_kinds() {
  return kKinds;
}

const GateKind* find_gate_kind(std::string_view name) {
  for (const GateKind& kind : kKinds) {
    if (kind.name == name || kind.qasm == name) return &kind;
  }
  for (const auto& [other, usual] : kOtherNames) {
    if (other == name) return find_gate_kind(usual);
  }
  return nullptr;
}

const GateKind& gate_kind(std::string_view name) {
  if (const GateKind* kind = find_gate_kind(name)) return *kind;
  std::vector<std::string> names;
  for (const GateKind& kind : kKinds) names.emplace_back(kind.name);
  throw Error(ErrorKind::kUsage, unknown_name("gate", name, names));
}

std::vector<Amplitude> full_matrix(const GateKind& kind, std::span<const double> angles) {
  std::array<HalfAngle, 3> half;
  for (std::size_t i = 0; i < angles.size() && i < half.size(); ++i) {
    half[i] = {std::cos(angles[i] / 2), std::sin(angles[i] / 2)};
  }
  GateMatrix inner;
  kind.matrix(half.data(), inner);
  const std::size_t size = std::size_t{1} << kind.qubits();
  const auto small = static_cast<std::size_t>(inner.size);
  const std::size_t first = size - small;  // rows with all controls 1 are the last
  std::vector<Amplitude> full(size * size);
  for (std::size_t i = 0; i < first; ++i) full[i * size + i] = 1;
  for (std::size_t row = 0; row < small; ++row) {
    for (std::size_t column = 0; column < small; ++column) {
      full[(first + row) * size + first + column] = inner.at[row * small + column];
    }
  }
  return full;
}

}  // namespace nas
