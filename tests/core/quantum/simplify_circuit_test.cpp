#include "core/quantum/simplify_circuit.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "core/quantum/simulator.h"
#include "tests/core/quantum/random_circuit.h"

using namespace nas;

namespace {

// |trace(A^+ B)| / size: 1 exactly when the unitaries are equal but for a global phase.
double overlap(const Circuit& a, const Circuit& b) {
  const auto u = unitary(a), v = unitary(b);
  Amplitude trace = 0;
  for (std::size_t i = 0; i < u.size(); ++i) trace += std::conj(u[i]) * v[i];
  return std::abs(trace) / std::sqrt(static_cast<double>(u.size()));
}
std::string simple(const std::string& text, int qubits) {
  return simplified(Circuit::parse(text, qubits)).to_text();
}

}  // namespace

TEST_CASE("simplified: inverse pairs cancel, rotations merge, zeros fall away") {
  CHECK(simple("H:0;H:0", 1) == "");
  CHECK(simple("S:0;SDG:0;T:0", 1) == "T:0");
  CHECK(simple("RX:0:0.25;RX:0:0.5", 1) == "RX:0:0.75");
  CHECK(simple("RX:0:0;I:0;RZ:0:" + std::to_string(2 * std::numbers::pi), 1) ==
        simple("RZ:0:" + std::to_string(2 * std::numbers::pi), 1));
  CHECK(simple("CNOT:0:1;CNOT:0:1", 2) == "");
  CHECK(simple("CNOT:0:1;CNOT:1:0", 2) == "CNOT:0:1;CNOT:1:0");
  CHECK(simple("CZ:0:1;CZ:1:0", 2) == "");
  CHECK(simple("SWAP:0:1;SWAP:1:0", 2) == "");
  CHECK(simple("X:0;CNOT:0:1;CNOT:0:1;X:0", 2) == "");
}

TEST_CASE("simplified: across other wires and what commutes") {
  CHECK(simple("H:0;RX:1:0.5;CNOT:1:2;H:0", 3) == "RX:1:0.5;CNOT:1:2");
  CHECK(simple("RZ:0:0.25;CNOT:0:1;RZ:0:0.25", 2) == "RZ:0:0.5;CNOT:0:1");
  CHECK(simple("RX:1:0.25;CNOT:0:1;RX:1:-0.25", 2) == "CNOT:0:1");
  CHECK(simple("RX:0:0.25;CNOT:0:1;RX:0:0.25", 2) == "RX:0:0.25;CNOT:0:1;RX:0:0.25");
  CHECK(simple("CNOT:0:1;CNOT:0:2;CNOT:0:1", 3) == "CNOT:0:2");
}

TEST_CASE("simplified: a controlled rotation repeats after 4 pi, not after 2 pi") {
  Circuit circuit(2);
  circuit.add("CRZ", {0, 1}, {std::numbers::pi});
  circuit.add("CRZ", {0, 1}, {std::numbers::pi});
  CHECK(simplified(circuit).gates().size() == 1);
  CHECK(overlap(circuit, simplified(circuit)) == doctest::Approx(1).epsilon(1e-12));
  circuit.add("CRZ", {0, 1}, {2 * std::numbers::pi});
  CHECK(simplified(circuit).gates().empty());
}

TEST_CASE("simplified: 600 random circuits keep their unitary and never grow") {
  int removed = 0;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    // Few qubits and angles from a small set, so that gates meet.
    Circuit circuit = test::random_circuit(2 + static_cast<int>(seed % 3), 40, seed);
    std::vector<double> angles = circuit.angles();
    for (double& angle : angles) angle = std::round(angle) * std::numbers::pi / 2;
    circuit.set_angles(angles);
    const Circuit simple_circuit = simplified(circuit);
    removed += static_cast<int>(circuit.gates().size() - simple_circuit.gates().size());
    CAPTURE(circuit.to_text());
    CAPTURE(simple_circuit.to_text());
    CHECK(overlap(circuit, simple_circuit) == doctest::Approx(1).epsilon(1e-10));
    CHECK(simplified(simple_circuit) == simple_circuit);
  }
  CHECK(removed > 600);
}

TEST_CASE("simplified structure: open rotations stay, and what is one whatever they are merges") {
  const auto structure = [](const std::string& text, int qubits) {
    return simplified_structure(Circuit::parse(text, qubits)).to_text();
  };
  CHECK(structure("RX:0:0;H:0;H:0", 1) == "RX:0:0");
  CHECK(structure("RZ:0:0;CNOT:0:1;RZ:0:0;RY:1:0", 2) == "RZ:0:0;CNOT:0:1;RY:1:0");
  CHECK(structure("RX:0:0.25;RX:0:-0.25", 1) == "RX:0:0");  // what the angles are says nothing
  CHECK(structure("CNOT:0:1;RZ:0:0;CNOT:0:1", 2) == "RZ:0:0");
}

TEST_CASE("simplified structure: 300 random circuits are in the family that is left of them") {
  int removed = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Circuit circuit = test::random_circuit(2 + static_cast<int>(seed % 3), 40, seed);
    const Circuit structure = simplified_structure(circuit), fitting = simplified(circuit);
    CAPTURE(circuit.to_text());
    Circuit open = fitting;
    open.set_angles(std::vector<double>(open.parameters(), 0));
    REQUIRE(open == structure);
    CHECK(overlap(circuit, fitting) == doctest::Approx(1).epsilon(1e-10));
    removed += static_cast<int>(circuit.gates().size() - structure.gates().size());
  }
  CHECK(removed > 300);
}
