#include "predictors/encoding.h"

#include <doctest/doctest.h>

#include <numeric>
#include <set>

#include "searchspaces/registry.h"
#include "tests/searchers/toy_study.h"

using namespace nas;
using namespace nas::test;

namespace {

std::unique_ptr<SearchSpace> space_named(std::string_view name) {
  return find_plugin(space_plugins(), "space", name).make({});
}

double ones(const std::vector<double>& code) {
  return std::accumulate(code.begin(), code.end(), 0.0);
}

}  // namespace

TEST_CASE("encoding: one-hot has one 1 for each decision") {
  const auto space = space_named("nasbench101");
  CHECK(one_hot_width(*space) == 21 * 2 + 5 * 3);
  Rng rng({});
  CHECK(ones(one_hot(*space, sample(*space, rng))) == 26);
}

TEST_CASE("encoding: one-hot is zero where a decision has no effect") {
  const auto space = space_named("efficient_tdnn");
  CHECK(one_hot_width(*space) == 48);
  const std::vector<double> code = one_hot(*space, space->parse("2.128.176.256.1.3.5.1536"));
  // Depth, channels of five layers, their kernels, channels of the aggregation.
  std::vector<double> expected(48, 0.0);
  for (const std::size_t one : {0U, 3U, 9U, 15U, 28U, 32U, 36U, 47U}) expected[one] = 1;
  CHECK(code == expected);
}

TEST_CASE("encoding: paths of NAS-Bench-201 are 155 bits, 30 without the longest") {
  const auto space = space_named("nasbench201");
  CHECK(PathEncoder(*space, 3).width() == 155);
  CHECK(PathEncoder(*space).width() == 30);
  // Operations by number: none 0, skip 1, 1x1 2, 3x3 3, pool 4. Paths: edge 0->3; 0->1->3; 0->2->3;
  // 0->1->2->3.
  const Architecture architecture = space->parse(
      "|nor_conv_1x1~0|+|avg_pool_3x3~0|skip_connect~1|+|none~0|nor_conv_3x3~1|nor_conv_3x3~2|");
  std::set<std::size_t> set;
  const std::vector<double> code = PathEncoder(*space, 3).encode(architecture);
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i] == 1) set.insert(i);
  }
  // none; (1x1, 3x3); (pool, 3x3); (1x1, skip, 3x3)
  CHECK(set == std::set<std::size_t>{0, 5 + 2 * 5 + 3, 5 + 4 * 5 + 3, 30 + 2 * 25 + 1 * 5 + 3});
}

TEST_CASE("encoding: paths of NAS-Bench-101 are 364 bits, 40 of up to three operations") {
  const auto space = space_named("nasbench101");
  CHECK(PathEncoder(*space, 5).width() == 364);
  CHECK(PathEncoder(*space).width() == 40);
  // A chain input -> 3x3 -> pool -> output with input -> output: the empty path and (0, 2).
  const Architecture architecture =
      space->parse("0101001000010000:input,conv3x3-bn-relu,maxpool3x3,output");
  const std::vector<double> code = PathEncoder(*space, 5).encode(architecture);
  CHECK(ones(code) == 2);
  CHECK(code[0] == 1);
  CHECK(code[1 + 3 + 0 * 3 + 2] == 1);
}

TEST_CASE("encoding: cells are topological with input and output at the ends") {
  for (const std::string_view name : {"nasbench201", "nasbench101", "darts"}) {
    CAPTURE(name);
    const auto space = space_named(name);
    const auto* cells = dynamic_cast<const CellGraphs*>(space.get());
    REQUIRE(cells != nullptr);
    const std::size_t vocabulary = cell_vocabulary(*space);
    CHECK(vocabulary == cells->cell_operations().size());
    Rng rng({.seed = 3});
    for (int i = 0; i < 50; ++i) {
      const CellGraph graph = cells->cell_graph(sample(*space, rng));
      const std::size_t last = graph.operations.size() - 1;
      REQUIRE(graph.operations[0] == 0);
      REQUIRE(graph.operations[last] == 1);
      std::set<std::size_t> sources, targets;
      for (const auto& [from, to] : graph.edges) {
        REQUIRE(from < to);
        REQUIRE(to <= last);
        sources.insert(from);
        targets.insert(to);
      }
      CHECK(targets.contains(last));
      CHECK(sources.contains(0));
      for (std::size_t v = 1; v < last; ++v) {
        REQUIRE(graph.operations[v] >= 2);
        REQUIRE(graph.operations[v] < vocabulary);
        CHECK(targets.contains(v));
        CHECK(sources.contains(v));
      }
    }
  }
  const ToySpace toy({2, 2});
  CHECK_THROWS_WITH_AS(PathEncoder{toy}, doctest::Contains("has no cells"), Error);
}

TEST_CASE("encoding: DARTS has two cells of two inputs and eight operations") {
  const auto space = space_named("darts");
  Rng rng({});
  const CellGraph graph = cell_graph_of(*space, sample(*space, rng));
  CHECK(graph.operations.size() == 2 + 2 * (2 + 8));
}
