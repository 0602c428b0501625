#include "app/circuits/growth.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <limits>
#include <numbers>

#include "core/api/growable_space.h"
#include "core/problems/circuit_problem.h"
#include "core/quantum/circuit_graph.h"
#include "core/quantum/inherit_angles.h"
#include "core/quantum/prune_circuit.h"
#include "core/quantum/simulator.h"
#include "core/util/error.h"
#include "core/util/interruption.h"
#include "core/util/text.h"
#include "searchers/adaptive_growth.h"

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

/// One gate for a pair in a layer, so that rotations can stand between any two.
PluginChoice space_choice(const GrowthRequest& request, int qubits, bool real) {
  return {"quantum_layered",
          {{"qubits", std::to_string(qubits)},
           {"layers", std::to_string(request.most_cnots + 1)},
           {"pairs", "1"},
           {"gates", real ? "ry" : "u3"},
           {"pair_gates", "cx"},
           {"coupling", request.coupling}}};
}

/// The searcher of studies; here a circuit is also fitted from the angles of the one that it was
/// made of.
class Growth {
 public:
  Growth(const SearchSpace& space, const Observable& observable, const GrowthRequest& request,
         double target)
      : space_(space),
        observable_(observable),
        request_(request),
        search_({.kept = request.kept,
                 .focus = 0,
                 .enough = request.error >= 0 ? format_double(target) : "none"}),
        growable_(dynamic_cast<const GrowableSpace&>(space)),
        front_(growable_.most_parts() + 1) {
    search_.start({.space = space,
                   .objectives = {{"value", false}},
                   .seed = request.seed,
                   .study = stable_hash("grow"),
                   .violation = [this](const Architecture& architecture) {
                     const auto cnots = static_cast<int>(growable_.parts(architecture.choices));
                     return static_cast<double>(std::max(0, cnots - request_.most_cnots));
                   }});
  }

  /// The best circuit of a size so far, and its value.
  struct Grown {
    Circuit circuit;
    double value;
  };

  /// Fits one more circuit. `best`: that circuit where it is better than all others of its size,
  /// else nullptr. False where nothing is left to try.
  bool step(const Grown*& best) {
    best = nullptr;
    const auto number = static_cast<std::int64_t>(fitted_.size());
    const std::optional<Proposal> proposal = search_.ask(number);
    if (!proposal) return false;
    Grown grown = fit(proposal->architecture);
    std::optional<Grown>& of_size = front_[growable_.parts(proposal->architecture.choices)];
    const std::array merits{-grown.value};
    search_.tell({.number = number,
                  .architecture = proposal->architecture,
                  .outcome = std::isfinite(grown.value) ? Outcome::kComplete : Outcome::kFailed,
                  .merits = merits});
    fitted_.push_back({proposal->architecture, grown.circuit.angles()});
    if (of_size && !(grown.value < of_size->value - kSameValue)) return true;
    of_size = std::move(grown);
    best = &*of_size;
    return true;
  }

  /// Of every size that was met, ascending.
  std::vector<Grown> front() const {
    std::vector<Grown> result;
    for (const std::optional<Grown>& of_size : front_) {
      if (of_size) result.push_back(*of_size);
    }
    return result;
  }

 private:
  static constexpr double kSameValue = 1e-9;

  struct Fitted {
    Architecture architecture;
    std::vector<double> angles;
  };

  Circuit circuit_of(const Architecture& architecture) const {
    return to_circuit(space_.build(architecture, circuit_task(observable_.qubits())));
  }
  Circuit fitted(std::size_t number) const {
    Circuit circuit = circuit_of(fitted_[number].architecture);
    circuit.set_angles(fitted_[number].angles);
    return circuit;
  }

