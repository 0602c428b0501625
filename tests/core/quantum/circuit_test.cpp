#include "core/quantum/circuit.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "core/util/error.h"
#include "tests/core/quantum/random_circuit.h"

using namespace nas;

namespace {

// The product of two full matrices, row-major.
std::vector<Amplitude> times(const std::vector<Amplitude>& a, const std::vector<Amplitude>& b) {
  const auto n = static_cast<std::size_t>(std::lround(std::sqrt(a.size())));
  std::vector<Amplitude> c(a.size());
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n; ++k) {
      for (std::size_t j = 0; j < n; ++j) c[i * n + j] += a[i * n + k] * b[k * n + j];
    }
  }
  return c;
}
double distance(const std::vector<Amplitude>& a, const std::vector<Amplitude>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}
std::vector<Amplitude> matrix(const char* name, std::vector<double> angles = {}) {
  return full_matrix(gate_kind(name), angles);
}

}  // namespace

TEST_CASE("gate kinds: matrices are unitary, inverses undo, zero rotations do nothing") {
  const std::vector<double> angles = {0.3, -1.1, 2.5};
  for (const GateKind& kind : gate_kinds()) {
    CAPTURE(kind.name);
    const std::vector<double> own(angles.begin(), angles.begin() + kind.angles);
    const auto u = full_matrix(kind, own);
    const auto n = std::size_t{1} << kind.qubits();
    std::vector<Amplitude> adjoint(u.size()), one(u.size());
    for (std::size_t i = 0; i < n; ++i) {
      one[i * n + i] = 1;
      for (std::size_t j = 0; j < n; ++j) adjoint[i * n + j] = std::conj(u[j * n + i]);
    }
    CHECK(distance(times(u, adjoint), one) < 1e-15);
    if (!kind.inverse.empty()) {
      CHECK(distance(times(u, full_matrix(gate_kind(kind.inverse), {})), one) < 1e-15);
    }
    if (kind.rotation) {
      CHECK(distance(full_matrix(kind, std::vector<double>{0}), one) == 0);
      const auto half = full_matrix(kind, std::vector<double>{0.15});
      CHECK(distance(times(half, half), u) < 1e-15);
    }
    CHECK(&gate_kind(kind.name) == &kind);
    CHECK(&gate_kind(kind.qasm) == &kind);
    CHECK((kind.angles == 0) == (kind.derivative == nullptr));
  }
}

TEST_CASE("gate kinds: the usual relations") {
  CHECK(distance(times(matrix("S"), matrix("S")), matrix("Z")) < 1e-15);
  CHECK(distance(times(matrix("T"), matrix("T")), matrix("S")) < 1e-15);
  CHECK(distance(times(matrix("SX"), matrix("SX")), matrix("X")) < 1e-15);
  CHECK(distance(matrix("U2", {0.4, 1.3}), matrix("U3", {std::acos(0.0), 0.4, 1.3})) < 1e-15);
  CHECK(distance(times(times(matrix("H"), matrix("RZ", {0.7})), matrix("H")), matrix("RX", {0.7})) <
        1e-15);
  // exp(-i t/2 Z Z) = CNOT (1 x RZ) CNOT, with RZ on the second qubit.
  std::vector<Amplitude> rz(16);
  const auto small = matrix("RZ", {0.9});
  for (std::size_t i = 0; i < 4; ++i) rz[i * 5] = small[(i % 2) * 3];
  CHECK(distance(times(times(matrix("CNOT"), rz), matrix("CNOT")), matrix("RZZ", {0.9})) < 1e-15);
}

TEST_CASE("circuit: text in and out, depth, counts") {
  const std::string text = "RZ:0:5.199587;CNOT:3:0;U3:3:4.5:6:4.6;H:1;SWAP:1:2";
  Circuit circuit = Circuit::parse("RZ:0:5.199587; CNOT:3:0;U3:3:4.5:6:4.6;Hadamard:1;SWAP:1:2", 4);
  CHECK(circuit.to_text() == text);
  CHECK(Circuit::parse(circuit.to_text(), 4) == circuit);
  CHECK(circuit.depth() == 3);
  CHECK(circuit.parameters() == 4);
  CHECK(circuit.two_qubit_gates() == 2);
  CHECK(circuit.count("CNOT") == 1);
  CHECK(circuit.angles() == std::vector<double>{5.199587, 4.5, 6, 4.6});
  circuit.set_angles(std::vector<double>{1, 2, 3, 4});
  CHECK(circuit.to_text() == "RZ:0:1;CNOT:3:0;U3:3:2:3:4;H:1;SWAP:1:2");
  CHECK(Circuit::parse("", 2).gates().empty());
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const Circuit random = test::random_circuit(4, 30, seed);
    CHECK(Circuit::parse(random.to_text(), 4) == random);
  }
}

TEST_CASE("circuit: bad input is named") {
  Circuit circuit(3);
  CHECK_THROWS_WITH_AS(circuit.add("RX", {3}, {0.1}),
                       "gate RX: there is no qubit 3, the circuit has 0 to 2", Error);
  CHECK_THROWS_WITH_AS(circuit.add("CNOT", {1, 1}), "gate CNOT: qubit 1 is named twice", Error);
  CHECK_THROWS_WITH_AS(circuit.add("CNOT", {1}), "gate CNOT: acts on 2 qubits, 1 given", Error);
  CHECK_THROWS_WITH_AS(circuit.add("RX", {1}), "gate RX: has 1 angle, 0 given", Error);
  CHECK_THROWS_WITH_AS(circuit.add("RX", {1}, {std::nan("")}),
                       "gate RX: angle nan is not a finite number", Error);
  CHECK_THROWS_WITH_AS(circuit.add("CNOTT", {0, 1}), doctest::Contains("did you mean 'CNOT'"),
                       Error);
  CHECK_THROWS_AS(Circuit(0), Error);
  CHECK_THROWS_AS(Circuit(1000), Error);
  CHECK_THROWS_WITH_AS(Circuit::parse("H:0;RX:0", 1), doctest::Contains("gate 2 'RX:0'"), Error);
  CHECK_THROWS_WITH_AS(Circuit::parse("RX:9:1", 2), doctest::Contains("no qubit '9'"), Error);
  CHECK_THROWS_WITH_AS(Circuit::parse("RX:0:inf", 2), doctest::Contains("not a finite number"),
                       Error);
  CHECK_THROWS_AS(Circuit::parse("H:0;", 1), Error);
  CHECK(circuit.gates().empty());
}
