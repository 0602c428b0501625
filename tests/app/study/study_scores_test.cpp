#include "app/study/study_scores.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <stop_token>

#include "predictors/zerocost/engine.h"
#include "tests/app/study/study_testing.h"

using namespace nas;
using nas::test::contains;
using nas::test::error_of;

namespace {

/// Stops the session at a step of the scoring, and counts what was scored.
class StopAt final : public ProgressSink {
 public:
  explicit StopAt(std::int64_t step) : step_(step) {}
  std::stop_token token() const { return source_.get_token(); }
  std::int64_t scored() const { return scored_; }

  void begin(std::string_view task, std::int64_t total) override {
    scoring_ = task == "scoring networks";
    if (scoring_) scored_ += total;
  }
  void update(std::int64_t done, std::string_view) override {
    if (scoring_ && done >= step_) source_.request_stop();
  }
  void end() override { scoring_ = false; }
  void message(std::string_view) override {}

 private:
  std::int64_t step_;
  std::stop_source source_;
  bool scoring_ = false;
  std::int64_t scored_ = 0;
};

// RoBoT on a small pool, judged by what needs no training.
StudyConfig robot_config(const std::string& proxies) {
  StudyConfig config = test::cheap_config(4, 1);
  config.name = "robot";
  config.searcher = {"robot", {{"pool", "10"}, {"proxies", proxies}, {"points", "50"}}};
  config.scores.batch = 2;
  return config;
}

StudyConfig diswot_config() {
  StudyConfig config = test::cheap_config(3, 1);
  config.space = {"cifar_resnet", {}};
  config.objectives = {"maximize diswot"};
  config.constraints = {"macs<60e6"};
  config.scores.proxies = {"diswot:teacher=resnet8"};
  config.scores.batch = 4;
  return config;
}

}  // namespace

TEST_CASE("a study stopped while its pool is scored resumes from the stored scores") {
  const StudyConfig config = robot_config("synflow+params");
  const std::vector<std::string> whole = test::lines_of_fresh_run(config);
  CHECK(whole.size() == 5);  // the state and four trials
  const TemporaryDirectory directory;
  const std::filesystem::path store = directory.path() / "s.db";
  constexpr std::int64_t kStop = 4, kNever = 1000;
  StopAt first(kStop), second(kNever), third(kNever);
  {
    Session session({store, &first, first.token()});
    CHECK(run_study(session, config).state == StudyState::kPaused);
  }
  CHECK(first.scored() == 10);
  {
    Session session({store, &second, second.token()});
    CHECK(run_study(session, config).state == StudyState::kFinished);
    CHECK(test::study_lines(session.reader(), "robot") == whole);
  }
  CHECK(second.scored() >= 1);
  CHECK(second.scored() <= 10 - kStop);
  // Another study of the same settings scores nothing.
  StudyConfig other = config;
  other.name = "again";
  Session session({store, &third, third.token()});
  run_study(session, other);
  CHECK(third.scored() == 0);
  CHECK(test::study_lines(session.reader(), "again") == whole);
}

TEST_CASE("scores do not depend on the number of threads, and other settings are other scores") {
  const std::vector<std::string> names = {"synflow", "params"};
  const auto scores = [&names](std::int64_t workers, std::uint64_t seed) {
    const TemporaryDirectory directory;
    Session session({.store = directory.path() / "s.db"});
    StudyConfig config = robot_config("");
    config.workers = workers;
    config.seed = seed;
    config = resolve(config);
    const StudyScores source(session, config, StudyScores::Mode::kCompute);
    const SearchSpace& space = session.space(config.space);
    Rng rng({5, 0, 0, Purpose::kTest});
    std::vector<Architecture> pool;
    for (int i = 0; i < 4; ++i) pool.push_back(sample(space, rng));
    pool.push_back(pool[0]);
    return source.scores(pool, names);
  };
  const std::vector<double> one = scores(1, 0);
  CHECK(one.size() == 10);
  CHECK(one == scores(2, 0));
  CHECK(one[8] == one[0]);
  const std::vector<double> other = scores(1, 1);
  CHECK(one[1] == other[1]);  // parameters
  CHECK(one != other);
}

