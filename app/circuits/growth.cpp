#include "app/circuits/growth.h"

#include <algorithm>
#include <cmath>
#include <ctime>

#include "core/problems/circuit_problem.h"
#include "core/util/error.h"
#include "core/util/interruption.h"
#include "core/util/text.h"
#include "searchspaces/circuit_space.h"

namespace nas {
namespace {

/// Whether the observable takes real states to real ones, so that real circuits are enough.
bool is_real(const Observable& observable) {
  constexpr double kRounding = 1e-12;
  State state(observable.qubits()), image(observable.qubits());
  Rng rng({.seed = 0, .study = stable_hash("is_real"), .purpose = Purpose::kSample});
  for (std::size_t i = 0; i < state.size(); ++i) state.set(i, rng.normal());
  observable.apply(state, image);
  for (std::size_t i = 0; i < image.size(); ++i) {
    if (std::abs(image.at(i).imag()) > kRounding * (1 + std::abs(image.at(i).real()))) return false;
  }
  return true;
}

const CircuitProblem& circuit_problem(const Problem& problem, std::string_view data) {
  if (const auto* circuits = dynamic_cast<const CircuitProblem*>(&problem)) return *circuits;
  throw Error(ErrorKind::kUsage, "'" + printable(data) + "' is judged by " +
                                     std::string(problem.record().samples) +
                                     ", not by circuits: expected ground_state:..., max_cut:... or "
                                     "state_preparation:...");
}

std::vector<std::pair<int, int>> edges_of(const std::string& coupling, int qubits) {
  std::vector<std::pair<int, int>> edges;
  const CouplingMap map(coupling, qubits);
  for (const auto& [a, b] : map.directed()) {
    if (a < b) edges.emplace_back(a, b);
  }
  return edges;
}

}  // namespace

GrowthReport grow_circuits(Session& session, const GrowthRequest& request) {
  const std::shared_ptr<const Problem> opened = session.problem(request.data);
  const CircuitProblem& problem = circuit_problem(*opened, request.data);
  const Observable& observable = problem.observable();
  const InterruptionScope scope(session.stop());
  const std::clock_t begin = std::clock();
  GrowOptions options;
  options.most_pairs = request.most_cnots;
  options.real = is_real(observable);
  options.edges = edges_of(request.coupling, observable.qubits());
  options.kept = static_cast<int>(request.kept);
  options.fits = request.fits;
  options.seconds = request.seconds;
  options.seed = request.seed;
  if (request.error >= 0) options.target = problem.best_value() + request.error;
  std::int64_t last = 0;
  session.progress().begin("grow circuits", request.fits);
  const std::vector<PairCircuit> front =
      grow(observable, options, [&](const PairCircuit& best, std::int64_t fits) {
        last = fits;
        session.progress().update(fits, std::to_string(best.pairs.size()) + " CNOTs, error " +
                                            format_short(best.value - problem.best_value(), 3));
      });
  session.progress().end();
  GrowthReport report{{}, {Circuit(observable.qubits()), {}}};
  // Circuits whose values differ by less are equally good: the one with fewer CNOTs is chosen.
  constexpr double kNoLoss = 1e-9;
  const PairCircuit* chosen = &front.front();
  for (const PairCircuit& grown : front) {
    report.front.push_back(
        {to_circuit(grown, observable.qubits(), options.real), problem.values_of(grown.value)});
    if (report.good_enough) continue;
    report.good_enough = grown.value <= options.target;
    if (report.good_enough || grown.value < chosen->value - kNoLoss) chosen = &grown;
  }
  const double limit = report.good_enough ? options.target : chosen->value + kNoLoss;
  const PairCircuit small = pruned(observable, *chosen, options.real, limit);
  report.chosen = {to_circuit(small, observable.qubits(), options.real),
                   problem.values_of(small.value)};
  report.fits = last;
  report.seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  return report;
}

}  // namespace nas
