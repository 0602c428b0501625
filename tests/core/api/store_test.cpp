#include "core/api/store.h"

#include <doctest/doctest.h>

#include <set>

using namespace nas;

TEST_CASE("api: states and sources have names of their own") {
  std::set<std::string> names;
  for (const auto state : {StudyState::kCreated, StudyState::kRunning, StudyState::kPaused,
                           StudyState::kFinished, StudyState::kInfeasible}) {
    names.insert("study " + to_string(state));
  }
  for (const auto state : {TrialState::kRunning, TrialState::kComplete, TrialState::kInfeasible,
                           TrialState::kFailed}) {
    names.insert("trial " + to_string(state));
  }
  for (const auto source :
       {MetricSource::kComputed, MetricSource::kMeasured, MetricSource::kTabular,
        MetricSource::kPredicted, MetricSource::kProxy}) {
    names.insert("source " + to_string(source));
  }
  CHECK(names.size() == 14);
  CHECK(names.contains("trial infeasible"));
  CHECK(names.contains("source tabular"));
  CHECK_THROWS_AS(to_string(static_cast<StudyState>(99)), Error);
}
