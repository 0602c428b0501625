#include "core/quantum/grow.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>
#include <numbers>

#include "core/util/error.h"
#include "core/util/interruption.h"

namespace nas {
namespace {

using Pairs = std::vector<std::pair<int, int>>;

constexpr int kQuickSteps = 30, kFullSteps = 400;
constexpr double kFine = 1e-10;      // change of the value that ends a fit
constexpr double kSameValue = 1e-9;  // circuits of one size that are surely one

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
  Growth(const Observable& observable, const GrowOptions& options, const GrowProgress& progress)
      : observable_(observable),
        options_(options),
        progress_(progress),
        qubits_(observable.qubits()),
        each_(options.real ? 1 : 2),
        edges_(options.edges),
        kept_(static_cast<std::size_t>(options.most_pairs) + 1),
        top_(kept_.size() - 1),
        rng_({.seed = options.seed, .study = stable_hash("grow"), .purpose = Purpose::kSearch}) {
    if (!edges_.empty()) return;
    for (int a = 0; a < qubits_; ++a) {
      for (int b = a + 1; b < qubits_; ++b) edges_.emplace_back(a, b);
    }
  }

  std::vector<PairCircuit> run() {
    for (int i = 0; i < 4 * options_.kept; ++i) {
      if (i > 0 && (fits_ >= options_.fits || out_of_time())) break;
      try_circuit({{}, random_angles(0), 0});
    }
    while (fits_ < options_.fits && !out_of_time()) {
      check_interruption();
      try_circuit(next_circuit());
    }
    std::vector<PairCircuit> front;
    for (const std::vector<PairCircuit>& of_size : kept_) {
      if (!of_size.empty()) front.push_back(of_size.front());
    }
    return front;
  }

 private:
  bool out_of_time() const {
    return options_.seconds > 0 && processor_seconds() - begin_ >= options_.seconds;
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(rng_.below(n)); }
  std::size_t first_angles() const { return static_cast<std::size_t>(qubits_ * each_); }
  std::size_t pair_angles() const { return static_cast<std::size_t>(2 * each_); }
  std::size_t angles_of(std::size_t pairs) const { return first_angles() + pairs * pair_angles(); }
  double random_angle() { return rng_.uniform(-std::numbers::pi, std::numbers::pi); }
  std::vector<double> random_angles(std::size_t pairs) {
    std::vector<double> angles(angles_of(pairs));
    for (double& angle : angles) angle = random_angle();
    return angles;
  }

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

  void insert(PairCircuit& plan, std::pair<int, int> pair, std::size_t place) {
    plan.pairs.insert(plan.pairs.begin() + static_cast<std::ptrdiff_t>(place), pair);
    std::vector<double> angles;
    const bool far = rng_.bernoulli(0.5);
    for (std::size_t k = 0; k < pair_angles(); ++k) {
      angles.push_back(far ? random_angle() : 0.2 * rng_.normal());
    }
    plan.angles.insert(plan.angles.begin() + static_cast<std::ptrdiff_t>(angles_of(place)),
                       angles.begin(), angles.end());
  }

  std::pair<int, int> remove(PairCircuit& plan, std::size_t place) {
    const std::pair<int, int> pair = plan.pairs[place];
    plan.pairs.erase(plan.pairs.begin() + static_cast<std::ptrdiff_t>(place));
    const auto begin = plan.angles.begin() + static_cast<std::ptrdiff_t>(angles_of(place));
    plan.angles.erase(begin, begin + static_cast<std::ptrdiff_t>(pair_angles()));
    return pair;
  }

  std::pair<int, int> random_pair() { return edges_[below(edges_.size())]; }

  /// A CNOT elsewhere, another one in its place, or another one elsewhere.
  void change(PairCircuit& plan) {
    const std::size_t place = below(plan.pairs.size());
    const std::uint64_t way = rng_.below(3);
    const std::pair<int, int> old = remove(plan, place);
    insert(plan, way == 0 ? old : random_pair(), way == 1 ? place : below(plan.pairs.size() + 1));
  }

