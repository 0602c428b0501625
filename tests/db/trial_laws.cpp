#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/util/error.h"
#include "tests/db/sample_rows.h"
#include "tests/db/store_conformance.h"

namespace nas::test {

namespace {

void trials_come_back_as_given(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("s"));
  const TrialClaim claim = sample_claim(study.id, 0);
  TrialFinish finish = sample_finish(store.claim(claim).value(), 91.25);
  finish.metrics.push_back(sample_metric("params", 1000));
  finish.metrics.back().source = MetricSource::kComputed;
  finish.metrics.push_back(sample_metric("latency_ms", 0.1));
  finish.curve = {{0, "train_loss", 2.5}, {0, "accuracy", 10}, {1, "train_loss", 2.25}};
  finish.reused_from = "trial 3 (equal digest)";
  finish.violation = 0.5;
  REQUIRE(store.finish(finish));

  const std::vector<TrialRow> trials = store.trials(study.id);
  REQUIRE(trials.size() == 1);
  const TrialRow& trial = trials[0];
  CHECK(trial.id == finish.claim.trial_id);
  CHECK(trial.architecture_id == finish.claim.architecture_id);
  CHECK(trial.number == 0);
  CHECK(trial.text == claim.text);
  CHECK(trial.digest == claim.digest);
  CHECK(trial.state == TrialState::kComplete);
  CHECK(trial.worker == claim.worker);
  CHECK(trial.reason == claim.reason);
  CHECK(trial.reused_from == finish.reused_from);
  CHECK(trial.violation == 0.5);
  CHECK(trial.seconds == 1.5);
  REQUIRE(trial.metrics.size() == 3);
  CHECK(trial.metrics[0].name == "accuracy");
  CHECK(trial.metrics[0].value == 91.25);
  CHECK(trial.metrics[0].fidelity == "data=glyphs,epochs=1");
  CHECK_FALSE(trial.metrics[0].device.has_value());
  CHECK(trial.metrics[1].source == MetricSource::kComputed);
  CHECK(trial.metrics[2].value == 0.1);
  REQUIRE(trial.metrics[2].device.has_value());
  CHECK(trial.metrics[2].device->name == "host");
  CHECK(trial.metrics[2].device->kind == "cpu");
  CHECK(trial.metrics[2].device->settings == host_device().settings);

  const std::vector<CurvePoint> curve = store.curve(trial.id);
  REQUIRE(curve.size() == 3);
  CHECK(curve[2].epoch == 1);
  CHECK(curve[2].name == "train_loss");
  CHECK(curve[2].value == 2.25);
}

void values_that_are_not_finite_are_kept(Backend& backend) {
  Store& store = *backend.store;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const StudyRow study = store.create_study(sample_study("s"));
  TrialFinish finish = sample_finish(store.claim(sample_claim(study.id, 0)).value(), std::nan(""));
  finish.metrics.push_back(sample_metric("up", kInfinity));
  finish.metrics.push_back(sample_metric("down", -kInfinity));
  finish.metrics.push_back(sample_metric("tiny", 5e-324));
  finish.curve = {{0, "train_loss", std::nan("")}, {1, "train_loss", kInfinity}};
  finish.violation = std::nan("");
  REQUIRE(store.finish(finish));

  const TrialRow trial = store.trials(study.id).at(0);
  REQUIRE(trial.metrics.size() == 4);
  CHECK(std::isnan(trial.metrics[0].value));
  CHECK(trial.metrics[1].value == kInfinity);
  CHECK(trial.metrics[2].value == -kInfinity);
  CHECK(trial.metrics[3].value == 5e-324);
  CHECK(std::isnan(trial.violation));
  CHECK(std::isnan(store.curve(trial.id).at(0).value));
  CHECK(store.curve(trial.id).at(1).value == kInfinity);
  for (const char* metric : {"accuracy", "up", "down"}) {
    CHECK(store.leaderboard(study.id, {metric, true}, 10).empty());
  }
}

void trials_are_listed_by_number_and_counted_by_state(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("s"));
  const StudyRow other = store.create_study(sample_study("other"));
  complete_trial(store, other.id, 0, 50);
  const std::vector<TrialState> states = {TrialState::kFailed,     TrialState::kComplete,
                                          TrialState::kInfeasible, TrialState::kComplete,
                                          TrialState::kComplete,   TrialState::kFailed};
  for (const std::int64_t number : {5, 3, 4, 0, 1, 2}) {
    TrialFinish finish = sample_finish(store.claim(sample_claim(study.id, number)).value(), 90);
    finish.state = states[static_cast<std::size_t>(number)];
    finish.error = finish.state == TrialState::kComplete ? "" : "why";
    REQUIRE(store.finish(finish));
  }
  REQUIRE(store.claim(sample_claim(study.id, 6)).has_value());

