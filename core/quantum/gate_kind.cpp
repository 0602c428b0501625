#include "core/quantum/gate_kind.h"

#include <cmath>
#include <numbers>
#include <string>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr double kRoot = std::numbers::sqrt2 / 2;
constexpr Amplitude kI{0, 1};

// e^{i a} of a whole angle.
Amplitude phase(const HalfAngle& a) {
  return {a.cos * a.cos - a.sin * a.sin, 2 * a.sin * a.cos};
}
// Without the checks for NaN and infinity that std::complex's product makes.
Amplitude product(Amplitude a, Amplitude b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

void set2(GateMatrix& out, Amplitude a, Amplitude b, Amplitude c, Amplitude d) {
  out.size = 2;
  out.at[0] = a;
  out.at[1] = b;
  out.at[2] = c;
  out.at[3] = d;
}

// 4 x 4, all zero but for the diagonal.
void set4(GateMatrix& out, Amplitude a, Amplitude b, Amplitude c, Amplitude d) {
  out.size = 4;
  out.at.fill(0);
  out.at[0] = a;
  out.at[5] = b;
  out.at[10] = c;
  out.at[15] = d;
}

using Half = const HalfAngle*;

void identity(Half, GateMatrix& m) {
  set2(m, 1, 0, 0, 1);
}
void pauli_x(Half, GateMatrix& m) {
  set2(m, 0, 1, 1, 0);
}
void pauli_y(Half, GateMatrix& m) {
  set2(m, 0, -kI, kI, 0);
}
void pauli_z(Half, GateMatrix& m) {
  set2(m, 1, 0, 0, -1);
}
void hadamard(Half, GateMatrix& m) {
  set2(m, kRoot, kRoot, kRoot, -kRoot);
}
void s_gate(Half, GateMatrix& m) {
  set2(m, 1, 0, 0, kI);
}
void s_inverse(Half, GateMatrix& m) {
  set2(m, 1, 0, 0, -kI);
}
void t_gate(Half, GateMatrix& m) {
  set2(m, 1, 0, 0, {kRoot, kRoot});
}
void t_inverse(Half, GateMatrix& m) {
  set2(m, 1, 0, 0, {kRoot, -kRoot});
}
void root_x(Half, GateMatrix& m) {
  set2(m, {0.5, 0.5}, {0.5, -0.5}, {0.5, -0.5}, {0.5, 0.5});
}
void root_x_inverse(Half, GateMatrix& m) {
  set2(m, {0.5, -0.5}, {0.5, 0.5}, {0.5, 0.5}, {0.5, -0.5});
}

void rx(Half a, GateMatrix& m) {
  set2(m, a->cos, {0, -a->sin}, {0, -a->sin}, a->cos);
}
void ry(Half a, GateMatrix& m) {
  set2(m, a->cos, -a->sin, a->sin, a->cos);
}
void rz(Half a, GateMatrix& m) {
  set2(m, {a->cos, -a->sin}, 0, 0, {a->cos, a->sin});
}
void phase_gate(Half a, GateMatrix& m) {
  set2(m, 1, 0, 0, phase(*a));
}

// The derivative of a rotation by a is half the rotation by a + pi: cos -> -sin, sin -> cos.
HalfAngle turned(const HalfAngle& a) {
  return {-a.sin / 2, a.cos / 2};
}
void rx_d(Half a, int, GateMatrix& m) {
  const HalfAngle d = turned(*a);
  rx(&d, m);
}
void ry_d(Half a, int, GateMatrix& m) {
  const HalfAngle d = turned(*a);
  ry(&d, m);
}
void rz_d(Half a, int, GateMatrix& m) {
  const HalfAngle d = turned(*a);
  rz(&d, m);
}
void phase_d(Half a, int, GateMatrix& m) {
  set2(m, 0, 0, 0, product(kI, phase(*a)));
}

void u3(Half a, GateMatrix& m) {
  const Amplitude p = phase(a[1]), d = phase(a[2]);
  set2(m, a->cos, -a->sin * d, a->sin * p, a->cos * product(p, d));
}
void u3_d(Half a, int which, GateMatrix& m) {
  if (which == 0) {
    const HalfAngle moved[] = {turned(a[0]), a[1], a[2]};
    u3(moved, m);
    return;
  }
  u3(a, m);
  m.at[0] = 0;
  m.at[which == 1 ? 1 : 2] = 0;
  for (std::size_t i = 1; i < 4; ++i) m.at[i] = product(kI, m.at[i]);
}
constexpr HalfAngle kRightAngle{kRoot, kRoot};
void u2(Half a, GateMatrix& m) {
  const HalfAngle whole[] = {kRightAngle, a[0], a[1]};
  u3(whole, m);
}
void u2_d(Half a, int which, GateMatrix& m) {
  const HalfAngle whole[] = {kRightAngle, a[0], a[1]};
  u3_d(whole, which + 1, m);
}

void swap_gate(Half, GateMatrix& m) {
  set4(m, 1, 0, 0, 1);
  m.at[6] = m.at[9] = 1;
}
void rzz(Half a, GateMatrix& m) {
  const Amplitude same{a->cos, -a->sin}, other{a->cos, a->sin};
  set4(m, same, other, other, same);
}
void rxx(Half a, GateMatrix& m) {
  set4(m, a->cos, a->cos, a->cos, a->cos);
  m.at[3] = m.at[6] = m.at[9] = m.at[12] = {0, -a->sin};
}
void ryy(Half a, GateMatrix& m) {
  rxx(a, m);
  m.at[3] = m.at[12] = {0, a->sin};
}
void rzz_d(Half a, int, GateMatrix& m) {
  const HalfAngle d = turned(*a);
  rzz(&d, m);
}
void rxx_d(Half a, int, GateMatrix& m) {
  const HalfAngle d = turned(*a);
  rxx(&d, m);
}
void ryy_d(Half a, int, GateMatrix& m) {
  const HalfAngle d = turned(*a);
  ryy(&d, m);
}

constexpr GateClass kDiag = GateClass::kDiagonal, kPerm = GateClass::kPermutation,
                    kCtrl = GateClass::kControlled, kGen = GateClass::kGeneral;

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
