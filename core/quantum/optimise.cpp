#include "core/quantum/optimise.h"

#include <ceres/ceres.h>
#include <glog/logging.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "core/util/adam.h"
#include "core/util/error.h"
#include "core/util/interruption.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::array<std::pair<std::string_view, FitRule>, 4> kRules{
    {{"adagrad", FitRule::kAdagrad},
     {"adam", FitRule::kAdam},
     {"lbfgs", FitRule::kLbfgs},
     {"spsa", FitRule::kSpsa}}};

class CeresFunction final : public ceres::FirstOrderFunction {
 public:
  CeresFunction(const AngleFunction& function, std::size_t size)
      : function_(function), size_(size) {}
  int NumParameters() const override { return static_cast<int>(size_); }
  bool Evaluate(const double* const x, double* cost, double* gradient) const override {
    check_interruption();
    const std::span<double> slope =
        gradient == nullptr ? std::span<double>() : std::span(gradient, size_);
    *cost = function_(std::span(x, size_), slope);
    return std::isfinite(*cost);
  }

 private:
  const AngleFunction& function_;
  std::size_t size_;
};

// Ceres warns through glog, to stderr, where a line search meets a flat stretch.
void silence_warnings() {
  static const bool silent = [] {
    FLAGS_minloglevel = google::GLOG_ERROR;
    return true;
  }();
  static_cast<void>(silent);
}

CircuitFit fit_adam(CircuitObjective& objective, std::vector<double> angles,
                    const FitOptions& options) {
  CircuitFit fit;
  fit.angles = angles;
  if (options.max_steps == 0) fit.value = objective.value(angles);
  Adam<double> adam({.rate = options.step});
  std::vector<double> gradient(angles.size());
  double before = 0;
  for (fit.steps = 0; fit.steps < options.max_steps; ++fit.steps) {
    check_interruption();
    const double value = objective.value_and_gradient(angles, gradient);
    if (fit.steps == 0 || value < fit.value) {
      fit.value = value;
      fit.angles = angles;
    }
    fit.converged = fit.steps > 0 && std::abs(value - before) <= options.tolerance;
    if (fit.converged) return fit;
    before = value;
    adam.step(angles, gradient);
  }
  return fit;
}

/// Spall, "Implementation of the simultaneous perturbation algorithm" (1998): gains
/// a / (k + 1 + A)^0.602 and c / (k + 1)^0.101, A a tenth of the steps.
CircuitFit fit_spsa(const AngleFunction& noisy, std::vector<double> angles,
                    const FitOptions& options, Rng& chance) {
  constexpr double kShift = 0.2, kGainFall = 0.602, kShiftFall = 0.101;
  const double stability = 0.1 * options.max_steps;
  CircuitFit fit;
  std::vector<double> sign(angles.size()), moved(angles.size());
  const auto value_at = [&](double shift) {
    for (std::size_t i = 0; i < angles.size(); ++i) moved[i] = angles[i] + shift * sign[i];
    return noisy(moved, {});
  };
  for (; fit.steps < options.max_steps; ++fit.steps) {
    check_interruption();
    const double gain = options.step / std::pow(fit.steps + 1 + stability, kGainFall);
    const double shift = kShift / std::pow(fit.steps + 1, kShiftFall);
    for (double& s : sign) s = chance.bernoulli(0.5) ? 1 : -1;
    const double slope = (value_at(shift) - value_at(-shift)) / (2 * shift);
    for (std::size_t i = 0; i < angles.size(); ++i) angles[i] -= gain * slope * sign[i];
  }
  fit.angles = std::move(angles);
  return fit;
}

double variance(const Observable& observable, const State& state) {
  State image(state.qubits());
  const double mean = observable.apply(state, image);
  return std::max(0.0, inner_product(image, image).real() - mean * mean);
}

/// The value that so many measurements of the observable give.
AngleFunction measured(CircuitObjective& objective, const Observable& observable,
                       std::int64_t shots, Rng& chance) {
  return
      [&objective, &observable, shots, &chance](std::span<const double> angles, std::span<double>) {
        const double value = objective.value(angles);
        const double spread = variance(observable, objective.state()) / static_cast<double>(shots);
        return value + chance.normal() * std::sqrt(spread);
      };
}

}  // namespace

FitRule parse_fit_rule(std::string_view name) {
  std::vector<std::string> known;
  for (const auto& [rule_name, rule] : kRules) {
    if (rule_name == name) return rule;
    known.emplace_back(rule_name);
  }
  throw Error(ErrorKind::kUsage, unknown_name("optimizer of circuits", printable(name), known));
}

CircuitFit fit_lbfgs(const AngleFunction& function, std::vector<double> start, int max_steps,
                     double tolerance) {
  CircuitFit fit;
  fit.angles = std::move(start);
  if (!fit.angles.empty()) {
    silence_warnings();
    // The problem owns the function.
    const ceres::GradientProblem problem(new CeresFunction(function, fit.angles.size()));
    ceres::GradientProblemSolver::Options options;
    options.line_search_direction_type = ceres::LBFGS;
    options.max_num_iterations = max_steps;
    options.function_tolerance = tolerance;
    options.gradient_tolerance = 1e-9;
    options.parameter_tolerance = 0;
    options.logging_type = ceres::SILENT;
    ceres::GradientProblemSolver::Summary summary;
    ceres::Solve(options, problem, fit.angles.data(), &summary);
    fit.steps =
        std::max(0, static_cast<int>(summary.iterations.size()) - 1);  // the first is the start
    fit.converged = summary.termination_type == ceres::CONVERGENCE;
  }
  fit.value = function(fit.angles, {});
  return fit;
}

CircuitFit fit_circuit(CircuitObjective& objective, std::vector<double> start,
                       const FitOptions& options, Rng chance) {
  const AngleFunction exact = [&objective](std::span<const double> angles,
                                           std::span<double> gradient) {
    return gradient.empty() ? objective.value(angles)
                            : objective.value_and_gradient(angles, gradient);
  };
  switch (options.rule) {
    case FitRule::kAdagrad:
      return fit_adagrad(
          objective, std::move(start),
          {.max_steps = options.max_steps, .step = options.step, .tolerance = options.tolerance});
    case FitRule::kAdam:
      if (start.empty()) break;
      return fit_adam(objective, std::move(start), options);
    case FitRule::kLbfgs:
      return fit_lbfgs(exact, std::move(start), options.max_steps, options.tolerance);
    case FitRule::kSpsa: {
      if (start.empty()) break;
      CircuitFit fit = fit_spsa(exact, std::move(start), options, chance);
      fit.value = objective.value(fit.angles);
      return fit;
    }
  }
  // Without angles there is nothing to find.
  CircuitFit fit;
  fit.value = objective.value(start);
  fit.converged = true;
  return fit;
}

CircuitFit fit_circuit(const Circuit& circuit, const Observable& observable,
                       std::vector<double> start, const FitOptions& options, Rng chance) {
  CircuitObjective objective(circuit, observable);
  if (options.rule != FitRule::kSpsa || options.shots == 0 || start.empty()) {
    return fit_circuit(objective, std::move(start), options, chance);
  }
  CircuitFit fit = fit_spsa(measured(objective, observable, options.shots, chance),
                            std::move(start), options, chance);
  fit.value = objective.value(fit.angles);
  return fit;
}

}  // namespace nas
