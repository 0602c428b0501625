#include "core/quantum/prune_circuit.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "core/quantum/gradient.h"
#include "core/quantum/optimise.h"
#include "core/util/interruption.h"

namespace nas {
namespace {

constexpr FitOptions kFit{.max_steps = 400, .tolerance = 1e-10};

Circuit without(const Circuit& circuit, std::size_t gate) {
  Circuit rest(circuit.qubits());
  for (std::size_t i = 0; i < circuit.gates().size(); ++i) {
    if (i != gate) rest.add(circuit.gates()[i]);
  }
  return rest;
}

/// Rotations by the value of the circuit without them, not fitted again, smallest first.
std::vector<std::size_t> by_loss(const Observable& observable, const Circuit& circuit) {
  CircuitObjective objective(circuit, observable);
  std::vector<std::pair<double, std::size_t>> losses;
  std::vector<double> angles = circuit.angles();
  std::size_t angle = 0;
  for (std::size_t gate = 0; gate < circuit.gates().size(); ++gate) {
    const GateKind& kind = *circuit.gates()[gate].kind;
    if (kind.rotation) {
      const double own = std::exchange(angles[angle], 0);
      losses.emplace_back(objective.value(angles), gate);
      angles[angle] = own;
    }
    angle += static_cast<std::size_t>(kind.angles);
  }
  std::sort(losses.begin(), losses.end());
  std::vector<std::size_t> order;
  for (const auto& [loss, gate] : losses) order.push_back(gate);
  return order;
}

std::optional<Circuit> smaller(const Observable& observable, const Circuit& circuit, double limit) {
  for (const std::size_t gate : by_loss(observable, circuit)) {
    check_interruption();
    Circuit rest = without(circuit, gate);
    const CircuitFit fit = fit_circuit(rest, observable, rest.angles(), kFit, Rng({}));
    if (!(fit.value <= limit)) continue;
    rest.set_angles(fit.angles);
    return rest;
  }
  return std::nullopt;
}

}  // namespace

Circuit pruned(const Observable& observable, Circuit circuit, double limit) {
  while (std::optional<Circuit> rest = smaller(observable, circuit, limit)) {
    circuit = *std::move(rest);
  }
  return circuit;
}

}  // namespace nas
