#include "core/quantum/fit.h"

#include <algorithm>
#include <cmath>
#include <thread>

#include "core/util/interruption.h"
#include "core/util/parallel_jobs.h"

namespace nas {

CircuitFit fit_adagrad(CircuitObjective& objective, std::vector<double> start,
                       const AdagradOptions& options) {
  CircuitFit fit;
  fit.angles = std::move(start);
  std::vector<double> gradient(fit.angles.size()), squares(fit.angles.size(), 0.0);
  double before = objective.value_and_gradient(fit.angles, gradient);
  fit.value = before;
  while (fit.steps < options.max_steps && !fit.converged) {
    check_interruption();
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      squares[i] += gradient[i] * gradient[i];
      fit.angles[i] -= options.step * gradient[i] / std::sqrt(squares[i] + options.epsilon);
    }
    ++fit.steps;
    fit.value = objective.value_and_gradient(fit.angles, gradient);
    fit.converged = std::abs(fit.value - before) <= options.tolerance;
    before = fit.value;
  }
  return fit;
}

CircuitFit fit_adagrad(const Circuit& circuit, const Observable& observable,
                       const AdagradOptions& options) {
  CircuitObjective objective(circuit, observable);
  return fit_adagrad(objective, circuit.angles(), options);
}

std::vector<CircuitFit> fit_circuits(std::span<const Circuit> circuits,
                                     const Observable& observable, const AdagradOptions& options,
                                     int threads) {
  // Jobs are handed out in shares: one circuit takes less time than handing it out.
  constexpr std::size_t kShare = 64;
  std::vector<CircuitFit> fits(circuits.size());
  ParallelJobs jobs;
  jobs.threads = threads > 0 ? threads : std::max(1U, std::thread::hardware_concurrency());
  jobs.run = [&](std::size_t job) {
    const std::size_t end = std::min(circuits.size(), (job + 1) * kShare);
    for (std::size_t i = job * kShare; i < end; ++i) {
      fits[i] = fit_adagrad(circuits[i], observable, options);
    }
  };
  run_jobs((circuits.size() + kShare - 1) / kShare, jobs);
  return fits;
}

}  // namespace nas
