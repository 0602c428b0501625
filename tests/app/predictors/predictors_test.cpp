#include "app/predictors/predictors.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <functional>

#include "core/util/error.h"
#include "core/util/file.h"

using namespace nas;

namespace {

std::string error_text(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// Two hundred cells of NAS-Bench-201 with an accuracy, two proxies and a vector of statistics.
Benchmark small_benchmark(Session& session) {
  const SearchSpace& space = session.space({"nasbench201", {}});
  const auto* indexed = dynamic_cast<const IndexedSpace*>(&space);
  Benchmark benchmark(BenchmarkInfo{.name = "small", .space = "nasbench201", .space_version = "1"});
  std::vector<std::string> texts;
  std::vector<double> accuracy, good, noise, wide;
  Rng rng({});
  for (std::uint64_t i = 0; i < 200; ++i) {
    const Architecture architecture = indexed->at(i * 7);
    double value = 60;
    for (const std::uint16_t choice : architecture.choices) value += choice == 3 ? 3 : choice;
    texts.push_back(space.format(architecture));
    accuracy.push_back(i == 5 ? std::nan("") : value);
    good.push_back(i == 6 ? -INFINITY : value + rng.normal());
    noise.push_back(rng.normal());
    for (int k = 0; k < 3; ++k) wide.push_back(k < 2 ? value * k : std::nan(""));
  }
  benchmark.set_rows(texts);
  benchmark.add_column({.metric = "accuracy", .dataset = "cifar10", .unit = "%"}, accuracy);
  benchmark.add_column({.metric = "good", .source = MetricSource::kProxy}, good);
  benchmark.add_column({.metric = "noise", .source = MetricSource::kProxy}, noise);
  benchmark.add_column({.metric = "layers", .source = MetricSource::kProxy, .width = 3}, wide);
  return benchmark;
}

PredictorFit request_of(const std::string& name, const std::string& plugin) {
  return {.name = name,
          .plugin = {plugin, {}},
          .benchmark = "small",
          .target = "accuracy",
          .features = {"good", "noise"},
          .train = 120};
}

struct Fixture {
  TemporaryDirectory directory;
  Session session{{.store = directory.path() / "store.db", .progress = &no_progress(), .stop = {}}};
  Fixture() { session.writer().put_benchmark(small_benchmark(session)); }
  std::filesystem::path file(const std::string& name) const {
    return directory.path() / "predictors" / name;
  }
};

void append(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path, std::ios::app | std::ios::binary) << text;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "predictors: fitted, stored, loaded and applied they say the same") {
  for (const std::string plugin : {"xgboost", "gp"}) {
    const PredictorFitReport report = fit_predictor(session, request_of(plugin, plugin));
    CHECK(report.left_out == 1);
    CHECK(report.row.samples == 120);
    CHECK(report.held_out.samples == 79);
    CHECK(report.held_out.spearman.value() > 0.8);
    const StoredPredictor stored = load_predictor(session, plugin);
    const PredictorScore again = evaluate_predictor(session, stored, "", "", 0, 10);
    CHECK(again.samples == 79);
    CHECK(again.spearman == report.held_out.spearman);
    CHECK(again.kendall == report.held_out.kendall);
    CHECK(again.ndcg == report.held_out.ndcg);
  }
  CHECK(session.reader().predictors().size() == 2);
  CHECK(error_text([&] { fit_predictor(session, request_of("gp", "gp")); }).find("--replace") !=
        std::string::npos);
  PredictorFit replaced = request_of("gp", "gp");
  replaced.replace = true;
  replaced.train = 60;
  CHECK(fit_predictor(session, replaced).row.samples == 60);
}

TEST_CASE_FIXTURE(Fixture, "predictors: a benchmark of another space is refused") {
  Benchmark other({.name = "other", .space = "cifar_resnet", .space_version = "1"});
  other.set_rows({"111", "333"});
  other.add_column({.metric = "good"}, {1, 2});
  session.writer().put_benchmark(other);
  fit_predictor(session, request_of("p", "gp"));
  const StoredPredictor stored = load_predictor(session, "p");
  const std::string refusal = "benchmark 'other' is of 'cifar_resnet'";
  CHECK(error_text([&] { add_predictions(session, stored, "other"); }).find(refusal) !=
        std::string::npos);
  CHECK(error_text([&] {
          evaluate_predictor(session, stored, "other", "", 0, 10);
        }).find(refusal) != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "predictors: the options of a benchmark's space are the predictor's") {
  const std::string wide = "ofa_mobilenetv3:width_multiplier=1.2";
  const auto add = [&](const std::string& name, const std::string& space_text) {
    const SearchSpace& space = session.space({space_text, {}});
    Benchmark benchmark({.name = name, .space = space_text, .space_version = space.info().version});
    std::vector<std::string> texts;
    std::vector<double> values;
    Rng rng({.seed = 3});
    while (texts.size() < 40) {
      const Architecture architecture = sample(space, rng);
      texts.push_back(space.format(architecture));
      values.push_back(architecture.choices[0]);
    }
    benchmark.set_rows(texts);
    benchmark.add_column({.metric = "accuracy", .unit = "%"}, values);
    session.writer().put_benchmark(benchmark);
  };
  add("wide", wide);
  add("narrow", "ofa_mobilenetv3");
  PredictorFit request = request_of("p", "gp");
  request.benchmark = "wide";
  request.features = {};
  request.train = 20;
  CHECK(fit_predictor(session, request).row.space == wide);
  const StoredPredictor stored = load_predictor(session, "p");
  CHECK(evaluate_predictor(session, stored, "", "", 0, 10).samples == 20);
  CHECK(add_predictions(session, stored, "").metric == "accuracy");
  CHECK(error_text([&] { evaluate_predictor(session, stored, "narrow", "", 0, 10); }) ==
        "predictor 'p' is for space '" + wide + "', benchmark 'narrow' is of 'ofa_mobilenetv3'");
}

TEST_CASE_FIXTURE(Fixture, "predictors: two databases of one folder keep files of their own") {
  fit_predictor(session, request_of("p", "gp"));
  Session other{{.store = directory.path() / "other.db", .progress = &no_progress(), .stop = {}}};
  other.writer().put_benchmark(small_benchmark(other));
  PredictorFit request = request_of("p", "gp");
  request.seed = 5;
  CHECK(fit_predictor(other, request).row.path == "predictors/p-2.safetensors");
  request.replace = true;
  CHECK(fit_predictor(other, request).row.path == "predictors/p-2.safetensors");
  CHECK_NOTHROW(load_predictor(session, "p"));
  CHECK_NOTHROW(load_predictor(other, "p"));
  CHECK(session.reader().check().empty());
  CHECK(other.reader().check().empty());
}

TEST_CASE_FIXTURE(Fixture, "predictors: rows that were never scored are counted and left out") {
  const auto whole = session.benchmark("small");
  Benchmark part(whole->info());
  part.set_rows({whole->texts().begin(), whole->texts().end()});
  std::vector<double> scores;
  for (std::size_t row = 0; row < part.rows(); ++row) {
    scores.push_back(row % 2 == 0 ? whole->value(whole->column("good"), row) : std::nan(""));
  }
  BenchmarkColumn column{.metric = "part", .source = MetricSource::kProxy};
  part.add_column(column, scores);
  const std::size_t first[] = {0};
  session.writer().put_benchmark_columns(part, first);
  session.forget_benchmark("small");
  PredictorFit request = request_of("half", "xgboost");
  request.features = {"part"};
  CHECK(error_text([&] { fit_predictor(session, request); })
            .find("cannot train on 120 of the 100 rows of 'small' that have the target and a "
                  "feature (99 have none; are some rows not scored yet?)") != std::string::npos);
  request.train = 60;
  const PredictorFitReport report = fit_predictor(session, request);
  CHECK(report.without_features == 99);
  CHECK(report.held_out.samples == 40);
  // Scored whole since: what it learned from is still not judged.
  for (std::size_t row = 0; row < part.rows(); ++row) scores[row] = whole->value(1, row);
  part.put_column(column, scores);
  session.writer().put_benchmark_columns(part, first);
  session.forget_benchmark("small");
  const StoredPredictor stored = load_predictor(session, "half");
  CHECK(stored.seen > 60);
  CHECK(evaluate_predictor(session, stored, "", "", 0, 10).samples == 199 - stored.seen);
}

TEST_CASE_FIXTURE(Fixture, "predictors: predictions become a column of the benchmark") {
  fit_predictor(session, request_of("trees", "xgboost"));
  const StoredPredictor stored = load_predictor(session, "trees");
  const BenchmarkColumn column = add_predictions(session, stored, "");
  CHECK(column.source == MetricSource::kPredicted);
  const auto table = session.benchmark("small");
  const std::size_t index = table->column("accuracy:statistic=predictor=trees");
  const Architecture architecture = stored.space->parse(table->text(17));
  const auto single = apply_predictor(session, stored, std::vector{architecture}, "");
  CHECK(table->value(index, 17) == single[0].mean);
  const Architecture absent = dynamic_cast<const IndexedSpace*>(stored.space)->at(1);
  CHECK(error_text([&] {
          apply_predictor(session, stored, std::vector{absent}, "");
        }).find("has no row") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "predictors: 'proxies' are all scores, wide columns are taken apart") {
  PredictorFit request = request_of("wide", "xgboost");
  request.features = {"proxies", "layers"};
  CHECK(fit_predictor(session, request).held_out.spearman.value() > 0.9);
  const StoredPredictor stored = load_predictor(session, "wide");
  CHECK(stored.features == std::vector<std::string>{"good", "noise", "layers"});
  request.target = "layers";
  request.name = "bad";
  CHECK(error_text([&] { fit_predictor(session, request); }).find("a target has one") !=
        std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "predictors: changed, damaged and missing files are one clear line") {
  fit_predictor(session, request_of("p", "gp"));
  const std::string text = read_file(file("p.json"));
  write_file_atomically(file("p.json"), "{");
  CHECK(error_text([&] { load_predictor(session, "p"); }).find("is damaged") != std::string::npos);
  std::string other = text;
  other.replace(other.find("\"tensors_sha256\": \"") + 19, 4, "0000");
  write_file_atomically(file("p.json"), other);
  CHECK(error_text([&] { load_predictor(session, "p"); }).find("other tensors") !=
        std::string::npos);
  write_file_atomically(file("p.json"), text);
  load_predictor(session, "p");
  std::filesystem::remove(file("p.json"));
  const std::vector<std::string> problems = session.reader().check();
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].find("p.json' is missing") != std::string::npos);
  write_file_atomically(file("p.json"), text);
  append(file("p.safetensors"), "x");
  CHECK(error_text([&] { load_predictor(session, "p"); }).find("SHA-256") != std::string::npos);
  std::filesystem::remove(file("p.safetensors"));
  CHECK(error_text([&] { load_predictor(session, "p"); }).find("cannot read") != std::string::npos);
  CHECK(error_text([&] { load_predictor(session, "q"); }).find("unknown predictor") !=
        std::string::npos);
  CHECK(error_text([&] {
          fit_predictor(session, request_of("../p", "gp"));
        }).find("cannot be the name") != std::string::npos);
}

TEST_CASE("predictors: a constant predictor is undefined, not zero") {
  const std::vector<double> targets = {1, 2, 3};
  const PredictorScore constant =
      score_predictions(targets, std::vector<Prediction>(3, {5, 0}), true);
  CHECK(constant.constant);
  CHECK_FALSE(constant.spearman.has_value());
  CHECK_FALSE(constant.kendall.has_value());
  CHECK_FALSE(constant.ndcg.has_value());
  const std::vector<Prediction> right = {{1, 0}, {20, 0}, {300, 0}};
  const PredictorScore perfect = score_predictions(targets, right, true);
  CHECK(perfect.kendall.value() == doctest::Approx(1));
  CHECK(perfect.ndcg.value() == doctest::Approx(1));
  // Where less is better, the same order puts the best last.
  const PredictorScore reversed =
      score_predictions(targets, std::vector<Prediction>{{3, 0}, {2, 0}, {1, 0}}, false, 1);
  CHECK(reversed.ndcg.value() < 0.5);
}
