#pragma once

#include <array>
#include <complex>
#include <span>
#include <string_view>
#include <vector>

namespace nas {

using Amplitude = std::complex<double>;

/// A matrix over one or two qubits: `at[row * size + column]`, `size` 2 or 4. Of two qubits the
/// first one named is the more significant: row 0b10 is |1> on the first and |0> on the second.
struct GateMatrix {
  int size = 2;
  std::array<Amplitude, 16> at{};
};

/// cos(a / 2) and sin(a / 2) of an angle a: all that matrices are made of, computed for many angles
/// at once.
struct HalfAngle {
  double cos = 1;
  double sin = 0;
};

/// What a kernel may exploit. Of a controlled gate it is the class of what the target undergoes
/// that counts beside the control.
enum class GateClass {
  kDiagonal,     ///< multiplies amplitudes: Z, S, T, RZ, CZ, RZZ
  kPermutation,  ///< moves amplitudes (Y also turns them): X, Y, SWAP
  kControlled,   ///< acts where the controls are 1: CNOT, CRX
  kGeneral,      ///< mixes amplitudes: H, RX, RY, U3
};

/// Everything the simulator, the readers and the drawings know about a kind of gate.
/// Conventions (quantum-as.md, section 2.1): RX(t) = exp(-i t X / 2), same for RY and RZ;
/// U3(t, p, d) = [[cos(t/2), -e^{id} sin(t/2)], [e^{ip} sin(t/2), e^{i(p+d)} cos(t/2)]].
struct GateKind {
  std::string_view name;  ///< "RX": how circuits are written here and in the paper
  std::string_view qasm;  ///< "rx": the name in qelib1.inc and stdgates.inc
  std::string_view
      label;  ///< what stands in a box of a drawing: "RX"; of a controlled gate the target's
  GateClass gate_class = GateClass::kGeneral;
  int controls = 0;  ///< qubits that come first and must be 1; `matrix` is over the targets alone
  int targets = 1;   ///< 1 or 2
  int angles = 0;    ///< at most 3
  /// Targets may change places without changing the gate, and so may a control and the target (CZ).
  bool symmetric = false;
  /// The gate with angles 0, ..., 0 is the identity, and angles of two in a row on the same qubits
  /// add.
  bool rotation = false;
  /// The kind that undoes this one (T -> TDG); a gate with angles is undone by other angles
  /// instead.
  std::string_view inverse{};
  void (*matrix)(const HalfAngle* angles, GateMatrix& out) = nullptr;
  /// The matrix's derivative with respect to angle `which`.
  void (*derivative)(const HalfAngle* angles, int which, GateMatrix& out) = nullptr;

  int qubits() const { return controls + targets; }
};

/// All kinds, in a fixed order: the paper's eleven first (X, Y, Z, H, RX, RY, RZ, CNOT, CZ, U3,
/// SWAP).
std::span<const GateKind> gate_kinds();
/// By name ("CNOT"), by QASM name ("cx") or by another usual name ("PauliX", "Hadamard").
/// Null where there is none.
const GateKind* find_gate_kind(std::string_view name);
/// Throws Error(kUsage) with the near miss.
const GateKind& gate_kind(std::string_view name);

/// The matrix over all qubits of a gate, controls included, at these angles (radians): row-major,
/// 2^k x 2^k of k qubits, the first the most significant. For tests and for people.
std::vector<Amplitude> full_matrix(const GateKind& kind, std::span<const double> angles);

}  // namespace nas
