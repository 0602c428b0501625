// ProxylessNAS with the expected latency of a look-up table in its loss.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "core/runtime/supernet/alternative_costs.h"
#include "core/util/categorical.h"
#include "hwmodels/lookup_table.h"
#include "tests/app/study/study_testing.h"
#include "tests/test_data.h"

using namespace nas;
using namespace nas::test;

namespace {

struct Fixture {
  TemporaryDirectory directory;
  Session session{{.store = directory.path() / "store.db", .progress = nullptr, .stop = {}}};

  std::string refused(const StudyConfig& config) {
    return error_of([&] { run_study(session, config); });
  }
  std::vector<double> curve(const StudyConfig& config, std::string_view name) {
    std::vector<double> values;
    const StudyRow study = find_study_or_throw(session.reader(), config.name);
    for (const CurvePoint& point : session.reader().study_curve(study.id)) {
      if (point.name == name) values.push_back(point.value);
    }
    return values;
  }
};

/// A supernet of four channels on drawn letters, and a table in which the larger block is slow.
StudyConfig tiny_search(const TemporaryDirectory& directory, const std::string& more) {
  const auto table = directory.path() / "blocks.csv";
  write_file_atomically(table,
                        "key,latency_ms\nmbconv *,1\nconv2d *,0.5\nbatch_norm *,0\nrelu6 *,0\n"
                        "global_avg_pool *,0\n" +
                            more);
  StudyConfig config;
  config.name = "tiny";
  config.space.name = "nasbench_macro";
  config.searcher = {"proxylessnas",
                     {{"channels", "4"},
                      {"epochs", "6"},
                      {"batch", "16"},
                      {"warmup_epochs", "1"},
                      {"every", "1"},
                      {"held_out", "0.5"},
                      {"architecture_rate", "0.3"},
                      {"train_samples", "64"},
                      {"held_out_samples", "32"},
                      {"watch_samples", "16"}}};
  config.data = "glyphs";
  config.objectives = {"minimize params"};
  config.constraints = {"latency_ms<7@toy"};
  config.origins = {"latency_ms@toy=lookup:" + table.string()};
  config.train_winner = false;
  config.budget_trials = 4;
  return config;
}

constexpr const char* kRest = "add *,0.25\nlinear *,0.5\n";

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a latency that the study limits joins the loss of ProxylessNAS") {
  const StudyConfig whole = tiny_search(directory, kRest);
  StudyConfig config = whole;
  config.searcher.options["epochs"] = "3";
  run_study(session, config);
  CHECK(curve(config, "expected_latency_ms").size() == 3);
  CHECK(curve(config, "expected_macs").empty());
  StudyConfig heavy = whole;
  heavy.name = "heavy";
  heavy.searcher.options["loss"] = "add_linear";
  heavy.searcher.options["loss_lambda"] = "100";
  run_study(session, heavy);
  const std::vector<double> expected = curve(heavy, "expected_latency_ms");
  REQUIRE(expected.size() == 6);
  CHECK(expected.back() < expected.front());
  // Without it the loss is the cross-entropy.
  StudyConfig without = config;
  without.name = "without";
  without.constraints.clear();
  without.origins.clear();
  run_study(session, without);
  CHECK(curve(without, "expected_latency_ms").empty());
}

TEST_CASE_FIXTURE(Fixture, "reinforce takes the latency into its rewards") {
  StudyConfig config = tiny_search(directory, kRest);
  config.searcher.options.erase("every");
  config.searcher.options["gates"] = "reinforce";
  config.searcher.options["paths"] = "2";
  config.searcher.options["updates"] = "2";
  run_study(session, config);
  CHECK(curve(config, "expected_latency_ms").size() == 6);
}

TEST_CASE_FIXTURE(Fixture, "what the loss cannot take is refused before anything is trained") {
  // One of the alternatives lacks an entry: no random network may need it, the expectation does.
  StudyConfig config = tiny_search(directory, "linear *,0.5\n");
  config.constraints = {"latency_ms<1000@toy"};
  CHECK(refused(config).find("no entry 'add") != std::string::npos);
  config = tiny_search(directory, kRest);
  config.searcher.options["target_macs"] = "5";
  CHECK(refused(config).find("target_macs has no effect: the loss refers to latency_ms") !=
        std::string::npos);
  config.constraints.clear();
  config.origins.clear();
  CHECK(refused(config).find("nothing joins the loss") != std::string::npos);
  config.searcher.options.erase("target_macs");
  config.searcher.options["cost"] = "latency_ms";
  CHECK(refused(config).find("is a latency of a look-up table; name one") != std::string::npos);
  CHECK(session.writer().studies().empty());
}

// The sheet's numbers of the published table, Pixel 1, in ms.
TEST_CASE_FIXTURE(Fixture, "acceptance: a search on the published table alone ends at 29.61 ms") {
  const auto folder = test_data("oneshot-latency-luts");
  if (folder.empty()) return;
  const auto table = folder / "proxylessnas_mobile.csv";
  const SearchSpace& space = session.space({"proxylessnas", {}});
  const Blueprint blueprint = space.blueprint(space.info().default_task).value();
  const auto model = read_lookup_table(table, "pixel1");
  const AdditiveCost sum = model->cost(blueprint, model->devices().front());
  const ChoiceGroups groups = choice_groups(blueprint);
  const AlternativeCosts cost = by_group(costs_of_terms(sum.fixed, sum.terms, blueprint), groups);
  std::vector<std::vector<double>> uniform;
  for (const auto& alphas : zero_vectors(groups).alphas) uniform.push_back(softmax(alphas));
  CHECK(std::abs(expected_cost(cost, uniform) - 113.98812882557645) < 1e-9);

  StudyConfig config;
  config.name = "table-alone";
  config.space.name = "proxylessnas";
  config.searcher = {"proxylessnas", {{"loss", "cost"}}};
  config.objectives = {"latency_ms@pixel1"};
  config.origins = {"latency_ms@pixel1=lookup:" + table.string()};
  config.budget_trials = 1;
  const StudyReport report = run_study(session, config);
  REQUIRE(report.best);
  CHECK(report.best->architecture ==
        "3,3 Z Z Z | 3,3 Z Z Z | 3,3 Z Z Z | 3,3 Z Z Z | 3,3 Z Z Z | 3,3");
  CHECK(std::abs(report.best->values.at(parse_metric("latency_ms@pixel1")) - 29.608775604781385) <
        1e-9);
  const std::vector<double> expected = curve(config, "expected_latency_ms");
  REQUIRE(expected.size() == 160);
  CHECK(expected.front() > 80);
  CHECK(expected.back() == doctest::Approx(29.61).epsilon(0.002));

  // Below the smallest network: the closest point.
  config.name = "too-fast";
  config.constraints = {"latency_ms<20@pixel1"};
  config.budget_trials = 3;
  const StudyReport none = run_study(session, config);
  CHECK(none.state == StudyState::kInfeasible);
  CHECK(none.complete == 0);
  REQUIRE(none.closest);
  CHECK(none.closest->architecture == report.best->architecture);
}
