#include <doctest/doctest.h>

#include <map>
#include <set>

#include "tests/app/study/study_testing.h"

using namespace nas;
using namespace nas::test;

namespace {

StudyConfig repeating(std::int64_t trials, std::int64_t workers) {
  StudyConfig config = cheap_config(trials, workers);
  config.objectives = {"accuracy"};
  config.data = "unused";
  return config;
}

EngineRun run_in(const std::filesystem::path& store, const StudyConfig& config, int* calls) {
  Session session({.store = store, .progress = nullptr, .stop = {}});
  auto counted = std::make_unique<FakeTraining>([calls](const EvalRequest& request) {
    ++*calls;
    return static_cast<double>(request.digest.words[0] % 1000) / 10;
  });
  std::vector<std::unique_ptr<Evaluator>> evaluators;
  evaluators.push_back(std::move(counted));
  return run_with(session, config, std::move(evaluators));
}

}  // namespace

TEST_CASE("an equal architecture is evaluated once and says where its value comes from") {
  const TemporaryDirectory directory;
  int calls = 0;
  const EngineRun run = run_in(directory.path() / "store.db", repeating(60, 1), &calls);
  std::map<Digest, const TrialRow*> first;
  int repeats = 0;
  for (const TrialRow& trial : run.trials) {
    const auto [at, fresh] = first.emplace(trial.digest, &trial);
    if (fresh) {
      CHECK(trial.reused_from.empty());
      continue;
    }
    ++repeats;
    CHECK(trial.reused_from == "trial " + std::to_string(at->second->number) + " (equal digest)");
    CHECK(to_values(trial.metrics).at({"accuracy", ""}) ==
          to_values(at->second->metrics).at({"accuracy", ""}));
    // Costs are of the architecture itself: dead nodes count in the published numbers.
    CHECK(to_values(trial.metrics).contains({"params", ""}));
  }
  CHECK(repeats > 0);
  CHECK(calls == static_cast<int>(first.size()));
}

TEST_CASE("with several workers only what was told is reused") {
  const TemporaryDirectory directory;
  int calls = 0;
  const std::int64_t workers = 4;
  StudyConfig config = repeating(60, workers);
  const EngineRun run = run_in(directory.path() / "store.db", config, &calls);
  for (const TrialRow& trial : run.trials) {
    if (trial.reused_from.empty()) continue;
    const std::int64_t source = std::stoll(trial.reused_from.substr(6));
    CHECK(source <= trial.number - workers);
  }
}

TEST_CASE("a later study takes values of equal architectures from an earlier one") {
  const TemporaryDirectory directory;
  const auto store = directory.path() / "store.db";
  int calls = 0;
  StudyConfig config = repeating(15, 1);
  const EngineRun first = run_in(store, config, &calls);
  const int once = calls;
  config.name = "second";
  const EngineRun second = run_in(store, config, &calls);
  CHECK(calls == once);
  REQUIRE(first.trials.size() == second.trials.size());
  bool from_first = false;
  for (std::size_t i = 0; i < first.trials.size(); ++i) {
    CHECK(first.trials[i].text == second.trials[i].text);
    CHECK(to_values(first.trials[i].metrics) == to_values(second.trials[i].metrics));
    from_first = from_first || contains(second.trials[i].reused_from, "study 'cheap', trial ");
  }
  CHECK(from_first);
}
