#include "core/quantum/noise.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/quantum/hamiltonians.h"
#include "core/quantum/simulator.h"
#include "core/util/error.h"

using namespace nas;

namespace {

Observable z_of(int qubits) {
  PauliSum sum(qubits);
  sum.add_sparse(1, "Z0");
  return Observable(sum);
}

}  // namespace

TEST_CASE("noise: depolarising shrinks <Z> by 1 - 4p/3 after each gate") {
  Circuit circuit(1);
  for (int i = 0; i < 3; ++i) circuit.add("X", {0});
  Rng rng({.seed = 5});
  const double p = 0.1;
  const NoisyEstimate z = noisy_expectation(circuit, z_of(1), {.one_qubit = p}, 20000, rng);
  const double exact = -std::pow(1 - 4 * p / 3, 3);
  CHECK(std::abs(z.mean - exact) < 4 * z.standard_error);
  CHECK(z.standard_error == doctest::Approx(std::sqrt((1 - exact * exact) / 20000)).epsilon(0.03));
}

TEST_CASE("noise: two-qubit gates have an error rate of their own, none changes nothing") {
  Circuit circuit(2);
  circuit.add("H", {0});
  circuit.add("CNOT", {0, 1});
  PauliSum zz(2);
  zz.add(1, "ZZ");
  Rng rng({.seed = 6});
  const Observable parity(zz);
  CHECK(noisy_expectation(circuit, parity, {}, 10, rng).mean == doctest::Approx(1));
  const NoisyEstimate noisy = noisy_expectation(circuit, parity, {.two_qubit = 0.15}, 20000, rng);
  const double kept = 1 - 4 * 0.15 / 3;
  CHECK(std::abs(noisy.mean - kept * kept) < 4 * noisy.standard_error);
}

TEST_CASE("noise: readout flips bits that are read") {
  Rng rng({.seed = 7});
  const auto counts = noisy_sample(Circuit(2), {.readout = 0.25}, 20000, rng);
  REQUIRE(counts.size() == 4);
  CHECK(static_cast<double>(counts[0].count) / 20000 == doctest::Approx(0.5625).epsilon(0.03));
  CHECK(static_cast<double>(counts[3].count) / 20000 == doctest::Approx(0.0625).epsilon(0.1));
}

TEST_CASE("noise: bad numbers are refused") {
  Rng rng({.seed = 8});
  CHECK_THROWS_WITH_AS(noisy_sample(Circuit(1), {.readout = 1.5}, 1, rng),
                       "an error's probability is from 0 to 1, not 1.5", Error);
  CHECK_THROWS_AS(noisy_sample(Circuit(1), {.one_qubit = std::nan("")}, 1, rng), Error);
  CHECK_THROWS_WITH_AS(noisy_expectation(Circuit(1), z_of(1), {}, 1, rng),
                       doctest::Contains("at least 2 trajectories"), Error);
}
