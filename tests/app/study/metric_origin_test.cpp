#include "app/study/metric_origin.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "app/fitted/predictor_import.h"
#include "app/fitted/predictor_store.h"
#include "app/study/study_config.h"
#include "tests/app/study/study_testing.h"
#include "tests/test_data.h"

using namespace nas;
using namespace nas::test;

namespace {

/// A published predictor of NAS-Bench-201 (30 choices) in one hidden unit: the more of the choices
/// numbered 0, the better.
void publish(const std::filesystem::path& json) {
  std::vector<float> numbers;
  std::string list;
  const auto add = [&](const std::string& name, const std::string& shape,
                       const std::vector<float>& values) {
    list += std::string(list.empty() ? "[" : ", ") + R"({"name": ")" + name + R"(", "shape": )" +
            shape + R"(, "offset_floats": )" + std::to_string(numbers.size()) + "}";
    numbers.insert(numbers.end(), values.begin(), values.end());
  };
  const auto norm = [&](const std::string& name, std::size_t width, float mean, float variance) {
    const std::string shape = "[" + std::to_string(width) + "]";
    add(name + "weight", shape, std::vector<float>(width, 1));
    add(name + "bias", shape, std::vector<float>(width, 0));
    add(name + "running_mean", shape, std::vector<float>(width, mean));
    add(name + "running_var", shape, std::vector<float>(width, variance));
  };
  norm("model.0.", 30, 0, 1 - 1e-5F);
  std::vector<float> first(30, 0);
  for (std::size_t decision = 0; decision < 6; ++decision) first[5 * decision] = 1;
  add("model.1.weight", "[1, 30]", first);
  add("model.1.bias", "[1]", {0});
  for (const std::string layer : {"model.3.", "model.5.", "model.7."}) {
    add(layer + "weight", "[1, 1]", {1});
    add(layer + "bias", "[1]", {0});
  }
  norm("ynorm.", 1, 50, 4 - 1e-5F);  // prediction = 50 + 2 (choices numbered 0)
  std::ofstream(json) << list << "]";
  std::filesystem::path binary = json;
  binary.replace_extension(".f32le");
  std::ofstream(binary, std::ios::binary)
      .write(reinterpret_cast<const char*>(numbers.data()),
             static_cast<std::streamsize>(numbers.size() * sizeof(float)));
}

struct Fixture {
  TemporaryDirectory directory;
  Session session{{.store = directory.path() / "store.db", .progress = &no_progress(), .stop = {}}};
  PredictorImport request{.name = "toy",
                          .plugin = {"bn_mlp", {}},
                          .space = "nasbench201",
                          .target = "accuracy",
                          .file = directory.path() / "toy.json"};
  Fixture() { publish(request.file); }
};

StudyConfig study_of(const std::vector<std::string>& origins) {
  StudyConfig config;
  config.name = "predicted";
  config.space = {"nasbench201", {}};
  config.searcher = {"genetic", {{"population", "10"}}};
  config.origins = origins;
  config.budget_trials = 60;
  return config;
}

}  // namespace

TEST_CASE("origins: a text names metric, kind and where, and reads back") {
  const MetricOrigin origin = parse_origin(" latency_ms@v100 = tdnn_latency: /data/a=b:c ");
  CHECK(origin.metric.text() == "latency_ms@v100");
  CHECK(origin.kind == "tdnn_latency");
  CHECK(origin.argument == "/data/a=b:c");
  CHECK(to_string(origin) == "latency_ms@v100 = tdnn_latency:/data/a=b:c");
  CHECK(to_string(parse_origin(to_string(origin))) == to_string(origin));
  for (const char* text : {"", "eer", "eer=predictor", "eer=predictor: ", "eer:x"}) {
    CAPTURE(text);
    CHECK(contains(error_of([&] { parse_origin(text); }), "write METRIC=KIND:WHERE"));
  }
  CHECK(contains(error_of([] { parse_origin("eer=predicter:x"); }), "did you mean 'predictor'"));
  CHECK(contains(error_of([] { parse_origin("eeer=predictor:x"); }), "did you mean 'eer'"));
}

TEST_CASE("origins: a metric that nothing gives is refused with what to write") {
  StudyConfig config = study_of({});
  config.objectives = {"minimize eer"};
  CHECK(contains(error_of([&] { resolve(config); }), "'eer=predictor:NAME'"));
  config.objectives = {"minimize params"};
  config.constraints = {"latency_ms<4@v100"};
  CHECK(contains(error_of([&] { resolve(config); }), "'latency_ms@v100=lookup:FILE'"));
  config.constraints = {"energy_mj<4@host"};
  CHECK(contains(error_of([&] { resolve(config); }), "'energy_mj@host=power:WATTS:KIND:WHERE'"));
  config.constraints = {"latency_ms<4@v100"};
  config.origins = {"latency_ms@v100=tdnn_latency:a", "latency_ms@v100=tdnn_latency:b"};
  CHECK(contains(error_of([&] { resolve(config); }), "is given twice"));
}

