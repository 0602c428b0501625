#pragma once

#include <cstdint>

namespace nas {

/// The bit of a state's index that belongs to a qubit: qubit 0 is the most significant (circuit.h).
constexpr std::uint64_t qubit_bit(int qubit, int qubits) {
  return std::uint64_t{1} << (qubits - 1 - qubit);
}

}  // namespace nas
