#include "core/ir/blueprint/blueprint_types.h"

#include <doctest/doctest.h>

#include "tests/searchspaces/space_testing.h"

namespace nas {
namespace {

TEST_CASE("blueprint types: those of every node of every resolved network") {
  int spaces = 0;
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    CAPTURE(plugin->name);
    const auto space = plugin->make({});
    const Task task = space->info().default_task;
    const std::optional<Blueprint> blueprint = space->blueprint(task);
    if (!blueprint) continue;
    ++spaces;
    const std::vector<std::vector<ElasticType>> types = output_types(*blueprint);
    REQUIRE(types.size() == blueprint->nodes.size());
    Rng rng({.seed = 5, .purpose = Purpose::kTest});
    std::size_t wrong = 0;
    for (int i = 0; i < 3; ++i) {
      const Architecture architecture = sample(*space, rng);
      const ArchGraph graph = resolve(*blueprint, architecture.choices);
      NodeId node = 0;
      for (std::size_t b = 0; b < blueprint->nodes.size(); ++b) {
        bool held = blueprint->nodes[b].op != nullptr;
        for (const Guard& guard : blueprint->nodes[b].guards) {
          const ElasticValue& selector = blueprint->selectors[guard.selector];
          held = held && selector.at(architecture.choices).as_int() == guard.alternative;
        }
        if (!held) continue;
        for (std::size_t port = 0; port < graph.output_types(node).size(); ++port) {
          wrong +=
              types[b][port].at(architecture.choices) == graph.output_types(node)[port] ? 0 : 1;
        }
        ++node;
      }
      CHECK(node == graph.size());
    }
    CHECK(wrong == 0);
  }
  CHECK(spaces >= 10);
}

TEST_CASE("blueprint types: a decision without influence on a shape is not part of its type") {
  const auto space = test::make_space("ofa_mobilenetv3");
  const Blueprint blueprint = space->blueprint(space->info().default_task).value();
  const std::vector<std::vector<ElasticType>> types = output_types(blueprint);
  for (const BlueprintRegion& region : blueprint.regions) {
    if (region.op->name != "mbconv") continue;
    CHECK(types[region.output.node][0].decisions().empty());
    const BlueprintNode& first = blueprint.nodes[region.begin];
    CHECK(types[region.begin][0].decisions().size() <= 1);  // the expansion
    CHECK(first.op != nullptr);
  }
}

}  // namespace
}  // namespace nas