TEST_CASE("origins: a configuration with origins reads back; one without has no such key") {
  const StudyConfig config = resolve(study_of({"accuracy=predictor:toy"}));
  CHECK(config.origins == std::vector<std::string>{"accuracy = predictor:toy"});
  CHECK(parse_study_config(to_toml(config), "t.toml") == config);
  CHECK_FALSE(needs_training(config));
  StudyConfig plain = study_of({});
  plain.objectives = {"params"};
  CHECK_FALSE(contains(to_toml(resolve(plain)), "origins"));
}

TEST_CASE_FIXTURE(Fixture, "origins: a study goes by the predictions of an imported predictor") {
  import_predictor(session, request);
  const StudyReport report = run_study(session, study_of({"accuracy=predictor:toy"}));
  CHECK(report.complete == 60);
  REQUIRE(report.best.has_value());
  const SearchSpace& space = session.space({"nasbench201", {}});
  const StudyRow row = find_study_or_throw(session.reader(), "predicted");
  double best = 0;
  for (const TrialRow& trial : session.reader().trials(row.id)) {
    const Architecture architecture = space.parse(trial.text);
    const auto zeros = std::count(architecture.choices.begin(), architecture.choices.end(), 0);
    const auto accuracy =
        std::find_if(trial.metrics.begin(), trial.metrics.end(),
                     [](const MetricValue& metric) { return metric.name == "accuracy"; });
    REQUIRE(accuracy != trial.metrics.end());
    CHECK(accuracy->value == doctest::Approx(50 + 2 * static_cast<double>(zeros)).epsilon(1e-4));
    CHECK(accuracy->source == MetricSource::kPredicted);
    CHECK(contains(accuracy->fidelity, "predictor=toy; sha256="));
    best = std::max(best, accuracy->value);
  }
  CHECK(report.best->values.at({"accuracy", ""}) == best);
  CHECK(best > 57);
}

TEST_CASE_FIXTURE(Fixture,
                  "origins: predictors that do not fit are refused before the first trial") {
  import_predictor(session, request);
  const auto error = [&](const StudyConfig& config) {
    return error_of([&] { run_study(session, config); });
  };
  CHECK(contains(error(study_of({"accuracy=predictor:toi"})), "did you mean 'toy'"));
  StudyConfig other = study_of({"accuracy=predictor:toy"});
  other.space = {"nats_size", {}};
  CHECK(contains(error(other), "is for space 'nasbench201', not 'nats_size'"));
  StudyConfig latency = study_of({"latency_ms@v100=tdnn_latency:" + directory.path().string()});
  latency.objectives = {"latency_ms@v100"};
  CHECK(contains(error(latency), "not 'nasbench201'"));
  CHECK(session.reader().studies().empty());
}

TEST_CASE_FIXTURE(Fixture, "origins: a look-up table gives the latency of each architecture") {
  const std::filesystem::path table = directory.path() / "blocks.csv";
  const auto write = [&](const std::string& more) {
    write_file_atomically(table,
                          "key,latency_ms\nmbconv *,1\nconv2d *,0.5\nbatch_norm *,0\n" + more);
  };
  write("relu6 *,0\nadd *,0.25\nglobal_avg_pool *,0\nlinear *,0.5\n");
  StudyConfig config;
  config.name = "looked-up";
  config.space = {"proxylessnas", {}};
  config.searcher = {"evolution_ofa", {{"population", "10"}, {"tries", "500"}}};
  config.objectives = {"macs"};
  config.constraints = {"latency_ms<14@toy"};
  config.origins = {"latency_ms@toy=lookup:" + table.string()};
  config.budget_trials = 40;
  const StudyReport report = run_study(session, config);
  CHECK(report.complete == 40);  // the searcher checks the table itself
  CHECK(report.infeasible == 0);
  const StudyRow row = find_study_or_throw(session.reader(), "looked-up");
  for (const TrialRow& trial : session.reader().trials(row.id)) {
    const auto latency =
        std::find_if(trial.metrics.begin(), trial.metrics.end(),
                     [](const MetricValue& metric) { return metric.name == "latency_ms"; });
    REQUIRE(latency != trial.metrics.end());
    const auto zeros = std::count(trial.text.begin(), trial.text.end(), 'Z');
    CHECK(latency->value ==
          doctest::Approx(1 + 6 + 1.25 * (15 - static_cast<double>(zeros)) + 1.5));
    CHECK(latency->source == MetricSource::kPredicted);
    CHECK(latency->device->name == "toy");
    CHECK(contains(latency->fidelity, "lookup=blocks.csv; sha256="));
  }
  // Below the fastest network: the nearest point, and nothing more.
  config.name = "too-fast";
  config.constraints = {"latency_ms<8@toy"};
  const StudyReport none = run_study(session, config);
  CHECK(none.complete == 0);
  CHECK(none.infeasible == 1);
  CHECK_FALSE(none.best.has_value());
  // A missing entry is said before the first trial.
  write("relu6 *,0\nadd *,0.25\nglobal_avg_pool *,0\n");
  config.name = "missing";
  CHECK(contains(error_of([&] { run_study(session, config); }), "has no entry 'linear"));
  config.origins = {"macs=lookup:" + table.string()};
  config.constraints = {};
  CHECK(contains(error_of([&] { run_study(session, config); }), "a latency table gives"));
}

