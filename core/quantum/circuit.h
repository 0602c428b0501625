#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/quantum/gate_kind.h"

namespace nas {

/// One gate of a circuit. Controls come first among its qubits.
struct Gate {
  const GateKind* kind = nullptr;
  std::array<int, 3> qubits{};     ///< the first `kind->qubits()` count
  std::array<double, 3> angles{};  ///< radians; the first `kind->angles` count

  std::span<const int> on() const {
    return {qubits.data(), static_cast<std::size_t>(kind->qubits())};
  }
  bool touches(int qubit) const;
  friend bool operator==(const Gate&, const Gate&) = default;
};

/// Gates in program order on qubits 0 ... n - 1, which start as |0...0>.
///
/// Qubit 0 is the MOST significant bit of a state's index: X on qubit 0 of 3 gives index 4 = 0b100,
/// and basis states print as "100". A Pauli string reads the same way.
///
/// Every angle is a parameter: angle k of the circuit is the k-th in program order.
class Circuit {
 public:
  static constexpr int kMaxQubits = 58;  ///< of a description; what a state holds memory decides

  /// Throws Error(kUsage) unless 1 <= qubits <= kMaxQubits.
  explicit Circuit(int qubits);

  /// Appends a gate. Throws Error(kUsage) on a wrong number of qubits or angles, a qubit that is
  /// missing or named twice; Error(kNumeric) on an angle that is not finite.
  void add(const GateKind& kind, std::span<const int> qubits, std::span<const double> angles = {});
  void add(std::string_view kind, std::initializer_list<int> qubits,
           std::initializer_list<double> angles = {});
  void add(const Gate& gate) { add(*gate.kind, gate.on(), {gate.angles.data(), angles_of(gate)}); }

  int qubits() const { return qubits_; }
  std::span<const Gate> gates() const { return gates_; }
  std::size_t parameters() const { return parameters_; }
  std::vector<double> angles() const;
  /// Throws Error(kUsage) on a wrong number, Error(kNumeric) on a value that is not finite.
  void set_angles(std::span<const double> angles);

  int depth() const;  ///< longest chain of gates; every gate counts 1
  int count(std::string_view kind) const;
  int two_qubit_gates() const;  ///< on two or more qubits

  /// The paper's one-line text, "RX:0:1.25;CNOT:0:1;U3:2:0.1:0.2:0.3": gates joined by ';', qubits
  /// then angles joined by ':'. Reads what `to_text` writes, and the names `find_gate_kind` knows.
  /// Throws Error(kData) naming the gate.
  static Circuit parse(std::string_view text, int qubits);
  std::string to_text() const;

  friend bool operator==(const Circuit&, const Circuit&) = default;

 private:
  static std::size_t angles_of(const Gate& gate) {
    return static_cast<std::size_t>(gate.kind->angles);
  }

  int qubits_;
  std::size_t parameters_ = 0;
  std::vector<Gate> gates_;
};

}  // namespace nas
