#include "core/quantum/grow.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <numbers>
#include <set>

#include "core/util/error.h"
#include "core/util/interruption.h"

namespace nas {
namespace {

using Pairs = std::vector<std::pair<int, int>>;

constexpr int kQuickSteps = 25, kFullSteps = 400;
constexpr double kFine = 1e-10;       // change of the value that ends a fit
constexpr double kSameValue = 1e-9;   // circuits of one size that are surely one

double processor_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

/// All rotations, also by 0, so that angle k has a fixed place.
Circuit full_circuit(const Pairs& pairs, int qubits, bool real) {
  Circuit circuit(qubits);
  const auto rotate = [&](int qubit) {
    if (!real) circuit.add("RZ", {qubit}, {0});
    circuit.add("RY", {qubit}, {0});
  };
  for (int qubit = 0; qubit < qubits; ++qubit) rotate(qubit);
  for (const auto& [control, target] : pairs) {
    circuit.add("CNOT", {control, target});
    rotate(control);
    rotate(target);
  }
  return circuit;
}

class Growth {
 public:
  Growth(const Observable& observable, const GrowOptions& options)
      : observable_(observable),
        options_(options),
        qubits_(observable.qubits()),
        each_(options.real ? 1 : 2),
        edges_(options.edges),
        rng_({.seed = options.seed, .study = stable_hash("grow"), .purpose = Purpose::kSearch}) {
    if (!edges_.empty()) return;
    for (int a = 0; a < qubits_; ++a) {
      for (int b = a + 1; b < qubits_; ++b) edges_.emplace_back(a, b);
    }
  }

  std::vector<PairCircuit> run(const GrowProgress& progress) {
    std::vector<PairCircuit> beam = seeds(), front;
    for (int size = 0;; ++size) {
      front.push_back(beam.front());
      if (progress) progress(beam.front());
      if (size == options_.most_pairs || beam.front().value <= options_.target || spent() >= 1) {
        return front;
      }
      beam = grown(beam);
      improve(beam, (size + 1.0) / options_.most_pairs);
    }
  }

 private:
  double spent() const { return (processor_seconds() - begin_) / options_.seconds; }

  std::size_t first_angles() const { return static_cast<std::size_t>(qubits_ * each_); }
  std::size_t pair_angles() const { return static_cast<std::size_t>(2 * each_); }

  void fit(PairCircuit& plan, int steps) {
    CircuitObjective objective(full_circuit(plan.pairs, qubits_, options_.real), observable_);
    const AngleFunction function = [&objective](std::span<const double> angles,
                                                std::span<double> gradient) {
      return gradient.empty() ? objective.value(angles)
                              : objective.value_and_gradient(angles, gradient);
    };
    CircuitFit found = fit_lbfgs(function, std::move(plan.angles), steps, kFine);
    plan.angles = std::move(found.angles);
    plan.value = found.value;
  }

  double random_angle() { return rng_.uniform(-std::numbers::pi, std::numbers::pi); }

  /// Product states: from several random starts.
  std::vector<PairCircuit> seeds() {
    std::vector<PairCircuit> plans;
    for (int i = 0; i < 4 * options_.beam; ++i) {
      PairCircuit plan;
      for (std::size_t k = 0; k < first_angles(); ++k) plan.angles.push_back(random_angle());
      fit(plan, kFullSteps);
      plans.push_back(std::move(plan));
    }
    return kept(std::move(plans));
  }

  PairCircuit with_pair(const PairCircuit& plan, std::pair<int, int> pair, std::size_t place,
                        bool far) {
    PairCircuit result = plan;
    result.pairs.insert(result.pairs.begin() + static_cast<std::ptrdiff_t>(place), pair);
    std::vector<double> angles;
    for (std::size_t k = 0; k < pair_angles(); ++k) {
      angles.push_back(far ? random_angle() : 0.2 * rng_.normal());
    }
    result.angles.insert(result.angles.begin() + static_cast<std::ptrdiff_t>(
                                                     first_angles() + place * pair_angles()),
                         angles.begin(), angles.end());
    return result;
  }

  void remove_pair(PairCircuit& plan, std::size_t place) {
    plan.pairs.erase(plan.pairs.begin() + static_cast<std::ptrdiff_t>(place));
    const auto begin = plan.angles.begin() +
                       static_cast<std::ptrdiff_t>(first_angles() + place * pair_angles());
    plan.angles.erase(begin, begin + static_cast<std::ptrdiff_t>(pair_angles()));
  }

  /// Best first, each value once, at most the beam.
  std::vector<PairCircuit> kept(std::vector<PairCircuit> plans) const {
    std::stable_sort(plans.begin(), plans.end(), [](const PairCircuit& a, const PairCircuit& b) {
      return a.value < b.value;
    });
    std::vector<PairCircuit> best;
    for (PairCircuit& plan : plans) {
      const bool known = !best.empty() && plan.value - best.back().value < kSameValue;
      if (!known && std::isfinite(plan.value)) best.push_back(std::move(plan));
      if (best.size() == static_cast<std::size_t>(options_.beam)) break;
    }
    return best;
  }

