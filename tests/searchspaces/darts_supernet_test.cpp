// The supernet of DARTS and PC-DARTS, made of the unchanged blueprint, and what is derived from it.

#include <doctest/doctest.h>

#include <algorithm>

#include "core/api/derivation.h"
#include "core/ir/blueprint/choice_groups.h"
#include "core/ir/blueprint/rewrite.h"
#include "core/ir/blueprint/shared_tensors.h"
#include "searchspaces/darts_derivation.h"
#include "tests/searchspaces/space_testing.h"

namespace nas {
namespace {

using test::make_space;

Blueprint supernet(const SearchSpace& space, Task task, std::int64_t share) {
  const Blueprint blueprint =
      edge_normalised(normalised_pools(without_affine(*space.blueprint(task))));
  return partial_channels(blueprint, share);
}

Task search_task(std::string_view skeleton) {
  const bool imagenet = skeleton == "imagenet";
  Task task = imagenet ? test::task_of({3, 224, 224}, 1000) : test::task_of({3, 32, 32}, 10);
  task.skeleton = skeleton;
  task.width = 16;
  task.depth = 8;
  return task;
}

std::int64_t parameters(const Blueprint& blueprint) {
  std::int64_t count = 0;
  for (const SharedTensor& tensor : shared_tensors(blueprint).list) {
    if (tensor.spec.trainable) count += tensor.spec.shape.elements();
  }
  return count;
}

std::size_t uses(const ArchGraph& graph, std::string_view op) {
  std::size_t count = 0;
  for (NodeId node = 0; node < graph.size(); ++node) count += graph.op(node).name == op ? 1 : 0;
  return count;
}

/// All edges alike, but for one operation of some.
std::array<DartsEdgeWeights, kDartsEdges> flat_edges() {
  std::array<DartsEdgeWeights, kDartsEdges> edges{};
  for (DartsEdgeWeights& edge : edges) edge.fill(0.125);
  return edges;
}

// Liu et al. and Xu et al., released code: parameters of the supernets without alphas and betas.
TEST_CASE("darts: the supernets have the published numbers of parameters") {
  const auto space = make_space("darts");
  CHECK(parameters(supernet(*space, search_task("cifar"), 1)) == 1'930'618);
  CHECK(parameters(supernet(*space, search_task("cifar"), 4)) == 299'578);
  // The published search on ImageNet keeps the stem of 48 channels in front of cells of 16; the
  // skeleton here scales it. Stem, then what two preprocessings of cell 0 and one of cell 1 read.
  const std::int64_t stem_48 = 3 * 24 * 9 + 2 * 24 + 24 * 48 * 9 + 2 * 48 + 48 * 48 * 9 + 2 * 48;
  const std::int64_t stem_16 = 3 * 8 * 9 + 2 * 8 + 8 * 16 * 9 + 2 * 16 + 16 * 16 * 9 + 2 * 16;
  const std::int64_t read_more = 3 * (48 - 16) * 16;
  CHECK(parameters(supernet(*space, search_task("imagenet"), 2)) + stem_48 - stem_16 + read_more ==
        956'512);
}

TEST_CASE("darts: a supernet of partial channels resolves and mixes like any blueprint") {
  const auto space = make_space("darts");
  const Blueprint blueprint = supernet(*space, search_task("cifar"), 4);
  const TracedGraph mixed = mixture(blueprint, all_alternatives(blueprint));
  CHECK(uses(mixed.graph, "mix") == 8 * (14 + 4));
  CHECK(uses(mixed.graph, "channel_shuffle") == 8 * 14);
  // Two reductions, each with the 2x2 pooling on eight of its edges.
  std::size_t bypasses = 0;
  for (NodeId node = 0; node < mixed.graph.size(); ++node) {
    const bool pool = mixed.graph.op(node).name == "max_pool";
    bypasses += pool && mixed.graph.get_int(node, "kernel") == 2 ? 1 : 0;
  }
  CHECK(bypasses == 16);
  const Architecture v2 = space->parse("DARTS_V2");
  const ArchGraph graph = resolve(blueprint, v2.choices);
  CHECK(uses(graph, "mix") == 8 * 4);  // the sums, with ones as weights
  CHECK(uses(graph, "channel_shuffle") == 8 * 14);
}

TEST_CASE("darts: a share that does not divide the channels is refused with its place") {
  const auto space = make_space("darts");
  CHECK_THROWS_WITH_AS(
      supernet(*space, search_task("cifar"), 3),
      "partial channels: 1/3 of 16 channels in 'cells.0/edge_0_2' is no whole number", Error);
  CHECK_THROWS_AS(partial_channels(*space->blueprint(search_task("cifar")), 0), Error);
}

TEST_CASE("darts: cells of a type share their choices and sums") {
  const auto space = make_space("darts");
  const ChoiceGroups groups = choice_groups(supernet(*space, search_task("cifar"), 4));
  REQUIRE(groups.choices.size() == 28);
  REQUIRE(groups.sums.size() == 8);
  CHECK(groups.choices[0].name == "cells.0/edge_0_2");
  CHECK(groups.choices[0].part == "cells.0");
  CHECK(groups.choices[14].name == "cells.2/edge_0_2");
  for (std::size_t i = 0; i < groups.sums.size(); ++i) {
    CHECK(groups.sums[i].terms.size() == 2 + i % 4);
  }
  using enum AlternativeKind;
  // 14 x 8 alphas for each type of cell, as published; node 2 has `none` too, in the mixtures
  // alone.
  const std::vector normal{kNone,    kParameterFree, kParameterFree, kSkip,
                           kWeights, kWeights,       kWeights,       kWeights};
  for (std::size_t i = 0; i < 14; ++i) CHECK(groups.choices[i].alternatives == normal);
  // A skip connection of a reduction has weights.
  CHECK(groups.choices[16].alternatives[3] == kWeights);
  for (std::size_t i = 14; i < 28; ++i) CHECK(groups.choices[i].alternatives.size() == 8);
  const Blueprint blueprint = *space->blueprint(search_task("cifar"));
  for (std::size_t i = 0; i < 14; ++i) {
    CHECK(alternative_names(*space, groups.choices[i].selector).front() == "none");
  }
  // No architecture takes it.
  const Architecture first{"darts", std::vector<std::uint16_t>(space->decisions().size(), 0)};
  CHECK(groups.choices[0].selector.at(first.choices).as_int() == 1);
  CHECK(uses(mixture(blueprint, all_alternatives(blueprint)).graph, "zero") == 8 * 14);
}

TEST_CASE("darts: the two strongest edges stay, by strength, and none is never chosen") {
  auto edges = flat_edges();
  edges[1][4] = 0.5;                     // node 2, input 1: skip_connect
  edges[0][0] = 0.9;                     // none does not make an edge strong
  edges[4][5] = 0.3, edges[2][1] = 0.4;  // node 3: inputs 2 and 0
  edges[3][0] = 0.95;
  const auto kept = strongest_edges(edges);
  CHECK(kept[0] == std::array{DartsEdge{3, 1}, DartsEdge{0, 0}});
  CHECK(kept[1] == std::array{DartsEdge{0, 0}, DartsEdge{4, 2}});
  // Ties: the lower input and the first operation.
  CHECK(kept[2] == std::array{DartsEdge{0, 0}, DartsEdge{0, 1}});
  CHECK(kept[3] == std::array{DartsEdge{0, 0}, DartsEdge{0, 1}});
}

TEST_CASE("darts: weights of the blueprint's choices make the genotype that they stand for") {
  const auto space = make_space("darts");
  const ChoiceGroups groups = choice_groups(*space->blueprint(search_task("cifar")));
  const Architecture wanted = space->parse("PC_DARTS_cifar");
  std::vector<ChoiceWeights> weights;
  for (const ChoiceGroup& group : groups.choices) {
    std::vector<double> flat(group.alternatives.size(), 0.1);
    flat[static_cast<std::size_t>(group.selector.at(wanted.choices).as_int())] = 0.7;
    weights.push_back({group.selector, std::move(flat)});
  }
  CHECK(derive(*space, weights) == wanted);
}

TEST_CASE("nasbench201: every edge takes its largest weight, none as well") {
  const auto space = make_space("nasbench201");
  const ChoiceGroups groups = choice_groups(*space->blueprint(test::task_of({3, 32, 32}, 10)));
  REQUIRE(groups.choices.size() == 6);
  std::vector<ChoiceWeights> weights;
  for (const ChoiceGroup& group : groups.choices) {
    weights.push_back({group.selector, {0.2, 0.2, 0.2, 0.2, 0.2}});
  }
  weights[1].weights = {0.1, 0.1, 0.1, 0.6, 0.1};
  weights[5].weights = {0.1, 0.2, 0.3, 0.2, 0.2};
  CHECK(space->format(derive(*space, weights)) ==
        "|none~0|+|nor_conv_3x3~0|none~1|+|none~0|none~1|nor_conv_1x1~2|");
}

TEST_CASE("a skip leaves a residual block out where the other operations have a shortcut") {
  const auto groups_of = [](std::string_view name) {
    const auto space = make_space(name);
    return choice_groups(*space->blueprint(space->info().default_task));
  };
  for (const char* name : {"proxylessnas", "nasbench_macro"}) {
    CAPTURE(name);
    for (const ChoiceGroup& group : groups_of(name).choices) {
      const bool skips = std::ranges::count(group.alternatives, AlternativeKind::kSkip) == 1;
      CHECK(group.is_residual == skips);
    }
  }
  for (const char* name : {"nasbench201", "darts", "transnas_micro"}) {
    CAPTURE(name);
    for (const ChoiceGroup& group : groups_of(name).choices) CHECK_FALSE(group.is_residual);
  }
}

TEST_CASE("spaces without open choices have no derivation") {
  const auto space = make_space("nats_size");
  CHECK_THROWS_WITH_AS(derive(*space, {}), doctest::Contains("is no choice among operations"),
                       Error);
}

}  // namespace
}  // namespace nas
