#include "core/quantum/observable.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "core/quantum/hamiltonians.h"
#include "core/quantum/simulator.h"
#include "core/util/error.h"
#include "tests/core/quantum/random_circuit.h"

using namespace nas;

namespace {

// P |state> letter by letter, from the definitions of X, Y and Z.
std::vector<Amplitude> apply_string(const std::string& pauli, std::vector<Amplitude> state) {
  const std::size_t n = pauli.size();
  for (std::size_t q = 0; q < n; ++q) {
    const std::size_t bit = std::size_t{1} << (n - 1 - q);
    std::vector<Amplitude> next(state.size());
    for (std::size_t i = 0; i < state.size(); ++i) {
      const bool one = (i & bit) != 0;
      if (pauli[q] == 'I') next[i] += state[i];
      if (pauli[q] == 'X') next[i ^ bit] += state[i];
      if (pauli[q] == 'Y') next[i ^ bit] += Amplitude(0, one ? -1 : 1) * state[i];
      if (pauli[q] == 'Z') next[i] += one ? -state[i] : state[i];
    }
    state = next;
  }
  return state;
}

PauliSum random_sum(int qubits, int terms, std::uint64_t seed) {
  Rng rng({.seed = seed});
  PauliSum sum(qubits);
  for (int i = 0; i < terms; ++i) {
    std::string text;
    for (int q = 0; q < qubits; ++q) text += "IXYZ"[rng.below(4)];
    sum.add(rng.normal(), text);
  }
  return sum;
}

}  // namespace

TEST_CASE("observable: random Pauli sums on random states, against single letters") {
  for (int qubits = 1; qubits <= 7; ++qubits) {
    const State state = simulate(test::random_circuit(qubits, 30, 4));
    const std::vector<Amplitude> in = state.amplitudes();
    const PauliSum sum = random_sum(qubits, 25, static_cast<std::uint64_t>(qubits));
    std::vector<Amplitude> expected(in.size());
    for (const PauliTerm& term : sum.terms()) {
      const auto moved = apply_string(sum.string_of(term), in);
      for (std::size_t i = 0; i < in.size(); ++i) expected[i] += term.weight * moved[i];
    }
    State out(qubits);
    const Observable observable(sum);
    const double energy = observable.apply(state, out);
    Amplitude product = 0;
    double largest = 0;
    for (std::size_t i = 0; i < in.size(); ++i) {
      product += std::conj(in[i]) * expected[i];
      largest = std::max(largest, std::abs(out.at(i) - expected[i]));
    }
    CAPTURE(qubits);
    CHECK(largest < 1e-13);
    CHECK(energy == doctest::Approx(product.real()).epsilon(1e-12));
    CHECK(expectation(state, sum) == doctest::Approx(energy).epsilon(1e-12));
  }
}

TEST_CASE("observable: terms with equal flips are one pass") {
  CHECK(Observable(hydrogen_molecule()).passes() == 2);
  CHECK(Observable(transverse_ising(8, 1, 1)).passes() == 9);
  CHECK(Observable(cut_hamiltonian(8, published_graph(8))).passes() == 1);
}

TEST_CASE("observable: factors that are computed as needed equal tables") {
  // 20 flip masks of 2^19 factors are more than the tables may have.
  const PauliSum sum = random_sum(19, 20, 7);
  const State state = simulate(test::random_circuit(19, 60, 1));
  State out(19);
  const double energy = Observable(sum).apply(state, out);
  double apart = 0;
  for (const PauliTerm& term : sum.terms()) {
    PauliSum one(19);
    one.add(term);
    apart += Observable(one).expectation(state);
  }
  CHECK(energy == doctest::Approx(apart).epsilon(1e-10));
}

TEST_CASE("observable: projectors and diagonals") {
  const State a = simulate(test::random_circuit(3, 20, 1)),
              b = simulate(test::random_circuit(3, 20, 2));
  State out(3);
  CHECK(Observable::projector(a, -1).apply(b, out) == doctest::Approx(-fidelity(a, b)));
  CHECK(std::abs(out.at(2) + inner_product(a, b) * a.at(2)) < 1e-15);
  std::vector<double> values(8);
  double expected = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    values[i] = static_cast<double>(i);
    expected += values[i] * std::norm(b.at(i));
  }
  CHECK(Observable::diagonal(values).expectation(b) == doctest::Approx(expected));
  CHECK_THROWS_AS(Observable::diagonal({1, 2, 3}), Error);
  CHECK_THROWS_WITH_AS(Observable(PauliSum(2)).expectation(b),
                       doctest::Contains("has 2 qubits, the state 3"), Error);
  CHECK(Observable(PauliSum(3)).expectation(b) == 0);
}

TEST_CASE("cuts: every basis state's energy is minus the edges it cuts, at most 4 and 12") {
  for (const int qubits : {4, 8}) {
    const auto edges = published_graph(qubits);
    const Observable cut(cut_hamiltonian(qubits, edges)), paper(cut_objective(qubits, edges));
    double most = 0, lowest = 0;
    State state(qubits);
    for (std::size_t i = 0; i < state.size(); ++i) {
      state.set_basis(i);
      double cuts = 0;
      for (const QubitEdge& e : edges) {
        cuts += ((i >> (qubits - 1 - e.a) ^ i >> (qubits - 1 - e.b)) & 1) != 0 ? 1 : 0;
      }
      CHECK(cut.expectation(state) == -cuts);
      CHECK(paper.expectation(state) == -qubits / 2.0 * (1 + cuts));
      most = std::max(most, cuts);
      lowest = std::min(lowest, paper.expectation(state));
    }
    CHECK(most == (qubits == 4 ? 4 : 12));
    CHECK(lowest == (qubits == 4 ? -10 : -52));
  }
}
