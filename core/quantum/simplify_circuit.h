#pragma once

#include "core/quantum/circuit.h"

namespace nas {

/// The same unitary, up to a global phase, with fewer gates: rotations by 0 fall away, inverse
/// pairs cancel, rotations on the same qubits merge, also across gates on other wires and across
/// gates that commute with them. Gates keep their order otherwise. Applied until nothing changes.
Circuit simplified(const Circuit& circuit);

/// The same for angles that are open: what `simplified` leaves of angles without relations to each
/// other, with all of them 0. So both circuits can be the same unitaries, up to a global phase;
/// equal results mean equal families of them, unequal ones mean nothing.
Circuit simplified_structure(Circuit circuit);

}  // namespace nas