TEST_CASE_FIXTURE(Fixture, "predictor import: names, spaces and tensors are checked") {
  import_predictor(session, request);
  CHECK(contains(error_of([&] { import_predictor(session, request); }), "exists"));
  request.replace = true;
  CHECK(import_predictor(session, request).target == "accuracy");
  PredictorImport other = request;
  other.space = "nats_size";
  CHECK(contains(error_of([&] { import_predictor(session, other); }), "sees 30 choices"));
  other = request;
  other.plugin.name = "gp";
  CHECK(contains(error_of([&] { import_predictor(session, other); }), "toy.json"));
  const StoredPredictor stored = load_predictor(session, "toy");
  CHECK(stored.benchmark.empty());
  CHECK(stored.train == 0);
}

TEST_CASE("acceptance: a search of EfficientTDNN by predicted EER under a latency limit") {
  const auto dir = test_data("tdnn-efficienttdnn");
  if (dir.empty()) return;
  TemporaryDirectory directory;
  Session session{{.store = directory.path() / "store.db", .progress = &no_progress(), .stop = {}}};
  import_predictor(session, {.name = "eer48",
                             .plugin = {"bn_mlp", {}},
                             .space = "efficient_tdnn",
                             .target = "eer",
                             .file = dir / "predictor_eer_48_coarse.json"});
  StudyConfig config;
  config.space = {"efficient_tdnn", {}};
  config.searcher = {"genetic", {}};
  config.objectives = {"minimize eer"};
  config.constraints = {"latency_ms<15@v100"};
  config.origins = {"eer=predictor:eer48", "latency_ms@v100=tdnn_latency:" + dir.string()};
  config.budget_trials = 2000;
  const StudyReport report = run_study(session, config);
  REQUIRE(report.best.has_value());
  // The exact optimum is 1.5080 % (optima_coarse.csv); a fifth of the published budget comes near.
  CHECK(report.best->values.at({"eer", ""}) > 1.5079);
  CHECK(report.best->values.at({"eer", ""}) < 1.56);
  CHECK(report.best->values.at({"latency_ms", "v100"}) < 15);
  CHECK(report.infeasible > 0);
  MESSAGE(report.best->architecture, " in ", report.seconds, " s");
}

TEST_CASE("acceptance: a search of Once-for-All by predicted accuracy under a latency limit") {
  const auto predictor = test_data("oneshot-ofa-predictor");
  const auto tables = test_data("oneshot-latency-luts");
  if (predictor.empty() || tables.empty()) return;
  TemporaryDirectory directory;
  Session session{{.store = directory.path() / "store.db", .progress = &no_progress(), .stop = {}}};
  import_predictor(session, {.name = "ofa",
                             .plugin = {"ofa_mlp", {}},
                             .space = "ofa_mobilenetv3:grid=coarse",
                             .target = "accuracy",
                             .file = predictor / "tensors.csv",
                             .part = "mbv3_w1.2"});
  StudyConfig config;
  config.space = {"ofa_mobilenetv3", {{"width_multiplier", "1.2"}, {"grid", "coarse"}}};
  config.searcher = {"evolution_ofa", {}};
  config.objectives = {"accuracy"};
  config.constraints = {"latency_ms<25@note10"};
  config.origins = {"accuracy=predictor:ofa",
                    "latency_ms@note10=lookup:" + (tables / "ofa_note10.csv").string()};
  config.budget_trials = 3000;
  const StudyReport report = run_study(session, config);
  REQUIRE(report.best.has_value());
  CHECK(report.infeasible == 0);
  // The published budget is 17 times this and finds 81.6 to 82.1 %.
  CHECK(report.best->values.at({"accuracy", ""}) > 80.9);
  CHECK(report.best->values.at({"accuracy", ""}) < 82.2);
  CHECK(report.best->values.at({"latency_ms", "note10"}) < 25);
  MESSAGE(report.best->architecture, " in ", report.seconds, " s");
}
