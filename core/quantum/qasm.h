#pragma once

#include <string>
#include <string_view>

#include "core/quantum/circuit.h"

namespace nas {

/// Reads OpenQASM 2 and the part of OpenQASM 3 that says the same: registers, gates of qelib1.inc
/// and stdgates.inc that `gate_kinds` has, a gate on whole registers, angle expressions
/// ("-3*pi/2"), barriers, measurements at the end (which say nothing here: all qubits are read).
/// Several registers become one row of qubits in order of declaration, and q[0] is qubit 0. Throws
/// Error(kUnsupported) naming the line for what is QASM but not a fixed circuit of gates that we
/// have (gate definitions, if, reset, loops, gates after a measurement), Error(kData) for what is
/// not QASM or names what is not there, Error(kNumeric) for an angle that is not a finite number,
/// or beyond 1e9.
Circuit parse_qasm(std::string_view text, std::string_view source);

/// Both print angles so that they read back as the same numbers.
std::string to_qasm2(const Circuit& circuit);
std::string to_qasm3(const Circuit& circuit);

}  // namespace nas