  const std::vector<TrialRow> trials = store.trials(study.id);
  REQUIRE(trials.size() == 7);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(trials[i].number == static_cast<std::int64_t>(i));
    CHECK(trials[i].state == states[i]);
    CHECK(trials[i].error == (states[i] == TrialState::kComplete ? "" : "why"));
  }
  CHECK(trials[6].state == TrialState::kRunning);
  const StudyRow row = store.find_study("s").value();
  CHECK(row.trials_complete == 3);
  CHECK(row.trials_infeasible == 1);
  CHECK(row.trials_failed == 2);
  CHECK(row.trials_running == 1);
}

void a_number_is_claimed_once(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("s"));
  const ClaimedTrial claim = store.claim(sample_claim(study.id, 0)).value();
  CHECK_FALSE(store.claim(sample_claim(study.id, 0)).has_value());
  REQUIRE(store.finish(sample_finish(claim, 90)));
  backend.advance_clock(3600);
  CHECK_FALSE(store.claim(sample_claim(study.id, 0)).has_value());
  CHECK(store.trials(study.id).size() == 1);
  CHECK_THROWS_WITH_AS(store.claim(sample_claim(999, 0)), doctest::Contains("no study"), Error);
}

void equal_architectures_are_stored_once(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("s"));
  TrialClaim again = sample_claim(study.id, 1);
  const ClaimedTrial first = store.claim(sample_claim(study.id, 0)).value();
  again.text = sample_claim(study.id, 0).text;
  again.digest = sample_claim(study.id, 0).digest;
  CHECK(store.claim(again).value().architecture_id == first.architecture_id);
  again.number = 2;
  again.text = "another text of equal digest";
  CHECK(store.claim(again).value().architecture_id != first.architecture_id);
}

void a_passed_lease_is_taken_over_and_fenced(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("s"));
  const ClaimedTrial late = store.claim(sample_claim(study.id, 0)).value();
  backend.advance_clock(59);
  CHECK_FALSE(store.claim(sample_claim(study.id, 0)).has_value());
  backend.advance_clock(2);
  TrialClaim next = sample_claim(study.id, 0);
  next.worker = "host:2:0";
  next.reason = "again";
  const ClaimedTrial claim = store.claim(next).value();
  CHECK(claim.trial_id == late.trial_id);
  CHECK(claim.token > late.token);

  // The late worker wakes up: whatever it does has no effect and is logged.
  CHECK_FALSE(store.renew(late, 60));
  CHECK_FALSE(store.finish(sample_finish(late, 1)));
  CHECK(store.trials(study.id).at(0).state == TrialState::kRunning);
  REQUIRE(store.finish(sample_finish(claim, 90)));
  CHECK_FALSE(store.finish(sample_finish(late, 2)));

  const TrialRow trial = store.trials(study.id).at(0);
  CHECK(trial.worker == "host:2:0");
  CHECK(trial.reason == "again");
  REQUIRE(trial.metrics.size() == 1);
  CHECK(trial.metrics[0].value == 90);
  const std::vector<EventRow> events = store.events(study.id, 10);
  REQUIRE(events.size() == 3);
  CHECK(events[0].kind == "late_finish");
  CHECK(events[1].kind == "late_finish");
  CHECK(events[2].kind == "takeover");
  CHECK(events[2].trial_id == trial.id);
}

void a_finished_trial_never_changes(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("s"));
  const ClaimedTrial claim = complete_trial(store, study.id, 0, 90);
  CHECK_FALSE(store.finish(sample_finish(claim, 91)));
  CHECK_FALSE(store.renew(claim, 60));
  CHECK(store.trials(study.id).at(0).metrics.size() == 1);
  CHECK(store.trials(study.id).at(0).metrics.at(0).value == 90);
  CHECK_FALSE(store.finish(sample_finish({.trial_id = 999, .architecture_id = 1, .token = 1}, 1)));
}

