#pragma once

#include <array>

#include <cstdint>
#include <span>
#include <vector>

#include "core/quantum/circuit.h"
#include "core/quantum/kernels.h"
#include "core/quantum/simulator.h"

namespace nas {

/// Gates that became one, and where it acts.
struct Merged {
  int targets = 1;
  int controls = 0;
  std::array<int, 2> target{};  ///< qubits; of two the first is the matrix's more significant
  std::array<int, 2> control{};
  int head = -1, tail = -1;  ///< first and last of a list of members
  bool fixed = true;         ///< no member has an angle

  std::uint64_t touched() const;  ///< bit q: qubit q
};

/// The axis of RX, RY or RZ, whose products need no matrix; kNone: any other gate.
enum class Axis : std::uint8_t { kNone, kX, kY, kZ };

/// One gate of the circuit among those that were merged.
struct Member {
  const GateKind* kind = nullptr;
  Axis axis = Axis::kNone;
  std::array<int, 3> qubits{};
  std::uint32_t angle = 0;  ///< number of its first angle
  int next = -1;
};

/// A matrix and the kernel that its zeros allow.
struct BoundMatrix {
  enum class Routine : std::uint8_t { kOne, kTwo, kTwoDiagonal, kSwap };
  Routine routine = Routine::kOne;
  Shape shape = Shape::kGeneral;  ///< of kOne
  double* at = nullptr;           ///< re, im, row-major, in the plan's own memory
};

/// What is merged with what, and the matrices that the angles make of it.
class CircuitPlan {
 public:
  CircuitPlan(const Circuit& circuit, Fusion fusion);
  CircuitPlan(const CircuitPlan&) = delete;
  CircuitPlan& operator=(const CircuitPlan&) = delete;

  void bind(std::span<const double> angles);

  int qubits() const { return qubits_; }
  std::size_t parameters() const { return parameters_; }
  std::span<const Merged> merged() const { return merged_; }
  const Member& member(int index) const { return members_[static_cast<std::size_t>(index)]; }
  const BoundMatrix& bound(std::size_t merged) const { return bound_[merged]; }
  /// Of the angles last bound, by number.
  HalfAngle half_angle(std::size_t angle) const { return {cosines_[angle], sines_[angle]}; }

 private:
  void add_member(Merged& to, const Gate& gate, std::uint32_t angle);
  void add_gates(const Circuit& circuit, bool runs);
  void add_gate(const Gate& gate, std::uint32_t angle, bool runs);
  void merge_pairs();
  void place_matrices();
  void bind_one(const Merged& merged, GateMatrix& scratch, BoundMatrix& out) const;
  void bind_two(const Merged& merged, GateMatrix& scratch, BoundMatrix& out) const;
  void matrix_of(const Member& member, GateMatrix& out) const;

  int qubits_;
  std::size_t parameters_;
  std::vector<Member> members_;
  std::vector<Merged> merged_;
  std::vector<int> open_;  ///< while merging: the last of `merged_` on a qubit if it takes more
  std::vector<BoundMatrix> bound_;
  std::vector<double> entries_;  ///< what `bound_` points to
  std::vector<double> cosines_, sines_;
  bool bound_once_ = false;
};

}  // namespace nas
