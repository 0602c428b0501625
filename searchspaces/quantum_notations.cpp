#include <array>
#include <string>
#include <vector>

#include "core/quantum/gate_kind.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "searchspaces/notations.h"

// Circuits as their data sets write them: gates by the long names of frameworks, with their angles.
// Angles are no part of an architecture.

namespace nas {
namespace {

constexpr std::string_view kSpace = "quantum_random";

/// Gates that are all known, one of them with an angle, or by another name than the space's.
bool has_angles_or_other_names(std::string_view text) {
  bool other = text.find('.') != std::string_view::npos;
  for (const std::string& gate : split(text, ';')) {
    const std::string word(trim(gate.substr(0, gate.find(':'))));
    const GateKind* kind = find_gate_kind(word);
    if (kind == nullptr || gate.find(':') == std::string::npos) return false;
    other = other || to_lower(kind->name) != to_lower(word);
  }
  return other;
}

std::string gate_without_angles(std::string_view text) {
  const std::vector<std::string> parts = split(text, ':');
  const GateKind* kind = find_gate_kind(trim(parts[0]));
  const auto refuse = [&](const std::string& why) {
    throw Error(ErrorKind::kUsage,
                std::string(kSpace) + ": gate '" + printable(text) + "': " + why);
  };
  if (kind == nullptr) refuse("there is no such gate");
  const auto qubits = static_cast<std::size_t>(kind->qubits());
  const auto angles = static_cast<std::size_t>(kind->angles);
  if (parts.size() != 1 + qubits && parts.size() != 1 + qubits + angles) {
    refuse("expected " + std::to_string(qubits) + " qubits and " + std::to_string(angles) +
           " angles or none");
  }
  for (std::size_t i = 1 + qubits; i < parts.size(); ++i) {
    if (!parse_double(std::string(trim(parts[i])))) {
      refuse("'" + printable(parts[i]) + "' is not an angle");
    }
  }
  std::string result(kind->name);
  for (std::size_t i = 1; i <= qubits; ++i) result += ":" + std::string(trim(parts[i]));
  return result;
}

std::string without_angles(std::string_view text) {
  std::vector<std::string> gates;
  for (const std::string& gate : split(text, ';')) gates.push_back(gate_without_angles(gate));
  return join(gates, ";");
}

constexpr std::array<Notation, 1> kQuantumRandom{{
    {"angles",
     "gates with their angles, which are left out; PauliX, Hadamard and cx are X, H and CNOT",
     "PauliX:0;RX:1:2.5;CNOT:1:2;U3:3:4.5:6.0:4.6;CZ:0:2;Hadamard:1;RZ:0:1.5;SWAP:2:3;"
     "PauliY:0;RY:1:0.5",
     has_angles_or_other_names, without_angles},
}};

}  // namespace

std::span<const Notation> quantum_random_notations() {
  return kQuantumRandom;
}

}  // namespace nas
