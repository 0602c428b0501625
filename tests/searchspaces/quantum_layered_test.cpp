#include <doctest/doctest.h>

#include <map>
#include <string>

#include "core/api/growable_space.h"
#include "core/api/shared_angles.h"
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

TEST_CASE("quantum_layered: a circuit grows and shrinks by one gate for a pair, and stays valid") {
  for (const char* coupling : {"all", "line"}) {
    const auto space = make_space("quantum_layered",
                                  {{"layers", "4"}, {"gates", "ry+rz"}, {"coupling", coupling}});
    const auto& growable = dynamic_cast<const GrowableSpace&>(*space);
    CHECK(growable.most_parts() == 8);
    Rng rng({.seed = 3});
    Architecture circuit = growable.known_designs().front();
    for (std::size_t pairs = 0; pairs < growable.most_parts(); ++pairs) {
      CHECK(growable.parts(circuit.choices) == pairs);
      const auto next = growable.grown(circuit, rng);
      if (!next) break;  // layers whose last one has gates of its own are full earlier
      circuit = *next;
      REQUIRE_NOTHROW(validate(*space, circuit));
    }
    std::size_t pairs = growable.parts(circuit.choices);
    CHECK(pairs >= 6);
    while (const auto less = growable.shrunk(circuit, rng)) {
      circuit = *less;
      REQUIRE_NOTHROW(validate(*space, circuit));
      CHECK(growable.parts(circuit.choices) == --pairs);
    }
    CHECK(pairs == 0);
  }
}

TEST_CASE("quantum_layered: what shrinks has no two rotations of a kind in a row") {
  const auto space = make_space("quantum_layered", {{"layers", "2"}, {"pairs", "1"}});
  const auto& growable = dynamic_cast<const GrowableSpace&>(*space);
  Rng rng({.seed = 1});
  const auto less = growable.shrunk(space->parse("ry ry ry rz; cx:0>1 | ry ry none ry; none"), rng);
  REQUIRE(less.has_value());
  // Both RY of the wires 0 and 1 are one now, and the layers close up where they find room.
  CHECK(space->format(*less) == "ry ry ry rz; none | none none none ry; none");
}

TEST_CASE("quantum_layered: its designs are hardware-efficient circuits of every depth") {
  const auto designs = [](const OptionMap& options) {
    const auto space = make_space("quantum_layered", options);
    std::vector<std::string> texts;
    for (const Architecture& one : dynamic_cast<const GrowableSpace&>(*space).known_designs()) {
      texts.push_back(space->format(one));
    }
    return texts;
  };
  CHECK(designs({{"layers", "2"}, {"pairs", "3"}, {"gates", "h+ry"}, {"coupling", "line"}}) ==
        std::vector<std::string>{
            "ry ry ry ry; none none none | none none none none; none none none",
            "ry ry ry ry; cx:0>1 cx:1>2 cx:2>3 | ry ry ry ry; none none none",
            "ry ry ry ry; cx:0>1 cx:1>2 cx:2>3 | ry ry ry ry; cx:0>1 cx:1>2 cx:2>3"});
  // In a huge space only some depths, the deepest among them.
  const auto huge = designs({{"layers", "1000"}, {"pairs", "100"}, {"gates", "ry"}});
  CHECK(huge.size() >= 2);
  CHECK(huge.size() < 10);
  CHECK(huge.back().find("none none none none; none") == std::string::npos);
  // In turns where a layer has too few slots.
  CHECK(designs({{"layers", "2"}, {"gates", "ry"}, {"coupling", "line"}}).back() ==
        "ry ry ry ry; cx:0>1 cx:2>3 | ry ry ry ry; cx:1>2 none");
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

TEST_CASE("quantum_layered: the gate of a slot has the same shared angles in every circuit") {
  const auto space =
      make_space("quantum_layered", {{"gates", "ry+u3+h"}, {"pair_gates", "cx+crz"}});
  const auto& sharing = dynamic_cast<const AngleSharing&>(*space);
  // 3 layers of 4 slots with ry or u3, and of 2 slots with crz on 12 pairs of wires.
  CHECK(sharing.shared_angles() == 3 * (4 * (1 + 3) + 2 * 12 * 1));
  std::map<std::size_t, std::string> meanings;
  std::map<std::string, std::size_t> numbers;
  Rng rng({.seed = 1});
  for (int i = 0; i < 2000; ++i) {
    const Architecture drawn = sample(*space, rng);
    // Slot, gate and wires of each angle, in the order of the circuit's nodes.
    std::vector<std::string> expected;
    for (std::size_t d = 0; d < drawn.choices.size(); ++d) {
      const Decision& decision = space->decisions()[d];
      const std::string gate = decision.choices[drawn.choices[d]];
      std::string place = decision.name + " " + gate;
      if (gate == "crz") place += " " + std::to_string(drawn.choices[d + 1]);
      for (int k = 0; k < (gate == "u3" ? 3 : gate == "ry" || gate == "crz" ? 1 : 0); ++k) {
        expected.push_back(place + " " + std::to_string(k));
      }
    }
    const std::vector<std::size_t> own = sharing.angle_numbers(drawn.choices);
    const ArchGraph graph = space->build(drawn, space->info().default_task);
    std::size_t parameters = 0;
    for (NodeId node = 0; node < graph.size(); ++node) {
      parameters += graph.attrs(node).size();
    }
    REQUIRE(own.size() == parameters);
    REQUIRE(own.size() == expected.size());
    for (std::size_t k = 0; k < own.size(); ++k) {
      CHECK(own[k] < sharing.shared_angles());
      CHECK(meanings.emplace(own[k], expected[k]).first->second == expected[k]);
      CHECK(numbers.emplace(expected[k], own[k]).first->second == own[k]);
    }
  }
  CHECK(numbers.size() == sharing.shared_angles());
}

}  // namespace nas
