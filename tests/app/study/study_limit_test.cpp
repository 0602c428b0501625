#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "app/study/study.h"
#include "app/study/study_check.h"
#include "core/util/interruption.h"
#include "tests/app/study/study_testing.h"

using namespace nas;
using namespace nas::test;

namespace {

SessionOptions in(const TemporaryDirectory& directory) {
  return {.store = directory.path() / "store.db", .progress = nullptr, .stop = {}};
}

std::vector<std::unique_ptr<Evaluator>> training(FakeTraining::Function function) {
  std::vector<std::unique_ptr<Evaluator>> evaluators;
  evaluators.push_back(std::make_unique<FakeTraining>(std::move(function)));
  return evaluators;
}

}  // namespace

TEST_CASE("a trial that reaches its time limit fails with that reason, and the search continues") {
  const TemporaryDirectory directory;
  Session session(in(directory));
  StudyConfig config = cheap_config(6, 2);
  config.objectives = {"accuracy"};
  config.data = "glyphs";
  config.trial_seconds = 0.3;
  // One asks its stop token, one is a network that asks at every node, one asks nobody.
  std::atomic<int> calls = 0;
  const EngineRun run = run_with(session, config, training([&](const EvalRequest& request) {
                                   const int call = calls++;
                                   const auto start = std::chrono::steady_clock::now();
                                   const auto passed = [&](double seconds) {
                                     return std::chrono::steady_clock::now() - start >
                                            std::chrono::duration<double>(seconds);
                                   };
                                   if (call == 0) {
                                     while (!request.stop.stop_requested() && !passed(20)) {
                                     }
                                   }
                                   if (call == 1) {
                                     while (!passed(20)) check_interruption();
                                   }
                                   if (call == 2) {
                                     while (!passed(0.35)) {
                                     }
                                   }
                                   CHECK_FALSE(passed(10));
                                   return 50.0;
                                 }));
  REQUIRE(run.trials.size() == 6);
  int failed = 0;
  for (const TrialRow& trial : run.trials) {
    if (trial.state != TrialState::kFailed) continue;
    ++failed;
    CHECK(contains(trial.error, "longer than its limit of 0.3 s"));
  }
  CHECK(failed == 3);
}

TEST_CASE("the time limit is part of the study") {
  StudyConfig config = cheap_config(5, 1);
  config.trial_seconds = 2.5;
  CHECK(contains(to_toml(resolve(config)), "trial_seconds = 2.5"));
  CHECK(parse_study_config(to_toml(config), "x") == config);
  config.trial_seconds = -1;
  CHECK(contains(error_of([&] { resolve(config); }), "trial seconds = -1"));
}

TEST_CASE("interruption scopes nest and end with their block") {
  std::stop_source outer, inner;
  CHECK_NOTHROW(check_interruption());
  {
    const InterruptionScope a(outer.get_token());
    {
      const InterruptionScope b(inner.get_token());
      CHECK_NOTHROW(check_interruption());
      inner.request_stop();
      CHECK_THROWS_AS(check_interruption(), Interrupted);
    }
    CHECK_NOTHROW(check_interruption());
    outer.request_stop();
    CHECK_THROWS_AS(check_interruption(), Interrupted);
  }
  CHECK_NOTHROW(check_interruption());
}

TEST_CASE("what every trial would fail by is refused before anything is stored") {
  const TemporaryDirectory directory;
  Session session(in(directory));
  const auto refusal = [&](const std::function<void(StudyConfig&)>& change) {
    StudyConfig config = cheap_config(5, 1);
    config.data = "glyphs";
    config.train_winner = false;
    change(config);
    const std::string error = error_of([&] { run_study(session, config); });
    CHECK_FALSE(session.store_exists());
    return error;
  };
  CHECK(contains(refusal([](StudyConfig& config) {
                   config.objectives = {"accuracy"};
                   config.recipe.options["validation_fraction"] = "0";
                 }),
                 "validation_fraction"));
  CHECK(contains(refusal([](StudyConfig& config) {
                   config.final_recipe.options["skeleton"] = "no_such_skeleton";
                 }),
                 "can be built"));
  CHECK(contains(refusal([](StudyConfig& config) {
                   config.objectives = {"accuracy"};
                   config.recipe.options["skeleton"] = "no_such_skeleton";
                   config.final_recipe.options["skeleton"] = "";
                 }),
                 "no_such_skeleton"));
  CHECK(contains(refusal([](StudyConfig& config) { config.data = "cifar10:/no/such/place"; }),
                 "/no/such/place"));
  CHECK(contains(refusal([&](StudyConfig& config) {
                   config.train_winner = true;
                   std::filesystem::create_directories(directory.path());
                   write_file_atomically(directory.path() / "models", "a file in the way");
                 }),
                 "models"));
}

TEST_CASE("a budget of seconds counts the trials before an interruption") {
  const TemporaryDirectory directory;
  Session session(in(directory));
  StudyConfig config = cheap_config(5, 1);
  config.objectives = {"accuracy"};
  config.data = "glyphs";
  config.budget_seconds = 0.4;
  const auto slow = [](const EvalRequest&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(40));
    return 50.0;
  };
  REQUIRE(run_with(session, config, training(slow)).trials.size() == 5);
  config.budget_trials = 1000;
  const EngineRun resumed = run_with(session, config, training(slow));
  CHECK(resumed.result.reason == StopReason::kSeconds);
  double before_last = 0;
  for (const TrialRow& trial : resumed.trials) {
    if (trial.number + 1 < static_cast<std::int64_t>(resumed.trials.size())) {
      before_last += trial.seconds;
    }
  }
  CHECK(before_last < config.budget_seconds);
}
