#include <doctest/doctest.h>

#include <set>

#include "core/ir/same/digest.h"
#include "searchspaces/python_shuffle.h"
#include "tests/searchspaces/space_testing.h"

namespace nas {
namespace {

using test::make_space;
using test::usage_error;

constexpr std::string_view kIndex0 =
    "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|"
    "skip_connect~2|";

GraphCost cost_of(const SearchSpace& space, std::uint64_t index, const Task& task) {
  const auto& indexed = dynamic_cast<const IndexedSpace&>(space);
  return graph_cost(space.build(indexed.at(index), task));
}

TEST_CASE("python_shuffle: the generator of seed 88 gives Python's first words and list") {
  // The published list of NAS-Bench-201 starts with these numbers.
  CHECK(python_random_words(88, 3) ==
        std::vector<std::uint32_t>{1707201716U, 4182107318U, 813946014U});
  const std::vector<std::uint32_t> order = python_shuffle(88, 15625);
  CHECK(std::vector(order.begin(), order.begin() + 5) ==
        std::vector<std::uint32_t>{13931, 11791, 14874, 13126, 4032});
}

TEST_CASE("python_shuffle: other seeds agree with Python 3") {
  // random.seed(0x123); [random.getrandbits(32) for _ in range(2)]
  CHECK(python_random_words(0x123, 2) == std::vector<std::uint32_t>{2827967569U, 2030268566U});
  // random.seed(12345); x = list(range(10)); random.shuffle(x)
  CHECK(python_shuffle(12345, 10) == std::vector<std::uint32_t>{8, 7, 3, 5, 1, 2, 9, 4, 0, 6});
}

TEST_CASE("nasbench201: known indices are known strings") {
  const auto space = make_space("nasbench201");
  const auto& indexed = dynamic_cast<const IndexedSpace&>(*space);
  CHECK(indexed.size() == 15625);
  CHECK(space->format(indexed.at(0)) == kIndex0);
  CHECK(space->format(indexed.at(9)) ==
        "|avg_pool_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|");
  CHECK(indexed.index_of(
            space->parse("|avg_pool_3x3~0|+|avg_pool_3x3~0|nor_conv_1x1~1|+|none~0|avg_pool_3x3~1|"
                         "nor_conv_3x3~2|")) == 123);
}

TEST_CASE("nasbench201: decisions are the edges in string order") {
  const auto space = make_space("nasbench201");
  std::vector<std::string> names;
  for (const Decision& decision : space->decisions()) names.push_back(decision.name);
  CHECK(names == std::vector<std::string>{"edge_0_1", "edge_0_2", "edge_1_2", "edge_0_3",
                                          "edge_1_3", "edge_2_3"});
  CHECK(space->parse(kIndex0).choices == std::vector<std::uint16_t>{4, 2, 1, 2, 1, 1});
}

TEST_CASE("nasbench201: published sizes of single cells, MACs with the classifier's bias") {
  const auto space = make_space("nasbench201");
  const Task cifar10 = test::task_of({3, 32, 32}, 10);
  const GraphCost first = cost_of(*space, 0, cifar10);
  CHECK(first.params == 129306);
  CHECK(published_macs(space->info(), first) == 15647370);
  CHECK(cost_of(*space, 284, cifar10).params == 101306);
  CHECK(published_macs(space->info(), cost_of(*space, 11, cifar10)) == 113951370);
  const GraphCost imagenet16 = cost_of(*space, 11, test::task_of({3, 16, 16}, 120));
  CHECK(imagenet16.params == 809576);
  CHECK(published_macs(space->info(), imagenet16) == 28495480);
}

TEST_CASE("nasbench201: width and depth scale the network") {
  const auto space = make_space("nasbench201");
  Task task = test::task_of({3, 32, 32}, 10);
  task.width = 16;
  task.depth = 5;
  CHECK(cost_of(*space, 0, task).params == 129306);
  task.depth = 1;
  const std::int64_t one_cell = cost_of(*space, 0, task).params;
  task.depth = 2;
  // A cell with two 1x1 convolutions has 2 (C^2 + 2 C) parameters; C = 16, 32, 64.
  CHECK(cost_of(*space, 0, task).params - one_cell == 2 * (5376 + 2 * 112));
}

TEST_CASE("nasbench201: every edge of a cell is in the graph, dead ones too") {
  const auto space = make_space("nasbench201");
  Task task = test::task_of({3, 8, 8}, 10);
  task.depth = 1;
  const auto build = [&](std::string_view text) { return space->build(space->parse(text), task); };
  const ArchGraph none = build("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|");
  std::size_t zeros = 0;
  for (NodeId id = 0; id < none.size(); ++id) {
    if (none.op(id).name != "zero") continue;
    ++zeros;
    CHECK(none.scope(id).starts_with("stages."));
  }
  CHECK(zeros == 3 * 6);
  // Node 1 is read by nobody, its convolution still counts.
  const ArchGraph dead =
      build("|nor_conv_3x3~0|+|skip_connect~0|none~1|+|skip_connect~0|none~1|none~2|");
  CHECK(graph_cost(dead).params - graph_cost(none).params == 9 * 5376 + 2 * 112);
  bool found = false;
  for (NodeId id = 0; id < dead.size(); ++id) {
    found = found || dead.path(id) == "stages.1/cells.0/edge_0_1/relu_conv_bn/conv2d";
  }
  CHECK(found);
}

TEST_CASE("nasbench201: the published key makes skips transparent and sorts sums") {
  const auto space = make_space("nasbench201");
  const auto& keys = dynamic_cast<const IsomorphismKeys&>(*space);
  const auto key = [&](std::string_view text) { return keys.isomorphism_key(space->parse(text)); };
  CHECK(key("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|") == "#+#+#");
  CHECK(key("|skip_connect~0|+|none~0|skip_connect~1|+|none~0|none~1|nor_conv_3x3~2|") ==
        "#+#+(#+0)@nor_conv_3x3");
  CHECK(key("|skip_connect~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|none~0|none~1|skip_connect~2|") ==
        key("|skip_connect~0|+|avg_pool_3x3~0|nor_conv_3x3~1|+|none~0|none~1|skip_connect~2|"));
}

TEST_CASE("nasbench201: exchanging unconnected nodes 1 and 2 leaves the digest alone") {
  const auto space = make_space("nasbench201");
  Task task = test::task_of({3, 8, 8}, 10);
  task.depth = 1;
  Rng rng({.seed = 3, .study = 0, .trial = 0, .purpose = Purpose::kTest});
  std::set<Digest> digests;
  for (int i = 0; i < 60; ++i) {
    Architecture a = sample(*space, rng);
    a.choices[2] = 0;  // edge 1 -> 2
    Architecture b = a;
    std::swap(b.choices[0], b.choices[1]);  // 0 -> 1, 0 -> 2
    std::swap(b.choices[4], b.choices[5]);  // 1 -> 3, 2 -> 3
    CHECK(digest(space->build(a, task)) == digest(space->build(b, task)));
    digests.insert(digest(space->build(a, task)));
  }
  CHECK(digests.size() > 30);
}

TEST_CASE("nasbench201: bad strings are refused with position and near miss") {
  const auto space = make_space("nasbench201");
  const auto error = [&](std::string_view text) {
    return usage_error([&] { space->parse(text); });
  };
  const std::string near = error("|nor_conv_3x2~0|+|none~0|none~1|+|none~0|none~1|none~2|");
  CHECK(near.find("at character 2 ") != std::string::npos);
  CHECK(near.find("did you mean 'nor_conv_3x3'") != std::string::npos);
  CHECK(error("|none~1|+|none~0|none~1|+|none~0|none~1|none~2|").find("expected '~0', got '~1|") !=
        std::string::npos);
  CHECK(error("|none~0|+|none~0|none~1|+|none~0|none~1|").find("got the end") != std::string::npos);
  CHECK(
      error("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|x").find("expected the end, got 'x'") !=
      std::string::npos);
  CHECK_FALSE(error("421211").empty());
}

}  // namespace
}  // namespace nas
