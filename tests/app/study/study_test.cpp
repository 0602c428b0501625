#include "app/study/study.h"
#include "app/study/study_owner.h"

#include <doctest/doctest.h>

#include <unistd.h>

#include <algorithm>
#include <limits>

#include "app/reports/report.h"
#include "core/util/error.h"
#include "tests/app/study/study_testing.h"

using namespace nas;
using namespace nas::test;

namespace {

SessionOptions in(const TemporaryDirectory& directory) {
  return {.store = directory.path() / "store.db", .progress = nullptr, .stop = {}};
}

std::int64_t count(const EngineRun& run, TrialState state) {
  return std::count_if(run.trials.begin(), run.trials.end(),
                       [state](const TrialRow& row) { return row.state == state; });
}

std::vector<std::unique_ptr<Evaluator>> training(FakeTraining::Function function) {
  std::vector<std::unique_ptr<Evaluator>> evaluators;
  evaluators.push_back(std::make_unique<FakeTraining>(std::move(function)));
  return evaluators;
}

}  // namespace

TEST_CASE("a study gives the same rows in every run, for 1, 2 and 4 workers") {
  for (const std::int64_t workers : {1, 2, 4}) {
    const StudyConfig config = cheap_config(25, workers);
    const std::vector<std::string> first = lines_of_fresh_run(config);
    REQUIRE(first.size() == 26);
    CHECK(first[0] == "state finished");
    for (int repeat = 0; repeat < 3; ++repeat) CHECK(lines_of_fresh_run(config) == first);
  }
}

TEST_CASE("rows do not depend on how long each trial takes") {
  // A trial's effort is drawn from a counter that runs on over all runs, so every run has another
  // order of finishing.
  std::atomic<std::uint64_t> counter = 0;
  const auto uneven = [&counter](const EvalRequest& request) {
    const std::uint64_t effort = stable_mix(counter++, 5) % 2'000'000;
    volatile std::uint64_t sink = 0;
    for (std::uint64_t i = 0; i < effort; ++i) sink = sink + i;
    return static_cast<double>(request.digest.words[0] % 1000);
  };
  StudyConfig config = cheap_config(30, 3);
  config.objectives = {"accuracy"};
  config.data = "unused";
  std::vector<std::string> first;
  for (int repeat = 0; repeat < 3; ++repeat) {
    const TemporaryDirectory directory;
    Session session(in(directory));
    run_with(session, config, training(uneven));
    const std::vector<std::string> lines = study_lines(session.reader(), config.name);
    if (repeat == 0) first = lines;
    CHECK(lines == first);
  }
}

TEST_CASE("a stopped study is paused and resumes to the rows of the uninterrupted one") {
  for (const std::int64_t workers : {1, 3}) {
    const StudyConfig config = cheap_config(20, workers);
    const std::vector<std::string> expected = lines_of_fresh_run(config);
    const TemporaryDirectory directory;
    StopAfter stop(7);
    Session first(
        {.store = directory.path() / "store.db", .progress = &stop, .stop = stop.token()});
    const StudyReport paused = run_study(first, config);
    CHECK(paused.state == StudyState::kPaused);
    CHECK(paused.stop_reason == StopReason::kRequested);
    CHECK(paused.complete >= 7);
    CHECK(paused.complete < 20);
    Session second(in(directory));
    const StudyReport report = run_study(second, config);  // the same command again
    CHECK(report.state == StudyState::kFinished);
    CHECK(report.replayed == paused.complete);
    CHECK(study_lines(second.reader(), config.name) == expected);
  }
}

TEST_CASE("a finished study says so, and other settings under its name are refused") {
  const TemporaryDirectory directory;
  Session session(in(directory));
  StudyConfig config = cheap_config(5, 1);
  const StudyReport first = run_study(session, config);
  REQUIRE(first.best.has_value());
  const StudyReport again = run_study(session, config);
  CHECK(contains(again.reason, "finished"));
  CHECK(again.replayed == 5);
  CHECK(again.best->number == first.best->number);
  config.seed = 9;
  CHECK(contains(error_of([&] { run_study(session, config); }), "seed: 0 -> 9"));
  CHECK(contains(error_of([&] { resume_study(session, "chep"); }), "did you mean 'cheap'"));
}

