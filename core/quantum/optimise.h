#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "core/quantum/fit.h"
#include "core/util/rng.h"

namespace nas {

/// How the angles of a circuit are found. `fit_adagrad` is the published training; the others find
/// lower values in fewer evaluations, or do without gradients as hardware has to.
enum class FitRule : std::uint8_t {
  kAdagrad,  ///< as the paper: the last value
  kAdam,     ///< Kingma and Ba, arXiv 1412.6980; the best value seen
  kLbfgs,    ///< limited-memory BFGS with a Wolfe line search, by Ceres
  kSpsa,     ///< Spall (1998): two noisy values a step, whatever the number of angles
};
/// Throws Error(kUsage) with the near miss: adagrad, adam, lbfgs, spsa.
FitRule parse_fit_rule(std::string_view name);

struct FitOptions {
  FitRule rule = FitRule::kLbfgs;
  int max_steps = 200;
  double step = 0.1;        ///< adagrad, adam: learning rate; spsa: its a; lbfgs: unused
  double tolerance = 1e-9;  ///< of the change of the value in a step; spsa: unused
  /// Measurements behind each value that spsa sees: the exact one plus a normal error of deviation
  /// sqrt(variance of the observable / shots). 0: exact. The result's value is always exact.
  std::int64_t shots = 0;
};

/// f(angles); fills `gradient` unless it is empty.
using AngleFunction = std::function<double(std::span<const double>, std::span<double>)>;

/// L-BFGS from `start`. Not finite values end it. `value` is that of the angles returned.
CircuitFit fit_lbfgs(const AngleFunction& function, std::vector<double> start, int max_steps,
                     double tolerance);

/// Minimises from `start` by `options.rule`, with exact values whatever `options.shots` says.
/// `chance` is only drawn from by spsa. Throws Interrupted between steps when the thread's work is
/// to stop.
CircuitFit fit_circuit(CircuitObjective& objective, std::vector<double> start,
                       const FitOptions& options, Rng chance);

/// The same for the expectation of an observable, with shots. `chance` is only drawn from by spsa.
/// Throws Interrupted between steps when the thread's work is to stop.
CircuitFit fit_circuit(const Circuit& circuit, const Observable& observable,
                       std::vector<double> start, const FitOptions& options, Rng chance);

}  // namespace nas
