#include <doctest/doctest.h>

#include "core/ir/same/digest.h"
#include "tests/searchspaces/space_testing.h"

namespace nas {
namespace {

using test::make_space;
using test::usage_error;

CircuitCost cost_of(const SearchSpace& space, std::string_view text) {
  return circuit_cost(space.build(space.parse(text), space.info().default_task));
}

}  // namespace

TEST_CASE("quantum_layered: a hardware-efficient circuit is in the space, with the counts it has") {
  const auto space =
      make_space("quantum_layered", {{"qubits", "3"}, {"layers", "2"}, {"pairs", "2"}});
  const CircuitCost cost = cost_of(*space, "ry ry ry; cx:0>1 cx:1>2 | ry ry ry; none none");
  CHECK(cost.qubits == 3);
  CHECK(cost.gates == 8);
  CHECK(cost.two_qubit_gates == 2);
  CHECK(cost.rotations == 6);
  CHECK(cost.depth == 4);  // ry, cx, cx, ry on the middle wire
}

TEST_CASE("quantum_layered: the order of gates on different wires changes no digest") {
  const auto space = make_space("quantum_layered", {{"layers", "2"}, {"pairs", "2"}});
  const Task& task = space->info().default_task;
  const auto digest_of = [&](const char* text) {
    return digest(space->build(space->parse(text), task));
  };
  const char* first = "none none none none; cx:0>1 cx:2>3 | ry none none none; none none";
  CHECK(digest_of(first) ==
        digest_of("none none none none; cx:2>3 cx:0>1 | ry none none none; none none"));
  CHECK(digest_of(first) !=
        digest_of("none none none none; cx:1>0 cx:2>3 | ry none none none; none none"));
  CHECK(digest_of(first) !=
        digest_of("none none none none; cx:0>1 cx:2>3 | none ry none none; none none"));
}

TEST_CASE("quantum_layered: a coupling map leaves only its pairs, in both directions") {
  const auto space = make_space("quantum_layered", {{"coupling", "line"}, {"layers", "1"}});
  std::vector<std::string> wires;
  for (const Decision& decision : space->decisions()) {
    if (decision.name == "layer_0/pair_0/wires") wires = decision.choices;
  }
  CHECK(wires == std::vector<std::string>{"0>1", "1>0", "1>2", "2>1", "2>3", "3>2"});
  CHECK(usage_error([&] { space->parse("x x x x; cx:0>2 none"); }).find("0>2") !=
        std::string::npos);
}

TEST_CASE("quantum_layered: what cannot be is refused with the reason") {
  const auto refusal = [](const OptionMap& options) {
    return usage_error([&] { make_space("quantum_layered", options); });
  };
  CHECK(refusal({{"qubits", "40"}}).find("16384 GiB") != std::string::npos);
  CHECK(refusal({{"coupling", "0-1+2-3"}}).find("cuts the circuit") != std::string::npos);
  CHECK(refusal({{"coupling", "0-1+1-9"}}).find("there is no qubit 9") != std::string::npos);
  CHECK(refusal({{"coupling", "t5"}}).find("the map has 5 qubits") != std::string::npos);
  CHECK(refusal({{"gates", "rx+ryy"}}).find("did you mean") != std::string::npos);
  const auto space = make_space("quantum_layered");
  CHECK(usage_error([&] { space->settle(circuit_task(8)); }).find("qubits=8") != std::string::npos);
  CHECK(usage_error([&] { space->settle(Task{}); }).find("ground_state") != std::string::npos);
}

}  // namespace nas