TEST_CASE("a study whose replayed proposals differ is refused") {
  const TemporaryDirectory directory;
  Session session(in(directory));
  StudyConfig config = resolve(cheap_config(6, 1));
  StudySpec spec;
  spec.name = config.name;
  spec.space = "nasbench201";
  spec.space_version = session.space(config.space).info().version;
  spec.searcher = "evolution";
  spec.config = to_toml(config);
  spec.budget_trials = 6;
  spec.objectives = {{"params", false}, {"macs", true}};
  const StudyRow row = session.writer().create_study(spec);
  const SearchSpace& space = session.space(config.space);
  const Candidate foreign = identify(space, {"nasbench201", {0, 0, 0, 0, 0, 1}});
  TrialClaim claim;
  claim.study_id = row.id;
  claim.space = "nasbench201";
  claim.text = foreign.text;
  claim.digest = foreign.digest;
  claim.worker = "elsewhere:1:0";
  claim.searcher = "evolution";
  const auto claimed = session.writer().claim(claim);
  REQUIRE(claimed.has_value());
  TrialFinish finish;
  finish.claim = *claimed;
  finish.state = TrialState::kFailed;
  REQUIRE(session.writer().finish(finish));
  const std::string text = error_of([&] { resume_study(session, config.name); });
  CHECK(contains(text, "trial 0 is stored as"));
  CHECK(contains(text, "another name"));
}

TEST_CASE("infeasible trials stop before the costly evaluator and keep their violation") {
  const TemporaryDirectory directory;
  Session session(in(directory));
  StudyConfig config = cheap_config(30, 1);
  config.objectives = {"accuracy"};
  config.constraints = {"params<300k"};
  config.data = "unused";
  auto evaluators = training({});
  const auto* counter = static_cast<const FakeTraining*>(evaluators[0].get());
  // The evaluator lives as long as the run, so its calls are read from the rows instead.
  CHECK(counter->calls() == 0);
  const EngineRun run = run_with(session, config, std::move(evaluators));
  std::int64_t infeasible = 0;
  for (const TrialRow& trial : run.trials) {
    const MetricValues values = to_values(trial.metrics);
    const double params = values.at({"params", ""});
    const bool over = params >= 300e3;
    CHECK((trial.state == TrialState::kInfeasible) == over);
    CHECK(values.contains({"accuracy", ""}) == !over);
    if (!over) continue;
    ++infeasible;
    CHECK(trial.violation == doctest::Approx((params - 300e3) / 300e3));
    CHECK(contains(trial.error, "wanted params < 300000"));
  }
  CHECK(infeasible > 0);
  CHECK(infeasible < 30);
}

TEST_CASE("a constraint that nothing meets ends with the closest architecture") {
  const TemporaryDirectory directory;
  Session session(in(directory));
  StudyConfig config = cheap_config(12, 2);
  config.constraints = {"params<10"};
  const StudyReport report = run_study(session, config);
  CHECK(report.state == StudyState::kInfeasible);
  CHECK_FALSE(report.best.has_value());
  REQUIRE(report.closest.has_value());
  const StudyData study = load_study(session.reader(), config.name);
  for (const TrialRow& trial : study.trials) CHECK(trial.violation >= report.closest->violation);
}

TEST_CASE("failed trials keep their reason and the search continues") {
  const TemporaryDirectory directory;
  Session session(in(directory));
  StudyConfig config = cheap_config(30, 2);
  config.objectives = {"accuracy"};
  config.data = "unused";
  const EngineRun run = run_with(session, config, training([](const EvalRequest& request) {
                                   if (request.digest.words[0] % 3 == 0)
                                     throw Error(ErrorKind::kNumeric, "loss is nan in epoch 3");
                                   if (request.digest.words[0] % 3 == 1)
                                     return std::numeric_limits<double>::quiet_NaN();
                                   return 50.0;
                                 }));
  CHECK(run.trials.size() == 30);
  CHECK(count(run, TrialState::kFailed) > 0);
  CHECK(count(run, TrialState::kComplete) > 0);
  for (const TrialRow& trial : run.trials) {
    if (trial.state != TrialState::kFailed) continue;
    const bool said = trial.error == "loss is nan in epoch 3" || trial.error == "accuracy is nan";
    CHECK(said);
  }
}

