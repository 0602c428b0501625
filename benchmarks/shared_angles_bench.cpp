// Do angles that all circuits share say which circuits are good? Rank correlations with the fitted
// energy (the best of several starts) over random circuits of quantum_layered, of the energy with
// shared angles beside the number of two-qubit gates and a fit of one start that costs as much; and
// fits of a few steps from shared and from random angles.
//
//   shared_angles_bench DATA [SEEDS [CIRCUITS [STEPS]]]        default 3 200 2000
//
// DATA: what stands behind --data, "ground_state:tfim:4". Seconds are processor time.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <numbers>
#include <numeric>
#include <string>
#include <vector>

#include "core/api/plugin_choice.h"
#include "core/problems/angle_bank.h"
#include "core/quantum/circuit_graph.h"
#include "core/util/error.h"
#include "core/util/statistics.h"
#include "core/util/text.h"
#include "searchspaces/registry.h"

using namespace nas;

namespace {

constexpr int kPaths = 4;                        // circuits of a step
constexpr double kRate = 0.05;                   // of its Adam
constexpr int kStarts = 10;                      // of the fits that are the truth
constexpr int kFitSteps = 200;                   // of L-BFGS
constexpr int kSteps[] = {2, 5, 10, kFitSteps};  // of fits from one start

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Sums {
  double sum = 0, squares = 0;
  int count = 0;
  void add(double value) {
    sum += value;
    squares += value * value;
    ++count;
  }
  double mean() const { return sum / count; }
  double deviation() const {
    return count < 2 ? 0 : std::sqrt(std::max(0.0, squares - sum * sum / count) / (count - 1));
  }
};

class Comparison {
 public:
  Comparison(const SearchSpace& space, const CircuitProblem& problem, std::uint64_t seed,
             int circuits)
      : space_(space), problem_(problem), rng_({.seed = seed, .purpose = Purpose::kTest}) {
    Rng drawing = rng_.stream(1);
    while (static_cast<int>(drawn_.size()) < circuits) {
      drawn_.push_back(sample(space, drawing));
      circuits_.push_back(to_circuit(space.build(drawn_.back(), space.info().default_task)));
    }
  }

  double value_after(std::size_t i, std::vector<double> start, int steps) const {
    return fit_circuit(circuits_[i], problem_.observable(), std::move(start), {.max_steps = steps},
                       rng_)
        .value;
  }
  std::vector<double> random_start(std::size_t i, std::uint64_t number) const {
    Rng rng = rng_.stream(1000 + i).stream(number);
    std::vector<double> angles(circuits_[i].parameters());
    for (double& angle : angles) angle = rng.uniform(0, 2 * std::numbers::pi);
    return angles;
  }
  template <class Value>
  std::vector<double> values(Value value) const {
    std::vector<double> all;
    for (std::size_t i = 0; i < circuits_.size(); ++i) all.push_back(value(i));
    return all;
  }

