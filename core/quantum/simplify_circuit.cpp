#include "core/quantum/simplify_circuit.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <vector>

#include "core/util/rng.h"

namespace nas {
namespace {

constexpr double kZero = 1e-12;  // radians: smaller rotations are none

bool share_qubit(const Gate& a, const Gate& b) {
  return std::any_of(a.on().begin(), a.on().end(), [&](int q) { return b.touches(q); });
}

// How a gate acts on one of its qubits: what is diagonal there in the same basis commutes.
enum class Axis { kNone, kZ, kX };
Axis axis_on(const Gate& gate, int qubit) {
  const GateKind& kind = *gate.kind;
  for (int i = 0; i < kind.controls; ++i) {
    if (gate.qubits[static_cast<std::size_t>(i)] == qubit) return Axis::kZ;
  }
  if (kind.gate_class == GateClass::kDiagonal) return Axis::kZ;
  const bool about_x = kind.label == "X" || kind.label == "RX" || kind.name == "RXX" ||
                       kind.name == "SX" || kind.name == "SXDG";
  return about_x ? Axis::kX : Axis::kNone;
}

// Sufficient: on every shared qubit both are functions of Z, or both of X.
bool commute(const Gate& a, const Gate& b) {
  for (const int q : a.on()) {
    if (!b.touches(q)) continue;
    const Axis axis = axis_on(a, q);
    if (axis == Axis::kNone || axis != axis_on(b, q)) return false;
  }
  return true;
}

bool same_qubits(const Gate& a, const Gate& b) {
  if (std::equal(a.on().begin(), a.on().end(), b.on().begin(), b.on().end())) return true;
  return a.kind->symmetric && a.on().size() == 2 && b.on().size() == 2 &&
         a.qubits[0] == b.qubits[1] && a.qubits[1] == b.qubits[0];
}

// After how large an angle the gate repeats, but for a global phase: 4 pi under a control, where
// the phase is not global.
double period(const GateKind& kind) {
  const bool phase = kind.label == "P";
  return (kind.controls > 0 && !phase ? 4 : 2) * std::numbers::pi;
}

bool is_identity(const Gate& gate) {
  if (gate.kind->name == "I") return true;
  if (!gate.kind->rotation) return false;
  return std::abs(std::remainder(gate.angles[0], period(*gate.kind))) <= kZero;
}

// The one gate that `first` then `second` are, on equal qubits; an "I" where they cancel.
std::optional<Gate> joined(const Gate& first, const Gate& second) {
  if (!same_qubits(first, second)) return std::nullopt;
  if (first.kind == second.kind && first.kind->rotation) {
    Gate sum = first;
    sum.angles[0] = std::remainder(first.angles[0] + second.angles[0], period(*first.kind));
    return sum;
  }
  if (first.kind->angles == 0 && first.kind->inverse == second.kind->name) {
    Gate none = first;
    none.kind = &gate_kind("I");
    return none;
  }
  return std::nullopt;
}

// Lets gate `index` go back over what it commutes with until it meets one it joins.
bool join_backwards(std::vector<Gate>& gates, std::size_t index) {
  for (std::size_t i = index; i-- > 0;) {
    if (!share_qubit(gates[i], gates[index])) continue;
    if (const auto gate = joined(gates[i], gates[index])) {
      gates.erase(gates.begin() + static_cast<std::ptrdiff_t>(index));
      gates[i] = *gate;
      if (is_identity(*gate)) gates.erase(gates.begin() + static_cast<std::ptrdiff_t>(i));
      return true;
    }
    if (!commute(gates[i], gates[index])) return false;
  }
  return false;
}

}  // namespace

Circuit simplified(const Circuit& circuit) {
  std::vector<Gate> gates;
  for (const Gate& gate : circuit.gates()) {
    if (!is_identity(gate)) gates.push_back(gate);
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 1; i < gates.size(); ++i) {
      if (join_backwards(gates, i)) {
        changed = true;
        i = i > 2 ? i - 2 : 0;  // one or two gates before it are gone
      }
    }
  }
  Circuit result(circuit.qubits());
  for (const Gate& gate : gates) result.add(gate);
  return result;
}

Circuit simplified_structure(Circuit circuit) {
  Rng rng({.seed = 0, .study = stable_hash("simplified_structure"), .purpose = Purpose::kSample});
  std::vector<double> angles(circuit.parameters());
  for (double& angle : angles) angle = rng.uniform(0.1, 1);
  circuit.set_angles(angles);
  Circuit result = simplified(circuit);
  result.set_angles(std::vector<double>(result.parameters(), 0));
  return result;
}

}  // namespace nas
