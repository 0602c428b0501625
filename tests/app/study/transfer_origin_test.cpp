// A search under a limit on what a predictor of a new device says.

#include <doctest/doctest.h>

#include <algorithm>

#include "app/predictors/predictors.h"
#include "app/predictors/transfer_fit.h"
#include "app/study/metric_origin.h"
#include "core/ir/cost.h"
#include "core/util/error.h"
#include "core/util/file.h"
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

constexpr char kWide[] = "ofa_mobilenetv3:width_multiplier=1.2";

/// Networks up to the resolution that `help` knows.
std::vector<Architecture> small_networks(const SearchSpace& space, std::size_t count) {
  Rng rng({.seed = 8});
  std::vector<Architecture> networks;
  while (networks.size() < count) {
    const Architecture network = sample(space, rng);
    if (parse_int(space.decisions()[0].choices[network.choices[0]]).value() > 224) continue;
    networks.push_back(network);
  }
  return networks;
}

double fast_ms(const SearchSpace& space, const Architecture& architecture) {
  return macs_of(space, architecture) / 2e7 + 2;
}

/// Networks of Once-for-All on two devices: a millisecond for each 10 and each 20 million MACs, and
/// two more.
Benchmark two_devices(const SearchSpace& space) {
  Benchmark benchmark({.name = "two", .space = kWide, .space_version = space.info().version});
  std::vector<std::string> texts;
  std::vector<double> slow, fast;
  for (const Architecture& architecture : small_networks(space, 60)) {
    texts.push_back(space.format(architecture));
    slow.push_back(macs_of(space, architecture) / 1e7 + 2);
    fast.push_back(fast_ms(space, architecture));
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
                  "resolutions of the study's") {
  const SearchSpace& space = session.space({kWide, {}});
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
    double predicted = 0, expected = 0;
    const StudyRow row = find_study_or_throw(session.reader(), config.name);
    for (const TrialRow& trial : session.reader().trials(row.id)) {
      const auto latency = std::ranges::find(trial.metrics, "latency_ms", &MetricValue::name);
      REQUIRE(latency != trial.metrics.end());
      predicted += latency->value;
      expected += fast_ms(space, space.parse(trial.text));
    }
    CHECK(predicted == doctest::Approx(expected).epsilon(0.1));
  }
}

TEST_CASE_FIXTURE(Fixture, "origins: a device that was learned at another width is refused") {
  session.writer().put_benchmark(two_devices(session.space({kWide, {}})));
  fit_transfer(session, {.name = "mine",
                         .known = {.benchmark = "two",
                                   .target = "latency_ms@fast",
                                   .plugin = "transfer",
                                   .options = {{"trees", "0"}}},
                         .samples = 12});
  const SearchSpace& narrow = session.space({"ofa_mobilenetv3", {{"grid", "coarse"}}});
  try {
    make_origin_evaluator(session, narrow, narrow.info().default_task,
                          parse_origin("latency_ms@fast=predictor:mine"));
    FAIL("taken");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kUsage);
    CHECK(std::string(error.what()) ==
          "predictor 'mine' learned networks of 'ofa_mobilenetv3:width_multiplier=1.2', and the "
          "study's are of 'ofa_mobilenetv3', where the same text means another network");
  }
  // Its own benchmark is of its space, though neither has the options of the default.
  const StoredPredictor stored = load_predictor(session, "mine");
  CHECK(evaluate_predictor(session, stored, "", "", 0, 10).samples == 0);  // it saw all rows
  CHECK(add_predictions(session, stored, "").statistic == "predictor=mine");
}

TEST_CASE_FIXTURE(Fixture,
                  "origins: a device that was learned without others is asked about the study's "
                  "networks") {
  const SearchSpace& space = session.space({kWide, {}});
  const auto file = directory.path() / "fast.csv";
  std::string text = "architecture,latency_ms\n";
  for (const Architecture& network : small_networks(space, 15)) {
    text += "\"" + space.format(network) + "\"," + format_double(fast_ms(space, network)) + "\n";
  }
  write_file_atomically(file, text);
  fit_transfer(session, {.name = "alone",
                         .known = {.space = kWide,
                                   .target = "latency_ms@fast",
                                   .plugin = "transfer",
                                   .options = {{"trees", "0"}}},
                         .measured = file});
  const SearchSpace& coarse =
      session.space({"ofa_mobilenetv3", {{"grid", "coarse"}, {"width_multiplier", "1.2"}}});
  const ArchGraph no_graph;  // a predictor reads the choices
  const Digest no_digest{};
  const auto forecasts = [&](const SearchSpace& asked) {
    const auto evaluator = make_origin_evaluator(session, asked, asked.info().default_task,
                                                 parse_origin("latency_ms@fast=predictor:alone"));
    std::vector<double> values;
    for (const Architecture& network : small_networks(asked, 20)) {
      const EvalResult result =
          evaluator->evaluate({network, no_graph, no_digest, no_progress(), {}});
      values.push_back(result.metrics.front().value);
    }
    return values;
  };
  double predicted = 0, expected = 0;
  for (const double value : forecasts(coarse)) predicted += value;
  for (const Architecture& network : small_networks(coarse, 20)) {
    expected += fast_ms(coarse, network);
  }
  CHECK(predicted == doctest::Approx(expected).epsilon(0.1));
  const std::vector<double> known = forecasts(space);

  // Older files have the name of the space alone: the study's says which networks are meant.
  PredictorRow row = find_predictor(session.reader(), "alone").value();
  CHECK(row.space == kWide);
  const auto json = directory.path() / "predictors" / "alone.json";
  std::string stored = read_file(json);
  stored.replace(stored.find(kWide), std::string(kWide).size(), "ofa_mobilenetv3");
  write_file_atomically(json, stored);
  row.space = "ofa_mobilenetv3";
  session.writer().put_predictor(row);
  CHECK(forecasts(space) == known);
}