  const SearchSpace& space_;
  const CircuitProblem& problem_;
  Rng rng_;
  std::vector<Architecture> drawn_;
  std::vector<Circuit> circuits_;
};

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

void measure(const std::string& options, const CircuitProblem& problem, int seeds, int count,
             int steps) {
  const PluginChoice choice = parse_plugin_choice("quantum_layered:" + options);
  const auto space = find_plugin(space_plugins(), "space", choice.name).make(choice.options);
  std::vector<std::pair<std::string, Sums>> ranks, energies;
  const auto note = [](auto& list, const std::string& name, double value) {
    for (auto& [known, sums] : list) {
      if (known == name) return sums.add(value);
    }
    list.emplace_back(name, Sums{}).second.add(value);
  };
  Sums training, judging;
  for (int seed = 0; seed < seeds; ++seed) {
    const Comparison given(*space, problem, static_cast<std::uint64_t>(seed), count);
    AngleBank bank(*space, static_cast<std::uint64_t>(seed));
    double start = thread_seconds();
    train_angles(bank, problem,
                 {.draw =
                      [&](Rng& rng) {
                        std::vector<Architecture> drawn;
                        while (drawn.size() < kPaths) drawn.push_back(sample(*space, rng));
                        return drawn;
                      },
                  .steps = steps,
                  .rate = kRate,
                  .seed = static_cast<std::uint64_t>(seed),
                  .epochs = 1,
                  .on_epoch = [](std::int64_t, double) {}});
    training.add(thread_seconds() - start);
    const auto shared = [&](std::size_t i) { return to_circuit(bank.graph(given.drawn_[i])); };
    start = thread_seconds();
    const auto judged = given.values([&](std::size_t i) {
      const Circuit circuit = shared(i);
      return CircuitObjective(circuit, problem.observable()).value(circuit.angles());
    });
    judging.add(thread_seconds() - start);

    const auto truth = given.values([&](std::size_t i) {
      double best = 0;
      for (std::uint64_t k = 0; k < kStarts; ++k) {
        const double value = given.value_after(i, given.random_start(i, k), kFitSteps);
        best = k == 0 ? value : std::min(best, value);
      }
      return best;
    });
    const auto rank = [&](const std::string& name, const std::vector<double>& scores) {
      note(ranks, name, spearman(scores, truth).value_or(0));
    };
    rank("shared angles", judged);
    rank("two-qubit gates, more", given.values([&](std::size_t i) {
      return -static_cast<double>(given.circuits_[i].two_qubit_gates());
    }));
    rank("angles, more", given.values([&](std::size_t i) {
      return -static_cast<double>(given.circuits_[i].parameters());
    }));
    rank("gates, more", given.values([&](std::size_t i) {
      return -static_cast<double>(given.circuits_[i].gates().size());
    }));
    note(energies, "10 starts, whole fits", mean_of(truth));
    note(energies, "shared angles as they are", mean_of(judged));
    for (const int few : kSteps) {
      const std::string behind = ", " + std::to_string(few) + " steps";
      start = thread_seconds();
      const auto random = given.values(
          [&](std::size_t i) { return given.value_after(i, given.random_start(i, 99), few); });
      note(energies, "seconds of random start" + behind, thread_seconds() - start);
      const auto from = given.values(
          [&](std::size_t i) { return given.value_after(i, shared(i).angles(), few); });
      rank("random start" + behind, random);
      rank("shared start" + behind, from);
      note(energies, "random start" + behind, mean_of(random));
      note(energies, "shared start" + behind, mean_of(from));
    }
  }
  std::printf("%s, %zu angles: %d steps of %d circuits take %.2f s, judging %d circuits %.3f s\n",
              options.c_str(), AngleBank(*space, 0).angles().size(), steps, kPaths, training.mean(),
              count, judging.mean());
  std::printf("  Spearman's correlation with the fitted energy, mean (deviation) of %d seeds\n",
              seeds);
  for (const auto& [name, sums] : ranks) {
    std::printf("  %-34s %7.3f (%.3f)\n", name.c_str(), sums.mean(), sums.deviation());
  }
  std::printf("  mean energy\n");
  for (const auto& [name, sums] : energies) {
    std::printf("  %-34s %9.4f (%.4f)\n", name.c_str(), sums.mean(), sums.deviation());
  }
}

}  // namespace

int main(int argc, char** argv) {
  int numbers[] = {3, 200, 2000};
  bool fits = argc >= 2 && argc <= 5;
  for (int i = 2; fits && i < argc; ++i) {
    const auto number = parse_int(argv[i]);
    fits = number && *number >= 1 && *number <= 1'000'000;
    if (fits) numbers[i - 2] = static_cast<int>(*number);
  }
  if (!fits) {
    std::fprintf(stderr, "usage: shared_angles_bench DATA [SEEDS [CIRCUITS [STEPS]]]\n");
    return 2;
  }
  try {
    const std::string data = argv[1];
    const auto problem = open_problem(data);
    const auto& circuits = dynamic_cast<const CircuitProblem&>(*problem);
    const std::string qubits = "qubits=" + std::to_string(circuits.observable().qubits());
    for (const char* gates : {"", ",gates=ry,pair_gates=cx", ",gates=ry+rz,pair_gates=cx"}) {
      measure(qubits + gates, circuits, numbers[0], numbers[1], numbers[2]);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "shared_angles_bench: %s\n", error.what());
    return 2;
  }
}