  Grown fit(const Architecture& architecture) {
    constexpr FitOptions kFit{.max_steps = 400, .tolerance = 1e-10};
    Circuit circuit = circuit_of(architecture);
    Rng rng({.seed = request_.seed,
             .study = stable_hash("grow angles"),
             .trial = fitted_.size(),
             .purpose = Purpose::kInit});
    const auto anywhere = [&rng] { return rng.uniform(-std::numbers::pi, std::numbers::pi); };
    const auto near_zero = [&rng] { return 0.2 * rng.normal(); };
    std::vector<std::vector<double>> starts(1);
    for (std::size_t i = 0; i < circuit.parameters(); ++i) starts[0].push_back(anywhere());
    if (search_.parent()) {
      const Circuit parent = fitted(static_cast<std::size_t>(*search_.parent()));
      const std::function<double()> fresh =
          rng.bernoulli(0.5) ? std::function<double()>(anywhere) : near_zero;
      starts.push_back(inherited_angles(parent, circuit, fresh));
    }
    CircuitFit best;
    best.value = std::numeric_limits<double>::infinity();
    for (std::vector<double>& start : starts) {
      CircuitFit one = fit_circuit(circuit, observable_, std::move(start), kFit, rng);
      if (one.value < best.value) best = std::move(one);
    }
    if (std::isfinite(best.value)) circuit.set_angles(best.angles);
    return {std::move(circuit), best.value};
  }

  const SearchSpace& space_;
  const Observable& observable_;
  const GrowthRequest& request_;
  AdaptiveGrowth search_;
  const GrowableSpace& growable_;
  std::vector<std::optional<Grown>> front_;  // by CNOTs
  std::vector<Fitted> fitted_;               // by number of the proposal
};

/// U3(a, b, c) as RZ(c) RY(a) RZ(b), so that each can be left out.
Circuit in_rotations(const Circuit& circuit) {
  Circuit result(circuit.qubits());
  for (const Gate& gate : circuit.gates()) {
    if (gate.kind->name != "U3") {
      result.add(gate);
      continue;
    }
    result.add("RZ", {gate.qubits[0]}, {gate.angles[2]});
    result.add("RY", {gate.qubits[0]}, {gate.angles[0]});
    result.add("RZ", {gate.qubits[0]}, {gate.angles[1]});
  }
  return result;
}

}  // namespace

GrowthReport grow_circuits(Session& session, const GrowthRequest& request) {
  const std::shared_ptr<const Problem> opened = session.problem(request.data);
  const CircuitProblem& problem = circuit_problem(*opened, request.data);
  const Observable& observable = problem.observable();
  const InterruptionScope scope(session.stop());
  const std::clock_t begin = std::clock();
  const auto seconds = [begin] {
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  };
  const double target = problem.best_value() + request.error;
  const PluginChoice choice = space_choice(request, observable.qubits(), is_real(observable));
  Growth growth(session.space(choice), observable, request, target);
  GrowthReport report{{}, {Circuit(observable.qubits()), {}}};
  session.progress().begin("grow circuits", request.fits);
  for (std::int64_t fits = 1; fits <= request.fits; ++fits) {
    check_interruption();
    if (fits > 1 && request.seconds > 0 && seconds() >= request.seconds) break;
    const Growth::Grown* best = nullptr;
    if (!growth.step(best)) break;
    if (best == nullptr) continue;
    report.fits = fits;
    session.progress().update(fits, std::to_string(best->circuit.two_qubit_gates()) +
                                        " CNOTs, error " +
                                        format_short(best->value - problem.best_value(), 3));
  }
  session.progress().end();
  // Circuits whose values differ by less are equally good: the one with fewer CNOTs is chosen.
  constexpr double kNoLoss = 1e-9;
  const std::vector<Growth::Grown> front = growth.front();
  const Growth::Grown* chosen = &front.front();
  for (const Growth::Grown& grown : front) {
    report.front.push_back({grown.circuit, problem.values_of(grown.value)});
    if (report.good_enough) continue;
    report.good_enough = request.error >= 0 && grown.value <= target;
    if (report.good_enough || grown.value < chosen->value - kNoLoss) chosen = &grown;
  }
  const double limit = report.good_enough ? target : chosen->value + kNoLoss;
  const Circuit small = pruned(observable, in_rotations(chosen->circuit), limit);
  report.chosen = {small, problem.values_of(observable.expectation(simulate(small)))};
  report.seconds = seconds();
  return report;
}

}  // namespace nas
