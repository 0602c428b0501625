#pragma once

#include <string>
#include <string_view>

#include "core/quantum/circuit.h"

namespace nas {

/// Reads OpenQASM 2 and the part of OpenQASM 3 that says the same: registers, gates of qelib1.inc
/// and stdgates.inc that `gate_kinds` has, angle expressions ("-3*pi/2"), barriers, final
/// measurements. Several registers become one row of qubits, in order of declaration; q[0] is qubit
/// 0. Throws Error(kUnsupported) naming the line for what is QASM but not a fixed unitary circuit
/// that we have (gate definitions, if, reset, loops, other gates), Error(kData) for what is not
/// QASM.
Circuit parse_qasm(std::string_view text, std::string_view source);

std::string to_qasm2(const Circuit& circuit);
std::string to_qasm3(const Circuit& circuit);

}  // namespace nas