  std::vector<PairCircuit> grown(const std::vector<PairCircuit>& beam) {
    std::vector<PairCircuit> tried;
    for (const PairCircuit& plan : beam) {
      const std::size_t size = plan.pairs.size();
      for (const std::pair<int, int>& pair : edges_) {
        const std::set<std::size_t> places{size, 0, size / 2, rng_.below(size + 1)};
        for (const std::size_t place : places) {
          PairCircuit next = with_pair(plan, pair, place, rng_.bernoulli(0.3));
          fit(next, kQuickSteps);
          tried.push_back(std::move(next));
        }
      }
      if (spent() >= 1 && !tried.empty()) break;
    }
    std::stable_sort(tried.begin(), tried.end(), [](const PairCircuit& a, const PairCircuit& b) {
      return a.value < b.value;
    });
    tried.resize(std::min(tried.size(), static_cast<std::size_t>(3 * options_.beam)));
    for (PairCircuit& plan : tried) fit(plan, kFullSteps);
    return kept(std::move(tried));
  }

  /// One random change of structure that keeps the size, with all angles fitted again.
  PairCircuit changed(const PairCircuit& plan) {
    PairCircuit next = plan;
    const std::size_t size = plan.pairs.size();
    const auto place = static_cast<std::size_t>(rng_.below(size));
    std::pair<int, int> pair = plan.pairs[place];
    std::size_t to = place;
    switch (rng_.below(3)) {
      case 0:  // another pair in its place
        pair = edges_[rng_.below(edges_.size())];
        break;
      case 1:  // the same elsewhere
        to = static_cast<std::size_t>(rng_.below(size));
        break;
      default:  // another pair elsewhere
        pair = edges_[rng_.below(edges_.size())];
        to = static_cast<std::size_t>(rng_.below(size));
    }
    remove_pair(next, place);
    next = with_pair(next, pair, to, rng_.bernoulli(0.5));
    fit(next, kQuickSteps);
    return next;
  }

  /// Until `share` of all the time is spent.
  void improve(std::vector<PairCircuit>& beam, double share) {
    while (spent() < share && beam.front().value > options_.target) {
      check_interruption();
      const PairCircuit& parent = beam[rng_.below(beam.size())];
      PairCircuit next = changed(parent);
      // A quick fit says whether it is worth a full one.
      const double worst = beam.back().value;
      const double margin = 0.5 * std::abs(parent.value - worst) + 1e-4;
      if (next.value > worst + margin) continue;
      fit(next, kFullSteps);
      if (next.value >= worst) continue;
      beam.push_back(std::move(next));
      beam = kept(std::move(beam));
    }
  }

  const Observable& observable_;
  const GrowOptions& options_;
  int qubits_;
  int each_;  // angles of a rotation
  Pairs edges_;
  Rng rng_;
  double begin_ = processor_seconds();
};

}  // namespace

std::vector<PairCircuit> grow(const Observable& observable, const GrowOptions& options,
                              const GrowProgress& progress) {
  return Growth(observable, options).run(progress);
}

Circuit to_circuit(const PairCircuit& grown, int qubits, bool real) {
  Circuit full = full_circuit(grown.pairs, qubits, real);
  full.set_angles(grown.angles);
  Circuit circuit(qubits);
  for (const Gate& gate : full.gates()) {
    if (gate.kind->angles == 0 || gate.angles[0] != 0) circuit.add(gate);
  }
  return circuit;
}

PairCircuit pruned(const Observable& observable, PairCircuit grown, bool real, double limit) {
  const Circuit full = full_circuit(grown.pairs, observable.qubits(), real);
  CircuitObjective objective(full, observable);
  std::vector<bool> used(grown.angles.size(), true);
  // Of the angles that are left, the others at 0.
  const auto fit_used = [&](std::vector<double> angles) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < used.size(); ++i) {
      if (used[i]) places.push_back(i);
    }
    std::vector<double> start, slope(used.size());
    for (const std::size_t i : places) start.push_back(angles[i]);
    const AngleFunction function = [&](std::span<const double> free, std::span<double> gradient) {
      for (std::size_t k = 0; k < places.size(); ++k) angles[places[k]] = free[k];
      if (gradient.empty()) return objective.value(angles);
      const double value = objective.value_and_gradient(angles, slope);
      for (std::size_t k = 0; k < places.size(); ++k) gradient[k] = slope[places[k]];
      return value;
    };
    const CircuitFit fit = fit_lbfgs(function, std::move(start), kFullSteps, kFine);
    for (std::size_t k = 0; k < places.size(); ++k) angles[places[k]] = fit.angles[k];
    return PairCircuit{grown.pairs, std::move(angles), fit.value};
  };
  while (true) {
    check_interruption();
    std::vector<std::pair<double, std::size_t>> losses;
    for (std::size_t i = 0; i < used.size(); ++i) {
      if (!used[i]) continue;
      std::vector<double> without = grown.angles;
      without[i] = 0;
      losses.emplace_back(objective.value(without), i);
    }
    std::sort(losses.begin(), losses.end());
    bool removed = false;
    for (const auto& [value, i] : losses) {
      std::vector<double> without = grown.angles;
      without[i] = 0;
      used[i] = false;
      PairCircuit next = fit_used(without);
      removed = next.value <= limit;
      if (removed) {
        grown = std::move(next);
        break;
      }
      used[i] = true;
    }
    if (!removed) return grown;
  }
}

}  // namespace nas
