#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>
#include <thread>

#include "app/study/recipe_choice.h"
#include "app/study/study.h"
#include "app/supernets/subnet_extraction.h"
#include "app/supernets/subnet_judge.h"
#include "app/supernets/supernet_scoring.h"
#include "app/supernets/supernet_training.h"
#include "core/problems/data_kinds.h"
#include "core/runtime/checkpoint.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/hash.h"
#include "tests/app/benchmarks/benchmark_testing.h"

// Supernets as artifacts: trained, resumed, judged, extracted, and as a place where accuracy comes
// from. Small networks on the built-in glyphs.

namespace nas::test {
namespace {

constexpr const char* kCell =
    "|nor_conv_3x3~0|+|skip_connect~0|nor_conv_1x1~1|+|none~0|avg_pool_3x3~1|nor_conv_3x3~2|";

Recipe small_recipe(const OptionMap& options = {}) {
  RecipeChoice choice{"smoke",
                      {{"epochs", "2"},
                       {"train_samples", "96"},
                       {"validation_samples", "64"},
                       {"validation_fraction", "0.2"},
                       {"batch", "32"},
                       {"width", "4"},
                       {"depth", "1"}}};
  for (const auto& [name, value] : options) choice.options[name] = value;
  return make_recipe(choice, "recipe", &data_kind("glyphs"));
}

SupernetRequest request_of(const std::string& name, const OptionMap& options = {}) {
  SupernetRequest request;
  request.name = name;
  request.space = {"nasbench201", {}};
  request.data = "glyphs";
  request.recipe = small_recipe(options);
  request.probes = 2;
  return request;
}

/// Asks to stop once `steps` steps are done.
class StopAfter final : public ProgressSink {
 public:
  explicit StopAfter(std::int64_t steps) : steps_(steps) {}
  void begin(std::string_view, std::int64_t) override {}
  void update(std::int64_t done, std::string_view) override {
    if (done >= steps_) source.request_stop();
  }
  void end() override {}
  void message(std::string_view) override {}
  std::stop_source source;

 private:
  std::int64_t steps_;
};

struct Supernets {
  TemporaryDirectory directory;
  Session session{{.store = directory.path() / "store.db", .progress = &no_progress(), .stop = {}}};

