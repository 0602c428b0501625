#pragma once

#include "core/quantum/circuit.h"
#include "core/quantum/observable.h"

namespace nas {

/// Removes rotations (gates that are the identity at the angle 0), smallest loss first, and fits
/// the other angles again, as long as the expectation stays at most `limit`. Throws Interrupted.
/// Throws Error(kUsage) where circuit and observable have different numbers of qubits.
Circuit pruned(const Observable& observable, Circuit circuit, double limit);

}  // namespace nas