TEST_CASE("a study stops with the reason when its first eight trials all fail") {
  const TemporaryDirectory directory;
  Session session(in(directory));
  StudyConfig config = cheap_config(30, 1);
  config.objectives = {"accuracy"};
  config.data = "unused";
  const EngineRun run = run_with(session, config, training([](const EvalRequest&) -> double {
                                   throw Error(ErrorKind::kData, "the images are gone");
                                 }));
  CHECK(run.result.reason == StopReason::kFailures);
  CHECK(run.trials.size() == 8);
  CHECK(contains(run.result.text, "the images are gone"));
}

TEST_CASE("no trial starts once the budget of seconds is spent") {
  const TemporaryDirectory directory;
  Session session(in(directory));
  StudyConfig config = cheap_config(1'000'000, 2);
  config.budget_seconds = 0.3;
  const StudyReport report = run_study(session, config);
  CHECK(report.stop_reason == StopReason::kSeconds);
  CHECK(report.state == StudyState::kFinished);
  CHECK(report.complete >= 1);
  CHECK(report.complete < 100'000);
}

namespace {

/// Proposes three architectures; records what it is told and when.
class ShortSearcher final : public Searcher {
 public:
  void start(const SearchSetup&) override {}
  std::optional<Proposal> ask(std::int64_t number) override {
    tells_at_ask.push_back(tells);
    if (number >= 3) return std::nullopt;
    return Proposal{{"nasbench201", {0, 0, 0, 0, 0, static_cast<std::uint16_t>(number + 1)}},
                    "listed"};
  }
  void tell(const Told& told) override {
    CHECK(told.number == tells);
    ++tells;
  }
  std::int64_t tells = 0;
  std::vector<std::int64_t> tells_at_ask;
};

}  // namespace

TEST_CASE("a searcher with nothing more to propose ends the study") {
  for (const std::int64_t workers : {1, 2}) {
    const TemporaryDirectory directory;
    Session session(in(directory));
    ShortSearcher searcher;
    const EngineRun run = run_with(session, cheap_config(50, workers), {}, &searcher);
    CHECK(run.result.reason == StopReason::kExhausted);
    CHECK(run.trials.size() == 3);
    // Proposal n sees exactly the tells of proposals up to n - workers.
    const std::vector<std::int64_t> expected = workers == 1 ? std::vector<std::int64_t>{0, 1, 2, 3}
                                                            : std::vector<std::int64_t>{0, 0, 1, 2};
    CHECK(searcher.tells_at_ask == expected);
  }
}

TEST_CASE("a study that a living process runs cannot be resumed") {
  const TemporaryDirectory directory;
  Session session(in(directory));
  const StudyConfig config = resolve(cheap_config(6, 1));
  StopAfter stop(2);
  Session first({.store = directory.path() / "store.db", .progress = &stop, .stop = stop.token()});
  run_study(first, config);
  Store& store = session.writer();
  const StudyRow row = find_study_or_throw(store, config.name);
  const Candidate any = identify(session.space(config.space), {"nasbench201", {0, 0, 0, 0, 0, 1}});
  TrialClaim claim;
  claim.study_id = row.id;
  claim.number = 5;
  claim.space = "nasbench201";
  claim.text = any.text;
  claim.digest = any.digest;
  claim.searcher = "evolution";
  // The parent of a test lives as long as the test.
  const std::string own = process_name();
  claim.worker = own.substr(0, own.rfind(':') + 1) + std::to_string(getppid()) + ":0";
  REQUIRE(store.claim(claim).has_value());
  CHECK(contains(error_of([&] { resume_study(session, config.name); }), "is being run by process"));
}

TEST_CASE("the report of a study is one line") {
  StudyReport report;
  report.name = "x";
  report.complete = 3;
  report.reused = 1;
  report.reason = "all 3 trials are done";
  CHECK(report.brief() ==
        "study 'x': 3 complete, 0 infeasible, 0 failed, 1 reused; all 3 trials are done");
}