  std::filesystem::path file(const std::string& name) const {
    return directory.path() / "supernets" / name;
  }
  std::size_t files() const {
    std::error_code error;
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(file(""), error)) {
      count += entry.exists() ? 1 : 0;
    }
    return count;
  }
  Architecture cell(const std::string& text = kCell) {
    return session.space({"nasbench201", {}}).parse(text);
  }
};

TEST_CASE_FIXTURE(Supernets, "supernets: a trained one is an artifact with file, curve and facts") {
  const SupernetOutcome outcome = train_supernet(session, request_of("first"));
  CHECK_FALSE(outcome.known);
  CHECK(outcome.report.epochs_done == 2);
  const StoredSupernet found = known_supernet(session, "first");
  CHECK(found.path == file("first.safetensors"));
  CHECK(found.row.sha256 == sha256_file(found.path));
  CHECK(found.info.space.name == "nasbench201");
  CHECK(found.info.network == "image: float[3,32,32] -> class: classes[10]; width=4; depth=1");
  CHECK(found.info.paths == "sampling=uniform; paths=1; probes=2");
  // C = 4, N = 1: stem 108 + 8; three cells of six edges (3x3: 9 C^2 + 2 C, 1x1: C^2 + 2 C) in 4, 8
  // and 16 channels; two residual blocks; the last normalisation and the classifier.
  std::int64_t expected = 108 + 8;
  for (const std::int64_t c : {4, 8, 16}) expected += 6 * (10 * c * c + 4 * c);
  for (const std::int64_t c : {8, 16}) {
    expected += 9 * c * (c / 2) + 2 * c + 9 * c * c + 2 * c + c * (c / 2);
  }
  expected += 2 * 16 + 16 * 10 + 10;
  CHECK(found.info.parameters == expected);
  const std::vector<CurvePoint> curve = session.reader().artifact_curve(found.row.id);
  CHECK(std::ranges::count_if(
            curve, [](const CurvePoint& point) { return point.name == "train_loss"; }) == 2);
  CHECK(std::ranges::count_if(
            curve, [](const CurvePoint& point) { return point.name == "accuracy"; }) == 2);
  CHECK(files() == 1);  // no checkpoint is left
  CHECK(session.reader().check().empty());
  CHECK(parse_supernet_info(to_json(found.info), "x").settings() == found.info.settings());
}

TEST_CASE_FIXTURE(Supernets, "supernets: the same call does nothing once it is done") {
  const SupernetOutcome first = train_supernet(session, request_of("first"));
  const auto written = std::filesystem::last_write_time(first.supernet.path);
  const SupernetOutcome again = train_supernet(session, request_of("first"));
  CHECK(again.known);
  CHECK(again.supernet.row.sha256 == first.supernet.row.sha256);
  CHECK(std::filesystem::last_write_time(first.supernet.path) == written);
}

TEST_CASE_FIXTURE(Supernets, "supernets: a stopped training continues to the same bytes") {
  // Few steps reach few subnets: the optimiser knows nothing of the others when it stops.
  for (const std::string& optimizer : {std::string("sgd"), std::string("adam")}) {
    CAPTURE(optimizer);
    const SupernetRequest request =
        request_of(optimizer, {{"epochs", "3"}, {"optimizer", optimizer}});
    train_supernet(session, request);
    const TemporaryDirectory other;
    for (const std::int64_t steps : {1, 4}) {  // in the first epoch, in the second
      StopAfter stop(steps);
      Session stopped(
          {.store = other.path() / "store.db", .progress = &stop, .stop = stop.source.get_token()});
      CHECK(train_supernet(stopped, request).report.stopped);
      CHECK_FALSE(find_supernet(stopped, optimizer).has_value());
    }
    Session resumed({.store = other.path() / "store.db", .progress = &no_progress(), .stop = {}});
    train_supernet(resumed, request);
    CHECK(read_file(other.path() / "supernets" / (optimizer + ".safetensors")) ==
          read_file(file(optimizer + ".safetensors")));
  }
}

TEST_CASE_FIXTURE(Supernets, "supernets: a file that was written before its row is taken over") {
  train_supernet(session, request_of("first"));
  session.writer().remove_artifact(kSupernet, "first");  // as a kill between the two leaves it
  const SupernetOutcome again = train_supernet(session, request_of("first"));
  CHECK(again.supernet.path == file("first.safetensors"));
  CHECK(files() == 1);
}

TEST_CASE_FIXTURE(Supernets,
                  "supernets: a name of other settings is refused, or replaced on request") {
  const SupernetOutcome first = train_supernet(session, request_of("first"));
  SupernetRequest other = request_of("first", {{"width", "8"}});
  CHECK_THROWS_WITH_AS(train_supernet(session, other),
                       doctest::Contains("exists with other settings"), Error);
  CHECK(known_supernet(session, "first").row.sha256 == first.supernet.row.sha256);
  other.replace = true;
  const SupernetOutcome replaced = train_supernet(session, other);
  CHECK(replaced.supernet.row.id == first.supernet.row.id);
  CHECK(replaced.supernet.info.parameters > first.supernet.info.parameters);
  CHECK(files() == 1);
  CHECK(session.reader().check().empty());
}

TEST_CASE_FIXTURE(Supernets, "supernets: a training that ends in NaN stores nothing") {
  const SupernetRequest request =
      request_of("hot", {{"learning_rate", "100"}, {"weight_decay", "10"}, {"epochs", "30"}});
  CHECK_THROWS_WITH_AS(train_supernet(session, request),
                       doctest::Contains("supernet 'hot': loss is"), Error);
  CHECK_FALSE(find_supernet(session, "hot").has_value());
  CHECK(files() == 0);
}

TEST_CASE_FIXTURE(Supernets, "supernets: what cannot be one is refused before any training") {
  SupernetRequest request = request_of("a");
  request.space = {"nasbench101", {}};
  CHECK_THROWS_WITH_AS(train_supernet(session, request), doctest::Contains("has no supernet"),
                       Error);
  for (const char* name : {"", "../a", ".a", "a b", "a/b"}) {
    CHECK_THROWS_WITH_AS(train_supernet(session, request_of(name)),
                         doctest::Contains("cannot be the name"), Error);
  }
  request = request_of("a");
  request.teacher_weight = 1;
  CHECK_THROWS_WITH_AS(train_supernet(session, request), doctest::Contains("to start from"), Error);
  CHECK_THROWS_WITH_AS(train_supernet(session, request_of("a", {{"auxiliary_weight", "0.4"}})),
                       doctest::Contains("auxiliary_weight"), Error);
  CHECK(files() == 0);
}

TEST_CASE_FIXTURE(Supernets, "supernets: choices are named by decision, with '*' and near misses") {
  const SearchSpace& space = session.space({"nasbench201", {}});
  const auto choices = parse_choices(space, {"*=nor_conv_3x3,nor_conv_1x1"});
  REQUIRE(choices.size() == 6);
  for (const auto& list : choices) CHECK(list == std::vector<std::uint16_t>{2, 3});
  const std::string& first = space.decisions()[0].name;
  CHECK(parse_choices(space, {first + "=none"})[0] == std::vector<std::uint16_t>{0});
  CHECK(parse_choices(space, {first + "=none"})[1].size() == 5);
  CHECK_THROWS_WITH_AS(parse_choices(space, {"*=nor_conv_3x2"}),
                       doctest::Contains("did you mean 'nor_conv_3x3'"), Error);
  CHECK_THROWS_WITH_AS(parse_choices(space, {first + "x=none"}),
                       doctest::Contains(("did you mean '" + first).c_str()), Error);
  for (const char* text : {"", "*", "*=", "=none"}) {
    CHECK_THROWS_WITH_AS(parse_choices(space, {text}), doctest::Contains("write DECISION="), Error);
  }
}

TEST_CASE_FIXTURE(Supernets, "supernets: one that starts from another names it as its parent") {
  const SupernetOutcome first = train_supernet(session, request_of("first"));
  SupernetRequest next = request_of("next");
  next.from = "none";
  CHECK_THROWS_WITH_AS(train_supernet(session, next), doctest::Contains("supernet 'none'"), Error);
  next.from = "first";
  next.teacher_weight = 1;
  next.choices = {"*=nor_conv_3x3,skip_connect"};
  const SupernetOutcome second = train_supernet(session, next);
  CHECK(second.supernet.info.parent ==
        "supernet=first; sha256=" + first.supernet.row.sha256.substr(0, 16));
  CHECK(second.supernet.info.paths.find("teacher_weight=1") != std::string::npos);
  // What no drawn subnet uses is as it was.
  const auto kernels = [&](const std::string& name, std::int64_t side) {
    std::string bytes;
    const TensorFile read = parse_tensor_file(read_file(file(name + ".safetensors")), name);
    for (const auto& [tensor_name, tensor] : read.tensors) {
      const bool edge = tensor_name.find("/edge_") != std::string::npos;
      if (edge && tensor.shape.size() == 4 && tensor.shape[2] == side) bytes += tensor.bytes;
    }
    REQUIRE(!bytes.empty());
    return bytes;
  };
  CHECK(kernels("first", 1) == kernels("next", 1));
  CHECK(kernels("first", 3) != kernels("next", 3));
  SupernetRequest wide = request_of("wide", {{"width", "8"}});
  wide.from = "first";
  CHECK_THROWS_WITH_AS(train_supernet(session, wide), doctest::Contains("width=8"), Error);
}

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
