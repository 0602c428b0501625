#include "app/predictors/network_refine.h"

#include <doctest/doctest.h>

#include <cmath>

#include "app/predictors/across_fit.h"
#include "app/predictors/predictors.h"
#include "core/ir/cost.h"
#include "core/util/error.h"
#include "core/util/file.h"

using namespace nas;

namespace {

/// Networks whose accuracy falls with their MACs: what is smaller is better.
void put_table(Session& session, const std::string& name, const std::string& space_name) {
  const SearchSpace& space = session.space({space_name, {}});
  Benchmark benchmark(
      BenchmarkInfo{.name = name, .space = space_name, .space_version = space.info().version});
  std::vector<std::string> texts;
  std::vector<double> accuracy;
  Rng rng({.seed = 4});
  while (texts.size() < 60) {
    const Architecture network = sample(space, rng);
    const std::string text = space.format(network);
    if (std::find(texts.begin(), texts.end(), text) != texts.end()) continue;
    texts.push_back(text);
    const GraphCost cost = graph_cost(space.build(network, space.info().default_task));
    accuracy.push_back(120 - 2 * std::log(static_cast<double>(cost.macs)));
  }
  benchmark.set_rows(texts);
  benchmark.add_column({.metric = "accuracy", .dataset = "cifar10", .unit = "%"}, accuracy);
  session.writer().put_benchmark(benchmark);
}

struct Fixture {
  TemporaryDirectory directory;
  Session session{{.store = directory.path() / "store.db", .progress = &no_progress(), .stop = {}}};
  ArchGraph graph;
  Fixture() {
    put_table(session, "known", "nats_size");
    const SearchSpace& space = session.space({"nasbench201", {}});
    Task task = space.info().default_task;
    task.depth = 1;
    Rng rng({.seed = 5});
    graph = space.build(sample(space, rng), task);
  }
};

}  // namespace

TEST_CASE("refined networks are as good with as many MACs at most, and none beats another") {
  Fixture fixture;
  fit_across(fixture.session,
             {.name = "any",
              .plugin = {"gennape",
                         {{"members", "cl_t"}, {"encoder_epochs", "1"}, {"encoder_graphs", "30"}}},
              .space = "nasbench201",
              .target = "accuracy"});
  const RefineRequest request{.predictor = "any", .tries = 400, .seed = 1};
  const RefineReport report = refine_network(fixture.session, fixture.graph, request);
  REQUIRE_FALSE(report.front.empty());
  CHECK(report.impossible > 0);
  for (const RefinedNetwork& network : report.front) {
    network.graph.check();
    CHECK(network.macs == graph_cost(network.graph).macs);
    CHECK(network.macs <= report.start.macs);
    CHECK(network.prediction >= report.start.prediction);
    CHECK_FALSE(network.changes.empty());
  }
  for (std::size_t i = 1; i < report.front.size(); ++i) {
    CHECK(report.front[i].prediction < report.front[i - 1].prediction);
    CHECK(report.front[i].macs < report.front[i - 1].macs);
  }
  const RefineReport again = refine_network(fixture.session, fixture.graph, request);
  REQUIRE(again.front.size() == report.front.size());
  CHECK(again.front.front().graph == report.front.front().graph);
}

TEST_CASE("a predictor that knows architectures of one space alone cannot refine") {
  Fixture fixture;
  fit_predictor(fixture.session, {.name = "sum",
                                  .plugin = {"ridge", {}},
                                  .benchmark = "known",
                                  .target = "accuracy",
                                  .train = 40});
  CHECK_THROWS_WITH_AS(refine_network(fixture.session, fixture.graph, {.predictor = "sum"}),
                       doctest::Contains("fit one with --plugin gennape"), Error);
  CHECK_THROWS_WITH_AS(refine_network(fixture.session, fixture.graph, {.predictor = "sun"}),
                       doctest::Contains("did you mean 'sum'"), Error);
}
