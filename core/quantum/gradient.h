#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/quantum/circuit.h"
#include "core/quantum/observable.h"
#include "core/quantum/simulator.h"

namespace nas {

/// A real function of a state; `slope` becomes its derivative by the conjugates of the amplitudes:
/// O psi for the expectation of O.
using StateFunction = std::function<double(const State& psi, State& slope)>;

/// f(angles) = <0|U(angles)^+ O U(angles)|0>: what variational algorithms minimise; or any function
/// of the state that U(angles) makes of a given one. Holds the states it needs, so that a call
/// allocates nothing. One thread at a time.
class CircuitObjective {
 public:
  /// Throws Error(kUsage) where circuit and observable have different numbers of qubits.
  CircuitObjective(const Circuit& circuit, Observable observable,
                   const SimulatorOptions& options = {});
  /// `start` need not have the norm 1: several samples side by side are one state whose first
  /// qubits, on which no gate stands, number them.
  CircuitObjective(const Circuit& circuit, State start, StateFunction function,
                   const SimulatorOptions& options = {});

  std::size_t parameters() const { return simulator_.parameters(); }
  double value(std::span<const double> angles);
  /// All partial derivatives by the adjoint method (Jones and Gacon, arXiv 2009.02823): one pass
  /// forward, one back with two states, over the merged gates. `gradient` has `parameters()`
  /// elements.
  double value_and_gradient(std::span<const double> angles, std::span<double> gradient);
  const State& state() const { return psi_; }  ///< U|0> of the last call of `value`

 private:
  Simulator simulator_;
  StateFunction function_;
  State start_, psi_, lambda_;
};

/// The same derivatives from shifted angles: 2 evaluations an angle (4 for a controlled rotation).
/// Slow; the check of the above, and what hardware would do.
std::vector<double> parameter_shift_gradient(const Circuit& circuit, const Observable& observable);

}  // namespace nas
