#pragma once

#include <functional>
#include <vector>

#include "core/quantum/circuit.h"

namespace nas {

/// Angles for `child`, a circuit like `parent`: gates of a longest common subsequence of both
/// (equal kinds on equal qubits) have the parent's, all others what `fresh` gives. Cost: the
/// product of the numbers of gates.
std::vector<double> inherited_angles(const Circuit& parent, const Circuit& child,
                                     const std::function<double()>& fresh);

}  // namespace nas
