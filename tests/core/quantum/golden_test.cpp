// The circuits of quantum-golden, computed by an independent simulator in double precision.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "core/quantum/fit.h"
#include "core/quantum/gradient.h"
#include "core/quantum/hamiltonians.h"
#include "core/quantum/simulator.h"
#include "tests/core/quantum/golden_circuits.h"

using namespace nas;

namespace {

Observable energy_of(int qubits) {
  return Observable(qubits == 4 ? hydrogen_molecule() : transverse_ising(qubits, 1, 1));
}
Observable cut_of(int qubits) {
  return Observable(cut_objective(qubits, published_graph(qubits)));
}

double largest_difference(const State& state, const std::vector<Amplitude>& expected) {
  double largest = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    largest = std::max(largest, std::abs(state.at(i) - expected[i]));
  }
  return largest;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = a.size() == b.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    largest = std::max(largest, std::abs(a[i] - b[i]));
  }
  return largest;
}

}  // namespace

TEST_CASE("golden: states of 300 and 60 circuits, with every fusion") {
  for (const int qubits : {4, 8}) {
    double worst = 0, worst_float = 0;
    for (const test::GoldenCircuit& golden : test::golden_circuits(qubits)) {
      for (const Fusion fusion : {Fusion::kNone, Fusion::kRuns, Fusion::kPairs}) {
        const State state = simulate(golden.circuit, {.fusion = fusion});
        worst = std::max(worst, largest_difference(state, golden.state));
      }
      const FloatState single = simulate_float(golden.circuit);
      for (std::size_t i = 0; i < golden.state.size(); ++i) {
        worst_float = std::max(worst_float, std::abs(single.at(i) - golden.state[i]));
      }
    }
    CHECK(worst < 1e-12);
    CHECK(worst_float < 1e-5);
  }
}

TEST_CASE("golden: energies, cuts and their gradients") {
  for (const int qubits : {4, 8}) {
    const Observable energy = energy_of(qubits), cut = cut_of(qubits);
    double worst_value = 0, worst_gradient = 0;
    for (const test::GoldenCircuit& golden : test::golden_circuits(qubits)) {
      const std::vector<double> angles = golden.circuit.angles();
      std::vector<double> gradient(angles.size());
      const auto compare = [&](const Observable& observable, double value,
                               const std::vector<double>& expected) {
        CircuitObjective objective(golden.circuit, observable);
        const double ours = objective.value_and_gradient(angles, gradient);
        worst_value = std::max(worst_value, std::abs(ours - value));
        worst_gradient = std::max(worst_gradient, largest_difference(gradient, expected));
      };
      compare(energy, golden.energy, golden.energy_gradient);
      compare(cut, golden.cut, golden.cut_gradient);
    }
    CHECK(worst_value < 1e-10);
    CHECK(worst_gradient < 1e-10);
  }
}

TEST_CASE("golden: fits by the paper's Adagrad, values and numbers of steps") {
  for (const int qubits : {4, 8}) {
    const Observable energy = energy_of(qubits), cut = cut_of(qubits);
    int fits = 0, equal_values = 0, equal_steps = 0;
    const auto compare = [&](const CircuitFit& fit, double value, int steps) {
      ++fits;
      if (std::abs(fit.value - value) <= 1e-6) ++equal_values;
      if (fit.steps == steps) ++equal_steps;
    };
    for (const test::GoldenCircuit& golden : test::golden_circuits(qubits)) {
      compare(fit_adagrad(golden.circuit, energy), golden.energy_fitted, golden.energy_steps);
      compare(fit_adagrad(golden.circuit, cut, {.max_steps = 50}), golden.cut_fitted,
              golden.cut_steps);
    }
    CHECK(equal_values >= 0.98 * fits);
    CHECK(equal_steps >= 0.98 * fits);
    MESSAGE(qubits, " qubits: ", equal_values, " values and ", equal_steps, " steps equal of ",
            fits);
  }
}

TEST_CASE("acceptance: labels of the 20,000 and 5,000 circuits of quantum-golden") {
  for (const int qubits : {4, 8}) {
    const test::LabelledCircuits data = test::labelled_circuits(qubits);
    if (data.circuits.empty()) return;
    const std::size_t count = data.circuits.size();
    const Observable target =
        Observable::projector(simulate(data.target.front()), -1);  // the objective is -F
    struct Task {
      const char* name;
      Observable observable;
      int max_steps;
      double threshold, share;
      double (*value)(const test::LabelledCircuits::Label&);
      int (*steps)(const test::LabelledCircuits::Label&);
    };
    using Label = test::LabelledCircuits::Label;
    const Task tasks[] = {
        {"energy", energy_of(qubits), 100, qubits == 4 ? -1.0792 : -9.0,
         qubits == 4 ? 0.22785 : 0.0416, [](const Label& l) { return l.energy; },
         [](const Label& l) { return l.energy_steps; }},
        {"cut", cut_of(qubits), 50, qubits == 4 ? -9.5 : -48.1, qubits == 4 ? 0.3831 : 0.1978,
         [](const Label& l) { return l.cut; }, [](const Label& l) { return l.cut_steps; }},
        {"fidelity", target, 50, qubits == 4 ? -0.95 : -0.75, qubits == 4 ? 0.0695 : 0.0198,
         [](const Label& l) { return -l.fidelity; },
         [](const Label& l) { return l.fidelity_steps; }},
    };
    for (const Task& task : tasks) {
      CAPTURE(qubits);
      CAPTURE(task.name);
      const auto fits =
          fit_circuits(data.circuits, task.observable, {.max_steps = task.max_steps}, 0);
      std::size_t equal = 0, equal_steps = 0, reached = 0;
      for (std::size_t i = 0; i < count; ++i) {
        if (std::abs(fits[i].value - task.value(data.labels[i])) <= 1e-6) ++equal;
        if (fits[i].steps == task.steps(data.labels[i])) ++equal_steps;
        if (fits[i].value <= task.threshold) ++reached;
      }
      const auto all = static_cast<double>(count);
      CHECK(static_cast<double>(equal) >= 0.98 * all);
      CHECK(static_cast<double>(equal_steps) >= 0.98 * all);
      CHECK(static_cast<double>(reached) / all == doctest::Approx(task.share).epsilon(0.01));
      MESSAGE(task.name, ": ", equal, " values, ", equal_steps, " steps, share ",
              static_cast<double>(reached) / all);
    }
  }
}
