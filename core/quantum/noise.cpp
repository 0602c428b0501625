#include "core/quantum/noise.h"

#include <cmath>
#include <map>
#include <string>

#include "core/quantum/simulator.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

// The circuit with one draw of errors in it; `clean` says that there was none.
Circuit draw_errors(const Circuit& circuit, const NoiseModel& noise, Rng& rng, bool& clean) {
  static constexpr const char* kErrors[] = {"X", "Y", "Z"};
  Circuit drawn(circuit.qubits());
  clean = true;
  for (const Gate& gate : circuit.gates()) {
    drawn.add(gate);
    const double p = gate.kind->qubits() == 1 ? noise.one_qubit : noise.two_qubit;
    for (const int qubit : gate.on()) {
      if (!rng.bernoulli(p)) continue;
      drawn.add(kErrors[rng.below(3)], {qubit});
      clean = false;
    }
  }
  return drawn;
}

}  // namespace

void NoiseModel::check() const {
  for (const double p : {one_qubit, two_qubit, readout}) {
    if (!(p >= 0 && p <= 1)) {
      throw Error(ErrorKind::kUsage,
                  "an error's probability is from 0 to 1, not " + format_short(p));
    }
  }
}

NoisyEstimate noisy_expectation(const Circuit& circuit, const Observable& observable,
                                const NoiseModel& noise, int trajectories, Rng& rng) {
  noise.check();
  if (trajectories < 2) {
    throw Error(ErrorKind::kUsage,
                "at least 2 trajectories are needed, not " + std::to_string(trajectories));
  }
  const double ideal = observable.expectation(simulate(circuit));
  double sum = 0, squares = 0;  // of differences from the ideal: no cancellation
  for (int i = 0; i < trajectories; ++i) {
    bool clean = false;
    const Circuit drawn = draw_errors(circuit, noise, rng, clean);
    if (clean) continue;
    const double difference = observable.expectation(simulate(drawn)) - ideal;
    sum += difference;
    squares += difference * difference;
  }
  const double mean = sum / trajectories;
  const double variance = std::max(0.0, (squares - sum * mean) / (trajectories - 1));
  return {ideal + mean, std::sqrt(variance / trajectories)};
}

std::vector<Measured> noisy_sample(const Circuit& circuit, const NoiseModel& noise,
                                   std::int64_t shots, Rng& rng) {
  noise.check();
  const State ideal = simulate(circuit);
  std::map<std::uint64_t, std::int64_t> counts;
  for (std::int64_t shot = 0; shot < shots; ++shot) {
    bool clean = false;
    const Circuit drawn = draw_errors(circuit, noise, rng, clean);
    std::uint64_t index =
        (clean ? sample(ideal, 1, rng) : sample(simulate(drawn), 1, rng))[0].index;
    for (int bit = 0; bit < circuit.qubits(); ++bit) {
      if (rng.bernoulli(noise.readout)) index ^= std::uint64_t{1} << bit;
    }
    ++counts[index];
  }
  std::vector<Measured> all;
  for (const auto& [index, count] : counts) all.push_back({index, count});
  return all;
}

}  // namespace nas
