// A search under a limit on what a predictor of a new device says.

#include <doctest/doctest.h>

#include <algorithm>

#include "app/predictors/transfer_fit.h"
#include "core/ir/cost.h"
#include "core/util/text.h"
#include "tests/app/study/study_testing.h"

using namespace nas;
using namespace nas::test;

namespace {

double macs_of(const SearchSpace& space, const Architecture& architecture) {
  return static_cast<double>(graph_cost(space.build(architecture, space.info().default_task)).macs);
}

struct Fixture {
  TemporaryDirectory directory;
  Session session{{.store = directory.path() / "store.db", .progress = &no_progress(), .stop = {}}};
};

/// Networks of Once-for-All on two devices: a millisecond for each 10 and each 20 million MACs, and
/// two more.
Benchmark two_devices(const SearchSpace& space) {
  Benchmark benchmark(
      {.name = "two", .space = space.info().name, .space_version = space.info().version});
  Rng rng({.seed = 8});
  std::vector<std::string> texts;
  std::vector<double> slow, fast;
  while (texts.size() < 60) {
    const Architecture architecture = sample(space, rng);
    if (parse_int(space.decisions()[0].choices[architecture.choices[0]]).value() > 224) continue;
    texts.push_back(space.format(architecture));
    slow.push_back(macs_of(space, architecture) / 1e7 + 2);
    fast.push_back(macs_of(space, architecture) / 2e7 + 2);
  }
  benchmark.set_rows(texts);
  const auto add = [&](const char* device, const std::vector<double>& values) {
    benchmark.add_column(
        {.metric = "latency_ms", .device = device, .unit = "ms", .maximize = false}, values);
  };
  add("slow", slow);
  add("fast", fast);
  return benchmark;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "origins: a new device is predicted in the space that was learned, whatever the "
                  "options of the study's") {
  const SearchSpace& space = session.space({"ofa_mobilenetv3", {}});
  session.writer().put_benchmark(two_devices(space));
  for (const PluginChoice& plugin :
       {PluginChoice{"transfer", {{"trees", "0"}}}, PluginChoice{"help", {{"episodes", "2"}}}}) {
    CAPTURE(plugin.name);
    fit_transfer(session, {.name = plugin.name,
                           .known = {.benchmark = "two",
                                     .target = "latency_ms@fast",
                                     .plugin = plugin.name,
                                     .options = plugin.options},
                           .samples = 12});
    StudyConfig config;
    config.name = plugin.name;
    // Another list of resolutions, and channels of another width.
    config.space = {"ofa_mobilenetv3", {{"grid", "coarse"}, {"width_multiplier", "1.2"}}};
    config.searcher = {"evolution_ofa", {}};
    config.objectives = {"maximize macs"};
    config.constraints = {"latency_ms<18@fast"};
    config.origins = {"latency_ms@fast=predictor:" + plugin.name};
    config.train_winner = false;
    config.budget_trials = 20;
    const StudyReport report = run_study(session, config);
    CHECK(report.failed == 0);
    REQUIRE(report.best.has_value());
    CHECK(report.best->values.at({"latency_ms", "fast"}) < 18);
    if (plugin.name != "transfer") continue;
    // The networks of the study have half as many MACs again.
    double predicted = 0, expected = 0;
    const StudyRow row = find_study_or_throw(session.reader(), config.name);
    for (const TrialRow& trial : session.reader().trials(row.id)) {
      const auto latency = std::ranges::find(trial.metrics, "latency_ms", &MetricValue::name);
      REQUIRE(latency != trial.metrics.end());
      predicted += latency->value;
      expected += macs_of(space, space.parse(trial.text)) / 2e7 + 2;
    }
    CHECK(predicted == doctest::Approx(expected).epsilon(0.1));
  }
}
