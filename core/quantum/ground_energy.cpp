#include "core/quantum/ground_energy.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/util/error.h"
#include "core/util/interruption.h"
#include "core/util/rng.h"

namespace nas {
namespace {

constexpr int kMostQubits = 16;
constexpr std::size_t kMostVectors = 300;
constexpr double kConverged = 1e-13;  // relative

/// All numbers of a state, real and imaginary parts alike.
std::span<double> numbers(State& state) {
  return {state.data(), 2 * State::kLanes * state.blocks()};
}

double normalise(State& state) {
  const double norm = std::sqrt(inner_product(state, state).real());
  if (norm > 0) {
    for (double& x : numbers(state)) x /= norm;
  }
  return norm;
}

/// state -= <of|state> of
void remove_part(State& state, const State& of) {
  const Amplitude part = inner_product(of, state);
  for (std::size_t i = 0; i < state.size(); ++i) state.set(i, state.at(i) - part * of.at(i));
}

State random_state(int qubits) {
  State state(qubits);
  Rng rng({.seed = 0, .study = stable_hash("lanczos"), .purpose = Purpose::kInit});
  for (std::size_t i = 0; i < state.size(); ++i) state.set(i, {rng.normal(), rng.normal()});
  normalise(state);
  return state;
}

double smallest(const std::vector<double>& diagonal, const std::vector<double>& beside) {
  const auto size = static_cast<Eigen::Index>(diagonal.size());
  const Eigen::VectorXd d = Eigen::Map<const Eigen::VectorXd>(diagonal.data(), size);
  const Eigen::VectorXd e = Eigen::Map<const Eigen::VectorXd>(beside.data(), size - 1);
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver;
  solver.computeFromTridiagonal(d, e, Eigen::EigenvaluesOnly);
  return solver.eigenvalues()[0];
}

}  // namespace

double ground_energy(const Observable& observable) {
  const int qubits = observable.qubits();
  if (qubits > kMostQubits) {
    throw Error(ErrorKind::kUnsupported, "the exact ground energy of " + std::to_string(qubits) +
                                             " qubits is not computed: at most " +
                                             std::to_string(kMostQubits));
  }
  std::vector<State> basis{random_state(qubits)};
  std::vector<double> diagonal, beside;
  State next(qubits);
  double found = 0;
  const std::size_t most = std::min(basis.front().size(), kMostVectors);
  while (true) {
    check_interruption();
    diagonal.push_back(observable.apply(basis.back(), next));
    const double before = found;
    found = smallest(diagonal, beside);
    const bool settled = diagonal.size() > 2 &&
                         std::abs(found - before) <= kConverged * std::max(1.0, std::abs(found));
    if (settled || diagonal.size() == most) return found;
    // Twice: once leaves rounding errors that grow into copies of eigenvalues.
    for (int pass = 0; pass < 2; ++pass) {
      for (const State& vector : basis) remove_part(next, vector);
    }
    const double norm = normalise(next);
    if (norm < kConverged) return found;
    beside.push_back(norm);
    basis.push_back(next);
  }
}

}  // namespace nas
