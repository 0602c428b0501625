#include <doctest/doctest.h>

#include <map>

#include "core/api/notation.h"
#include "tests/searchspaces/space_testing.h"

namespace nas {

using test::make_space;
using test::usage_error;

TEST_CASE("quantum_random: a published circuit is read, and CNOTs stay on the ring") {
  const auto space = make_space("quantum_random", {{"gates", "4"}});
  const Architecture circuit = space->parse("RX:0;CNOT:3:0;SWAP:2:0;U3:1");
  const CircuitCost cost = circuit_cost(space->build(circuit, space->info().default_task));
  CHECK(cost.gates == 4);
  CHECK(cost.two_qubit_gates == 2);
  CHECK(cost.depth == 3);
  CHECK(graph_cost(space->build(circuit, space->info().default_task)).params == 4);
  CHECK(usage_error([&] { space->parse("RX:0;CNOT:0:2;SWAP:2:0;U3:1"); }).find("ring") !=
        std::string::npos);
  CHECK(usage_error([&] { space->parse("RX:0;CZ:0:0;SWAP:2:0;U3:1"); }).find("different") !=
        std::string::npos);
}

TEST_CASE("quantum_random: gates are read under the names of OpenQASM and of frameworks") {
  const auto space = make_space("quantum_random", {{"gates", "5"}});
  const auto own = space->parse("RY:2;H:3;X:0;CNOT:1:2;RX:1");
  for (const char* text : {"ry:2;h:3;x:0;cx:1:2;rx:1", "RY:2;Hadamard:3;PauliX:0;CNOT:1:2;RX:1",
                           "ry:2:0.5;h:3;x:0;cx:1:2;rx:1:1.25"}) {
    CAPTURE(text);
    CHECK(read_architecture(*space, text).architecture == own);
  }
}

TEST_CASE("quantum_random: samples keep the limit of depth and use all gates alike") {
  const auto space = make_space("quantum_random");
  Rng rng({.seed = 4});
  std::map<std::uint16_t, int> kinds;
  for (int i = 0; i < 300; ++i) {
    const Architecture circuit = sample(*space, rng);
    CHECK(circuit_cost(space->build(circuit, space->info().default_task)).depth <= 5);
    for (std::size_t gate = 0; gate < 10; ++gate) ++kinds[circuit.choices[3 * gate]];
  }
  // Shallow circuits have fewer gates on two wires than the draw, 3 of 11.
  CHECK(kinds.size() == 11);
  CHECK(kinds[0] > 200);
  CHECK(kinds[10] > 100);
}

TEST_CASE("quantum_random: with a coupling map gates stand on its pairs only") {
  const auto space = make_space("quantum_random", {{"coupling", "line"}, {"gates", "3"}});
  CHECK_NOTHROW(space->parse("CNOT:0:1;CZ:2:1;X:3"));
  CHECK(usage_error([&] { space->parse("CNOT:0:3;CZ:2:1;X:3"); }).find("coupling map") !=
        std::string::npos);
}

}  // namespace nas
