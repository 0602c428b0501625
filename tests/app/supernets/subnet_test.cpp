#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <fstream>
#include <thread>

#include "app/study/study.h"
#include "app/supernets/subnet_extraction.h"
#include "app/supernets/subnet_judge.h"
#include "app/supernets/supernet_scoring.h"
#include "core/runtime/checkpoint.h"
#include "core/util/error.h"
#include "core/util/hash.h"
#include "tests/app/benchmarks/benchmark_testing.h"
#include "tests/app/supernets/supernet_testing.h"

// Subnets: judged, extracted, as a place where accuracy comes from, and as a column of a benchmark.

namespace nas::test {
namespace {

TEST_CASE_FIXTURE(Supernets,
                  "subnets: judged values are those of the extracted model, and of any thread") {
  train_supernet(session, request_of("first"));
  const OpenSupernet supernet = open_supernet(session, "first");
  SubnetExtraction extraction;
  extraction.output = directory.path() / "subnet.safetensors";
  extraction.statistics = SubnetStatistics::kShared;
  const ExtractedSubnet extracted = extract_subnet(session, supernet, cell(), extraction);
  Model model = open_model(extraction.output);
  const auto direct = evaluate(model, {*supernet.problem, supernet.recipe});
  const SubnetJudge judge(open_supernet(session, "first"),
                          {.samples = 1'000'000, .statistics = "shared", .part = "test"});
  const auto judged = judge.judge(cell());
  REQUIRE(direct.size() == judged.size());
  CHECK(direct[0].value == judged[0].value);
  CHECK(direct.back().value == doctest::Approx(judged.back().value).epsilon(1e-6));
  CHECK(judge.merit(cell()) == -judged.back().value);
  CHECK(read_model_metadata(extraction.output).at("parent") == supernet.identity());
  CHECK(extracted.sha256 == sha256_file(extraction.output));
  CHECK_THROWS_WITH_AS(extract_subnet(session, supernet, cell(), extraction),
                       doctest::Contains("exists"), Error);
  CHECK(session.reader().check().empty());

  std::vector<std::thread> threads;
  std::atomic<int> differing = 0;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 5; ++k) differing += judge.merit(cell()) != -judged.back().value ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(differing == 0);
}

TEST_CASE_FIXTURE(Supernets,
                  "subnets: statistics of batches judge otherwise than the shared ones") {
  train_supernet(session, request_of("first"));
  const auto loss = [&](const SubnetJudging& judging) {
    return SubnetJudge(open_supernet(session, "first"), judging).judge(cell()).back().value;
  };
  const double batch = loss({.samples = 64});
  CHECK(batch == loss({.samples = 64}));
  CHECK(batch != loss({.samples = 64, .statistics = "shared"}));
  CHECK(batch != loss({.samples = 64, .statistics = "recalibrated"}));
  CHECK(batch != loss({.samples = 32}));
}

TEST_CASE_FIXTURE(Supernets,
                  "subnets: nothing held out, nothing judged, unless on the test samples") {
  train_supernet(session, request_of("all", {{"validation_fraction", "0"}}));
  CHECK_THROWS_WITH_AS(SubnetJudge(open_supernet(session, "all"), {}),
                       doctest::Contains("held no images out"), Error);
  CHECK(SubnetJudge(open_supernet(session, "all"), {.samples = 10, .part = "test"}).samples() ==
        10);
}

/// Keeps what is said.
class Messages final : public ProgressSink {
 public:
  void begin(std::string_view, std::int64_t) override {}
  void update(std::int64_t, std::string_view) override {}
  void end() override {}
  void message(std::string_view text) override { said += std::string(text) + "\n"; }
  std::string said;
};

TEST_CASE("subnets: choices that nothing was trained on are named where they are judged") {
  const TemporaryDirectory directory;
  Messages messages;
  Session session({.store = directory.path() / "store.db", .progress = &messages, .stop = {}});
  const auto train = [&](const std::string& name, const std::string& choices,
                         const std::string& from) {
    SupernetRequest request =
        request_of(name, {{"epochs", "1"}, {"train_samples", "32"}, {"validation_samples", "32"}});
    request.probes = 1;
    request.choices = {choices};
    request.from = from;
    train_supernet(session, request);
  };
  train("convs", "*=nor_conv_1x1,nor_conv_3x3", "");
  train("more", "*=skip_connect", "convs");
  train("whole", "*=none,skip_connect,nor_conv_1x1,nor_conv_3x3,avg_pool_3x3", "");
  const auto untrained = [&](const std::string& name, const std::string& text) {
    const OpenSupernet supernet = open_supernet(session, name);
    return supernet.untrained_part(supernet.space->parse(text));
  };
  const std::string convs =
      "|nor_conv_3x3~0|+|nor_conv_1x1~0|nor_conv_1x1~1|+|nor_conv_3x3~0|nor_conv_3x3~1|"
      "nor_conv_3x3~2|";
  CHECK(untrained("convs", convs) == "");
  CHECK(untrained("whole", kCell) == "");
  const std::string found = untrained("convs", kCell);
  CHECK(found.find("supernet 'convs' was never trained on ") == 0);
  CHECK(found.find(" = skip_connect and 2 more") != std::string::npos);
  // What it started from counts.
  CHECK(untrained("more", kCell).find(" and 1 more") != std::string::npos);
  CHECK(untrained("more", convs) == "");
  StudyConfig config;
  config.name = "by-convs";
  config.space = {"nasbench201", {}};
  config.searcher = {"random", {}};
  config.origins = {"loss=supernet:convs:samples=32"};
  config.objectives = {"minimize loss"};
  config.budget_trials = 3;
  run_study(session, config);
  CHECK(messages.said.find("note: supernet 'convs' was never trained on ") != std::string::npos);
  // Once, not for each trial.
  CHECK(messages.said.find("note:") == messages.said.rfind("note:"));
}

TEST_CASE_FIXTURE(Supernets,
                  "supernets: a file that is missing, changed or cut off is named in one line") {
  train_supernet(session, request_of("first"));
  const std::filesystem::path path = file("first.safetensors");
  const std::string bytes = read_file(path);
  std::ofstream(path, std::ios::binary) << bytes.substr(0, bytes.size() / 2);
  CHECK_THROWS_WITH_AS(open_supernet(session, "first"), doctest::Contains("other SHA-256"), Error);
  CHECK(session.reader().check().size() == 1);
  std::filesystem::remove(path);
  CHECK_THROWS_WITH_AS(open_supernet(session, "first"), doctest::Contains("is missing"), Error);
  CHECK_THROWS_WITH_AS(open_supernet(session, "frist"), doctest::Contains("did you mean 'first'"),
                       Error);
  // The same call makes it anew.
  CHECK_FALSE(train_supernet(session, request_of("first")).known);
  CHECK(read_file(path) == bytes);
}

TEST_CASE_FIXTURE(Supernets, "origins: a study goes by the subnets of a supernet") {
  train_supernet(session, request_of("first"));
  StudyConfig config;
  config.name = "by-supernet";
  config.space = {"nasbench201", {}};
  config.searcher = {"random", {}};
  config.origins = {"accuracy=supernet:first:samples=64", "loss=supernet:first:samples=64"};
  config.objectives = {"minimize loss", "maximize accuracy"};
  config.budget_trials = 4;
  const StudyReport report = run_study(session, config);
  CHECK(report.complete == 4);
  const StudyRow study = session.reader().find_study("by-supernet").value();
  const SubnetJudge judge(open_supernet(session, "first"), {.samples = 64});
  set_intra_op_threads(1);  // as each worker of the study has
  for (const TrialRow& trial : session.reader().trials(study.id)) {
    const auto values = judge.judge(cell(trial.text));
    int seen = 0;
    for (const MetricValue& metric : trial.metrics) {
      if (metric.source != MetricSource::kPredicted) continue;
      CHECK(metric.value == (metric.name == "loss" ? values.back() : values.front()).value);
      CHECK(metric.fidelity == judge.fidelity());
      CHECK(metric.network == judge.supernet().info().network);
      ++seen;
    }
    CHECK(seen == 2);
  }
}

TEST_CASE_FIXTURE(Supernets, "origins: a supernet of another space, metric or grammar is refused") {
  train_supernet(session, request_of("first"));
  const auto refusal = [&](const std::string& space, const std::string& origin) {
    StudyConfig config;
    config.name = "refused";
    config.space = {space, {}};
    config.searcher = {"random", {}};
    config.origins = {origin};
    config.objectives = {origin.substr(0, origin.find('='))};
    config.budget_trials = 1;
    try {
      run_study(session, config);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(refusal("darts", "accuracy=supernet:first").find("is of space 'nasbench201'") !=
        std::string::npos);
  CHECK(refusal("nasbench201", "eer=supernet:first").find("gives accuracy, loss") !=
        std::string::npos);
  CHECK(
      refusal("nasbench201", "accuracy=supernet:first:smaples=3").find("did you mean 'samples'") !=
      std::string::npos);
  CHECK(refusal("nasbench201", "accuracy=supernet:furst").find("did you mean 'first'") !=
        std::string::npos);
  CHECK_FALSE(session.reader().find_study("refused").has_value());
}

TEST_CASE_FIXTURE(Supernets,
                  "benchmarks: a supernet's column stands beside the proxies and resumes") {
  train_supernet(session, request_of("first"));
  const Benchmark five = five_cells("cells");
  session.writer().put_benchmark(five);
  SupernetScoring scoring{.rows = {.benchmark = "cells", .space = {}, .choice = {}},
                          .supernet = "first",
                          .judging = {.samples = 64}};
  const ScoringReport report = score_with_supernet(session, scoring);
  CHECK(report.complete);
  CHECK(report.scored == 5);
  const auto table = session.benchmark("cells");
  const std::size_t column = table->column("supernet.first");
  CHECK(table->columns()[column].source == MetricSource::kProxy);
  const SubnetJudge judge(open_supernet(session, "first"), {.samples = 64});
  for (std::size_t row = 0; row < 5; ++row) {
    CHECK(table->value(column, row) == judge.merit(cell(table->text(row))));
  }
  CHECK(score_with_supernet(session, scoring).resumed == 5);
  scoring.column = "one shot";
  CHECK_THROWS_WITH_AS(score_with_supernet(session, scoring), doctest::Contains("a name has no"),
                       Error);
  scoring.column = "one_shot";
  CHECK(score_with_supernet(session, scoring).scored == 5);
  CHECK(session.benchmark("cells")->column("one_shot") != column);
}

TEST_CASE_FIXTURE(Supernets, "benchmarks: another space's supernet makes no benchmark") {
  train_supernet(session, request_of("first"));
  const SupernetScoring scoring{
      .rows = {.benchmark = "new", .space = {"darts", {}}, .choice = {}, .count = 3},
      .supernet = "first"};
  CHECK_THROWS_WITH_AS(score_with_supernet(session, scoring), doctest::Contains("of space 'darts'"),
                       Error);
  CHECK(session.reader().benchmarks().empty());
}

}  // namespace
}  // namespace nas::test
