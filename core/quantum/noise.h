#pragma once

#include <cstdint>
#include <vector>

#include "core/quantum/circuit.h"
#include "core/quantum/observable.h"
#include "core/quantum/state.h"

namespace nas {

/// Errors of a device, as probabilities. After each gate each of its qubits is depolarised: with
/// the probability p it undergoes X, Y or Z, equally likely, so that rho -> (1 - p) rho + p/3 (X
/// rho X + Y rho Y
/// + Z rho Z). Each bit that is read flips with the probability `readout`.
struct NoiseModel {
  double one_qubit = 0;  ///< after gates on one qubit
  double two_qubit = 0;  ///< on each qubit after gates on two or more
  double readout = 0;

  /// Throws Error(kUsage) unless all are in [0, 1].
  void check() const;
};

struct NoisyEstimate {
  double mean = 0;
  double standard_error = 0;  ///< of the mean, over trajectories
};

/// <O> by trajectories: in each the errors are drawn and one pure state is simulated (Dalibard,
/// Castin and Molmer 1992); trajectories without an error are simulated once. Readout errors do not
/// enter. Throws Error(kUsage) unless there are at least 2 trajectories.
NoisyEstimate noisy_expectation(const Circuit& circuit, const Observable& observable,
                                const NoiseModel& noise, int trajectories, Rng& rng);

/// Measurements of all qubits with gate and readout errors, one trajectory a shot; ascending.
std::vector<Measured> noisy_sample(const Circuit& circuit, const NoiseModel& noise,
                                   std::int64_t shots, Rng& rng);

}  // namespace nas
