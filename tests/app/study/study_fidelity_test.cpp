// Studies whose searchers ask for trainings of several lengths.

#include <doctest/doctest.h>

#include <algorithm>

#include "app/reports/report.h"
#include "tests/app/study/study_testing.h"

using namespace nas;
using namespace nas::test;

namespace {

// Nine-epoch trainings: rungs of 1, 3 and 9 epochs; the first bracket is 9, 3, 1, the second 5, 1.
StudyConfig hyperband(std::int64_t trials, std::int64_t workers) {
  StudyConfig config;
  config.name = "brackets";
  config.space.name = "nasbench201";
  config.searcher = {"hyperband", {}};
  config.data = "glyphs";
  config.objectives = {"maximize accuracy"};
  config.recipe.options = {{"epochs", "9"}};
  config.budget_trials = trials;
  config.workers = workers;
  return config;
}

EngineRun run_in(const std::filesystem::path& store, const StudyConfig& config,
                 const std::string& fidelity = "fake; epochs=9") {
  Session session({.store = store, .progress = nullptr, .stop = {}});
  std::vector<std::unique_ptr<Evaluator>> evaluators;
  evaluators.push_back(std::make_unique<FakeTraining>(FakeTraining::Function{}, fidelity));
  return run_with(session, config, std::move(evaluators));
}

std::string fidelity_of(const TrialRow& trial) {
  for (const MetricValue& metric : trial.metrics) {
    if (metric.name == "accuracy") return metric.fidelity;
  }
  return "";
}

std::vector<std::string> lines(const EngineRun& run) {
  std::vector<std::string> result;
  for (const TrialRow& trial : run.trials) {
    result.push_back(std::to_string(trial.number) + " " + trial.text + " " + trial.reason + " " +
                     fidelity_of(trial));
  }
  return result;
}

}  // namespace

TEST_CASE("a multi-fidelity study stores each trial with the length of its training") {
  const TemporaryDirectory directory;
  const EngineRun run = run_in(directory.path() / "store.db", hyperband(19, 1));
  REQUIRE(run.trials.size() == 19);
  const std::vector<int> expected = {1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 3, 9, 3, 3, 3, 3, 3, 9};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(fidelity_of(run.trials[i]) == "fake; epochs=" + std::to_string(expected[i]));
  }
}

TEST_CASE("a multi-fidelity study resumes where it stopped, with the same rows") {
  for (const std::int64_t workers : {1, 3}) {
    const TemporaryDirectory whole_in, halves_in;
    const EngineRun whole = run_in(whole_in.path() / "store.db", hyperband(40, workers));
    run_in(halves_in.path() / "store.db", hyperband(17, workers));
    const EngineRun rest = run_in(halves_in.path() / "store.db", hyperband(40, workers));
    CHECK(rest.result.replayed == 17);
    CHECK(lines(rest) == lines(whole));
  }
}

TEST_CASE("values of shorter trainings are reused at their own length only") {
  const TemporaryDirectory directory;
  const auto store = directory.path() / "store.db";
  run_in(store, hyperband(13, 1));
  StudyConfig config = hyperband(13, 1);
  config.name = "again";
  const EngineRun again = run_in(store, config);
  for (const TrialRow& trial : again.trials) {
    CHECK_FALSE(trial.reused_from.empty());
    const bool short_one = trial.number < 9;
    CHECK(fidelity_of(trial) == (short_one           ? "fake; epochs=1"
                                 : trial.number < 12 ? "fake; epochs=3"
                                                     : "fake; epochs=9"));
  }
}

TEST_CASE("a stored trial of another length is refused") {
  const TemporaryDirectory directory;
  const auto store = directory.path() / "store.db";
  run_in(store, hyperband(13, 1));
  CHECK(contains(error_of([&] { run_in(store, hyperband(14, 1), "another"); }),
                 "stored with another training than 'another'"));
}

TEST_CASE("the leaderboard is over all lengths and shows them") {
  const TemporaryDirectory directory;
  const auto store = directory.path() / "store.db";
  const EngineRun run = run_in(store, hyperband(30, 1));
  Session session({.store = store, .progress = nullptr, .stop = {}});
  const Table table = leaderboard_table(load_study(session.reader(), "brackets"), "", 0);
  const auto column = std::find_if(table.columns.begin(), table.columns.end(),
                                   [](const Column& c) { return c.name == "epochs"; });
  REQUIRE(column != table.columns.end());
  const auto at = static_cast<std::size_t>(column - table.columns.begin());
  for (const std::vector<Cell>& row : table.rows) {
    const auto trial = static_cast<std::size_t>(std::get<std::int64_t>(row[1]));
    CHECK("fake; epochs=" + std::to_string(std::get<std::int64_t>(row[at])) ==
          fidelity_of(run.trials[trial]));
  }
}