TEST_CASE("what cannot be scored is said before the study is stored") {
  const TemporaryDirectory directory;
  Session session({.store = directory.path() / "s.db"});
  CHECK(contains(error_of([&] { run_study(session, robot_config("synflo")); }),
                 "did you mean 'synflow'"));
  StudyConfig config = robot_config("synflow");
  config.scores.data = "glyfs";
  CHECK_FALSE(error_of([&] { run_study(session, config); }).empty());
  CHECK(session.writer().studies().empty());
}

TEST_CASE("options of a proxy reach the metric and stand in the configuration") {
  const StudyConfig resolved = resolve(diswot_config());
  CHECK(resolved.scores.data == "noise");
  CHECK(contains(to_toml(resolved), "proxies = [\"diswot:init=normal,teacher=resnet8\"]"));
  const auto best = [](const StudyConfig& config) {
    const TemporaryDirectory directory;
    Session session({.store = directory.path() / "s.db"});
    const StudyReport report = run_study(session, config);
    CHECK(report.complete + report.infeasible == 3);
    REQUIRE(report.best.has_value());
    return report.best->values.at({"diswot", ""});
  };
  StudyConfig other = diswot_config();
  other.scores.proxies = {"diswot:teacher=resnet8,init=kaiming"};
  CHECK(best(diswot_config()) != best(other));
}

TEST_CASE("a proxy is an objective like any other: the best trial has the largest score") {
  StudyConfig config = test::cheap_config(6, 2);
  config.objectives = {"maximize synflow"};
  const TemporaryDirectory directory;
  Session session({.store = directory.path() / "s.db"});
  const StudyReport report = run_study(session, config);
  CHECK(report.complete == 6);
  REQUIRE(report.best.has_value());
  const SearchSpace& space = session.space(config.space);
  const ProxyEngine engine(parse_proxies("synflow"), {}, nullptr);
  double largest = 0;
  const StudyRow study = find_study_or_throw(session.reader(), "cheap");
  for (const TrialRow& trial : session.reader().trials(study.id)) {
    const auto found =
        std::find_if(trial.metrics.begin(), trial.metrics.end(),
                     [](const MetricValue& metric) { return metric.name == "synflow"; });
    REQUIRE(found != trial.metrics.end());
    const MetricValue& synflow = *found;
    CHECK(synflow.source == MetricSource::kProxy);
    CHECK(synflow.fidelity.starts_with("untrained:data=noise"));
    const ArchGraph graph = space.build(space.parse(trial.text), space.info().default_task);
    CHECK(synflow.value == doctest::Approx(engine.score(graph).front().value).epsilon(1e-9));
    largest = std::max(largest, synflow.value);
  }
  CHECK(report.best->values.at({"synflow", ""}) == largest);
  CHECK(largest > 1e20);  // a sum over all paths: float would overflow
}

TEST_CASE("settings of scores: an older file has none, and mistakes are named") {
  StudyConfig config = parse_study_config(
      "data = 'glyphs'\nobjectives = ['synflow']\n[space]\nname = 'nasbench201'\n", "old");
  CHECK(resolve(config).scores.data == "glyphs");  // as such studies always were scored
  config.objectives = {"accuracy"};
  CHECK(resolve(config).scores.data == "noise");
  CHECK(resolve(config).scores.batch == 64);
  config.scores.proxies = {"synflow", "synflow"};
  CHECK(contains(error_of([&] { resolve(config); }), "proxy 'synflow' is named twice"));
  const auto parsed = [](const char* text) {
    return error_of([text] { parse_study_config(text, "study.toml"); });
  };
  CHECK(contains(parsed("[scores]\nproxies = ['diswt']\n"), "did you mean 'diswot'"));
  CHECK(parsed("[scores]\n\nbach = 3\n").starts_with("study.toml:3: "));
}