  /// From one of a neighbouring size, or of its own.
  PairCircuit next_circuit() {
    const std::size_t size = 1 + below(top_);
    const auto parent = [this](std::size_t of_size) {
      const std::vector<PairCircuit>& from = kept_[of_size];
      return from[below(from.size())];
    };
    const std::uint64_t way = rng_.below(10);
    PairCircuit next;
    if (size < top_ && way < 3 && !kept_[size + 1].empty()) {
      next = parent(size + 1);
      remove(next, below(next.pairs.size()));
    } else if (way < 7 && !kept_[size].empty()) {
      next = parent(size);
      for (std::uint64_t changes = 1 + rng_.below(2); changes > 0; --changes) change(next);
    } else if (!kept_[size - 1].empty()) {
      next = parent(size - 1);
      insert(next, random_pair(), below(next.pairs.size() + 1));
    } else {
      while (next.pairs.size() < size) next.pairs.push_back(random_pair());
      next.angles = random_angles(size);
    }
    move_angles(next);
    return next;
  }

  void move_angles(PairCircuit& plan) {
    const std::uint64_t way = rng_.below(10);
    if (way < 2) plan.angles = random_angles(plan.pairs.size());
    if (way >= 2 && way < 5) {
      for (double& angle : plan.angles) angle += 0.3 * rng_.normal();
    }
  }

  void try_circuit(PairCircuit plan) {
    ++fits_;
    fit(plan, kQuickSteps);
    if (!std::isfinite(plan.value)) return;
    best_ = std::min(best_, plan.value);
    std::vector<PairCircuit>& of_size = kept_[plan.pairs.size()];
    const bool full = of_size.size() >= static_cast<std::size_t>(options_.kept);
    if (full) {
      // Not worth its end where it is far behind the worst that is kept.
      const double worst = of_size.back().value;
      if (plan.value > worst + 0.5 * (worst - best_)) return;
    }
    fit(plan, kFullSteps);
    keep(std::move(plan));
  }

  void keep(PairCircuit plan) {
    std::vector<PairCircuit>& of_size = kept_[plan.pairs.size()];
    for (const PairCircuit& other : of_size) {
      if (std::abs(plan.value - other.value) < kSameValue && plan.pairs == other.pairs) return;
    }
    const auto place = std::upper_bound(
        of_size.begin(), of_size.end(), plan,
        [](const PairCircuit& a, const PairCircuit& b) { return a.value < b.value; });
    const bool best = place == of_size.begin() &&
                      (of_size.empty() || plan.value < of_size.front().value - kSameValue);
    if (best && progress_) progress_(plan, fits_);
    if (plan.value <= options_.target)
      top_ = std::max<std::size_t>(1, std::min(top_, plan.pairs.size()));
    best_ = std::min(best_, plan.value);
    of_size.insert(place, std::move(plan));
    if (of_size.size() > static_cast<std::size_t>(options_.kept)) of_size.pop_back();
  }

  const Observable& observable_;
  const GrowOptions& options_;
  const GrowProgress& progress_;
  int qubits_;
  int each_;  // angles of a rotation
  Pairs edges_;
  std::vector<std::vector<PairCircuit>> kept_;  // by CNOTs, each best first
  std::size_t top_;                             // the largest size that is looked at
  std::int64_t fits_ = 0;
  double best_ = std::numeric_limits<double>::infinity();
  Rng rng_;
  double begin_ = processor_seconds();
};

}  // namespace

std::vector<PairCircuit> grow(const Observable& observable, const GrowOptions& options,
                              const GrowProgress& progress) {
  if (options.most_pairs < 1 || options.kept < 1) {
    throw Error(ErrorKind::kUsage,
                "a growing search needs at least one CNOT and one circuit of a "
                "size");
  }
  return Growth(observable, options, progress).run();
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
