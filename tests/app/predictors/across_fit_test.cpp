#include "app/predictors/across_fit.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>

#include "core/util/error.h"
#include "core/util/file.h"
#include "predictors/across/path_features.h"

using namespace nas;

namespace {

/// Random networks of a space whose accuracy follows from their paths and MACs.
Benchmark small_benchmark(Session& session, const std::string& name, const std::string& space_name,
                          std::size_t count) {
  const SearchSpace& space = session.space({space_name, {}});
  Benchmark benchmark(
      BenchmarkInfo{.name = name, .space = space_name, .space_version = space.info().version});
  std::vector<std::string> texts;
  std::vector<double> accuracy;
  Rng rng({.seed = 4});
  while (texts.size() < count) {
    const Architecture network = sample(space, rng);
    const std::string text = space.format(network);
    if (std::find(texts.begin(), texts.end(), text) != texts.end()) continue;
    const PathFeatures features = path_features({&space, &network, nullptr});
    texts.push_back(text);
    accuracy.push_back(features.valid ? 50 + 3 * features.values[9] + 1.5 * std::log(features.macs)
                                      : 10);
  }
  benchmark.set_rows(texts);
  benchmark.add_column({.metric = "accuracy", .dataset = "cifar10", .unit = "%"}, accuracy);
  return benchmark;
}

struct Fixture {
  TemporaryDirectory directory;
  Session session{{.store = directory.path() / "store.db", .progress = &no_progress(), .stop = {}}};
  Fixture() {
    session.writer().put_benchmark(small_benchmark(session, "known", "nasbench101", 300));
    session.writer().put_benchmark(small_benchmark(session, "fresh", "nasbench201", 700));
  }
  AcrossFit request() const {
    return {.name = "p",
            .plugin = {"across", {{"rounds", "30"}, {"trees", "10"}}},
            .benchmark = "fresh",
            .target = "accuracy"};
  }
};

std::string error_of(Session& session, const AcrossFit& request) {
  try {
    fit_across(session, request);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("across: a benchmark of another space orders all rows without a label, and is kept") {
  Fixture fixture;
  const AcrossFitReport report = fit_across(fixture.session, fixture.request());
  REQUIRE(report.sources.size() == 1);
  CHECK(report.sources[0] == "known accuracy:dataset=cifar10 (300 networks)");
  REQUIRE(report.held_out);
  CHECK(report.held_out->score.samples == 700);
  CHECK(report.held_out->score.spearman.value() > 0.8);
  CHECK(report.held_out->macs.has_value());
  CHECK(report.row.samples == 0);

  const StoredPredictor stored = load_predictor(fixture.session, "p");
  const PredictorScore again = evaluate_predictor(fixture.session, stored, "", "", 0, 10);
  CHECK(again.samples == 700);
  CHECK(again.spearman == report.held_out->score.spearman);
  const BenchmarkColumn column = add_predictions(fixture.session, stored, "");
  CHECK(column.statistic == "predictor=p");
  const auto table = fixture.session.benchmark("fresh");
  CHECK(table->column("accuracy") == 0);  // a prediction is no truth
}

TEST_CASE("across: labels of the space are suggested, left out of the judgement and counted") {
  Fixture fixture;
  AcrossFit request = fixture.request();
  request.labels = 20;
  const AcrossFitReport report = fit_across(fixture.session, request);
  CHECK(report.labels == 20);
  CHECK(report.held_out->score.samples == 200);
  CHECK(report.held_out->score.spearman.value() > 0.9);
  CHECK(report.loo_spearman.has_value());
  CHECK_FALSE(report.findings.empty());
  const StoredPredictor stored = load_predictor(fixture.session, "p");
  CHECK(evaluate_predictor(fixture.session, stored, "", "", 0, 10).samples == 200);

  request.name = "alone";
  request.across = false;
  const AcrossFitReport alone = fit_across(fixture.session, request);
  CHECK(alone.sources.empty());
  CHECK(alone.held_out->score.spearman.value() > 0.7);
}

TEST_CASE("across: a space without a benchmark, and labels from a file") {
  Fixture fixture;
  AcrossFit request = fixture.request();
  request.benchmark = "";
  request.space = "nasbench201";
  request.sources = {"known accuracy cifar10"};
  CHECK_FALSE(fit_across(fixture.session, request).held_out.has_value());
  const StoredPredictor stored = load_predictor(fixture.session, "p");
  const std::vector<Architecture> networks{stored.space->parse(
      "|nor_conv_3x3~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|none~1|nor_conv_3x3~2|")};
  CHECK(apply_predictor(fixture.session, stored, networks, "").size() == 1);

  const auto file = fixture.directory.path() / "mine.csv";
  std::ofstream(file) << "architecture,accuracy\n"
                         "|none~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|,82\n"
                         "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|,70\n"
                         "|none~0|+|none~0|none~1|+|avg_pool_3x3~0|none~1|none~2|,61.5\n";
  request.measured = file;
  request.replace = true;
  CHECK(fit_across(fixture.session, request).labels == 3);
}

TEST_CASE("across: networks that were measured are not judged, where a benchmark has them too") {
  Fixture fixture;
  AcrossFit request = fixture.request();
  const auto table = fixture.session.benchmark("fresh");
  request.measured = fixture.directory.path() / "mine.csv";
  {
    std::ofstream file(request.measured);
    file << "architecture,accuracy\n";
    for (std::size_t row = 0; row < 12; ++row) {
      file << table->text(row) << ',' << table->value(0, row) << '\n';
    }
  }
  const AcrossFitReport report = fit_across(fixture.session, request);
  CHECK(report.labels == 12);
  REQUIRE(report.held_out);
  CHECK(report.held_out->score.samples == 688);
}

TEST_CASE("across: requests without a source, or with a wrong one, end in one clear line") {
  Fixture fixture;
  AcrossFit request = fixture.request();
  request.sources = {"fresh"};
  CHECK(error_of(fixture.session, request).find("is of the space 'nasbench201' itself") !=
        std::string::npos);
  request.sources = {"knwon"};
  CHECK(error_of(fixture.session, request).find("known") != std::string::npos);
  request.sources = {};
  request.target = "latency_ms";
  CHECK(error_of(fixture.session, request).find("is better when it is smaller") !=
        std::string::npos);
  request.target = "smoothness";
  CHECK(error_of(fixture.session, request).find("no benchmark of another space has a column") !=
        std::string::npos);
  request = fixture.request();
  request.across = false;
  CHECK(error_of(fixture.session, request).find("nothing to learn from") != std::string::npos);
  request.plugin = {"gp", {}};
  CHECK(error_of(fixture.session, request).find("use 'across'") != std::string::npos);
  request = fixture.request();
  request.labels = 701;
  CHECK(error_of(fixture.session, request).find("fewer than the 701") != std::string::npos);
}
