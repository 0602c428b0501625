#pragma once

#include <vector>

#include "core/quantum/gradient.h"

namespace nas {

/// The training of a circuit's angles in the paper (quantum-as.md, section 3.3): Adagrad,
/// acc += g^2; x -= step g / sqrt(acc + epsilon), until |f_new - f_old| <= tolerance.
struct AdagradOptions {
  int max_steps = 100;  ///< 100 for energies, 50 for max-cut and fidelity
  double step = 0.5;
  double epsilon = 1e-8;
  double tolerance = 1e-6;
};

struct CircuitFit {
  double value = 0;  ///< the LAST value, as the paper records it, not the best
  int steps = 0;
  bool converged = false;
  std::vector<double> angles;
};

CircuitFit fit_adagrad(CircuitObjective& objective, std::vector<double> start,
                       const AdagradOptions& options = {});
/// From the circuit's own angles.
CircuitFit fit_adagrad(const Circuit& circuit, const Observable& observable,
                       const AdagradOptions& options = {});

/// The fits of many circuits, one a thread. `threads` 0: one for each core. Results do not depend
/// on it.
std::vector<CircuitFit> fit_circuits(std::span<const Circuit> circuits,
                                     const Observable& observable,
                                     const AdagradOptions& options = {}, int threads = 1);

}  // namespace nas