void renewing_keeps_a_claim(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("s"));
  const ClaimedTrial claim = store.claim(sample_claim(study.id, 0)).value();
  for (int i = 0; i < 5; ++i) {
    backend.advance_clock(50);
    CHECK(store.renew(claim, 60));
    CHECK_FALSE(store.claim(sample_claim(study.id, 0)).has_value());
  }
  backend.advance_clock(61);
  // Passed, but nobody took it: the worker may go on.
  CHECK(store.renew(claim, 60));
  CHECK(store.finish(sample_finish(claim, 90)));
  CHECK_THROWS_WITH_AS(store.renew(claim, -1), doctest::Contains("must be 0 or more"), Error);
}

void reclaiming_frees_the_trials_of_a_dead_worker(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("s"));
  const std::vector<std::string> workers = {"host:12:0", "host:12:1", "host:123:0", "host:12",
                                            "other:12:0"};
  for (std::size_t i = 0; i < workers.size(); ++i) {
    TrialClaim claim = sample_claim(study.id, static_cast<std::int64_t>(i));
    claim.worker = workers[i];
    claim.lease_seconds = i == 4 ? 0 : 60;
    REQUIRE(store.claim(claim).has_value());
  }
  CHECK(store.reclaim(study.id, "") == 1);  // number 4: its lease has passed
  CHECK(store.reclaim(study.id, "host:12") == 3);
  CHECK(store.reclaim(study.id, "host:12") == 0);
  CHECK(store.events(study.id, 10).size() == 4);
  CHECK_FALSE(store.claim(sample_claim(study.id, 2)).has_value());
  for (const std::int64_t number : {0, 1, 3, 4})
    CHECK(store.claim(sample_claim(study.id, number)).has_value());
}

void a_failed_finish_leaves_nothing(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("s"));
  TrialFinish finish = sample_finish(store.claim(sample_claim(study.id, 0)).value(), 90);
  finish.metrics.push_back(sample_metric("", 1));  // a metric needs a name
  CHECK_THROWS_AS(store.finish(finish), Error);
  CHECK(store.trials(study.id).at(0).state == TrialState::kRunning);
  CHECK(store.leaderboard(study.id, {"accuracy", true}, 10).empty());
  finish.metrics.pop_back();
  CHECK(store.finish(finish));
  CHECK(store.trials(study.id).at(0).metrics.size() == 1);
  CHECK(store.check().empty());
}

void text_of_any_kind_survives(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("s"));
  const std::string odd =
      "'; DROP TABLE trial; -- \"\n\t\x1b[31m {} % ? \xf0\x9f\x98\x80" + std::string(100'000, 'x');
  TrialClaim claim = sample_claim(study.id, 0);
  claim.text = claim.reason = odd;
  TrialFinish finish = sample_finish(store.claim(claim).value(), 90);
  finish.error = odd;
  finish.metrics[0].name = finish.metrics[0].fidelity = odd;
  finish.state = TrialState::kFailed;
  REQUIRE(store.finish(finish));
  const TrialRow trial = store.trials(study.id).at(0);
  CHECK(trial.text == odd);
  CHECK(trial.reason == odd);
  CHECK(trial.error == odd);
  CHECK(trial.metrics.at(0).name == odd);
  CHECK(trial.metrics.at(0).fidelity == odd);
}

}  // namespace

void check_trial_laws(const MakeBackend& make) {
  for (const Law law : {trials_come_back_as_given, values_that_are_not_finite_are_kept,
                        trials_are_listed_by_number_and_counted_by_state, a_number_is_claimed_once,
                        equal_architectures_are_stored_once,
                        a_passed_lease_is_taken_over_and_fenced, a_finished_trial_never_changes,
                        renewing_keeps_a_claim, reclaiming_frees_the_trials_of_a_dead_worker,
                        a_failed_finish_leaves_nothing, text_of_any_kind_survives}) {
    Backend backend = make();
    law(backend);
  }
}

}  // namespace nas::test
