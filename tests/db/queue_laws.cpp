#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/api/study_editor.h"
#include "core/api/study_leads.h"
#include "core/api/trial_queue.h"
#include "core/util/error.h"
#include "tests/db/queue_samples.h"
#include "tests/db/sample_rows.h"
#include "tests/db/store_conformance.h"

namespace nas::test {

namespace {

using Numbers = std::vector<std::int64_t>;

/// A study that somebody leads.
struct Led {
  explicit Led(Store& store, const std::string& name = "s")
      : study(store.create_study(sample_study(name))),
        lead(study_leads(store).lead({.study_id = study.id, .who = "host:1"}).value()) {}
  StudyRow study;
  Lead lead;
};

std::vector<TakenTrial> take(Store& store, std::int64_t study_id, std::int64_t limit,
                             const std::string& worker = "host:2:0") {
  return trial_queue(store).take({.study_id = study_id, .worker = worker, .limit = limit});
}

Numbers numbers_of(const std::vector<TakenTrial>& trials) {
  Numbers numbers;
  for (const TakenTrial& trial : trials) numbers.push_back(trial.number);
  return numbers;
}

std::vector<TrialFinish> finishes(const std::vector<TakenTrial>& trials) {
  std::vector<TrialFinish> result;
  for (const TakenTrial& trial : trials) {
    result.push_back(sample_finish(trial.claim, 50 + static_cast<double>(trial.number)));
  }
  return result;
}

void trials_are_handed_out_once_lowest_numbers_first(Backend& backend) {
  Store& store = *backend.store;
  const Led led(store);
  REQUIRE(trial_queue(store).enqueue(led.lead, queued_study(), proposals(3, 3)));
  REQUIRE(trial_queue(store).enqueue(led.lead, queued_study(), proposals(0, 3)));
  const auto first = take(store, led.study.id, 2);
  CHECK(numbers_of(first) == Numbers{0, 1});
  CHECK(first[1].text == sample_claim(1, 1).text);
  CHECK(first[1].digest == sample_claim(1, 1).digest);
  CHECK(first[1].epochs == 1);
  CHECK_FALSE(first[1].again);
  CHECK(numbers_of(take(store, led.study.id, 10, "host:3:0")) == Numbers{2, 3, 4, 5});
  CHECK(take(store, led.study.id, 10).empty());

  const std::vector<TrialRow> trials = store.trials(led.study.id);
  REQUIRE(trials.size() == 6);
  CHECK(trials[1].id == first[1].claim.trial_id);
  CHECK(trials[1].architecture_id == first[1].claim.architecture_id);
  CHECK(trials[1].state == TrialState::kRunning);
  CHECK(trials[1].worker == "host:2:0");
  CHECK(trials[1].reason == "sample 1");
  CHECK(trials[1].network == queued_study().network);
  CHECK(trials[5].worker == "host:3:0");
  // To the rest of the store it is a claim like any other.
  CHECK_FALSE(store.claim(sample_claim(led.study.id, 0)).has_value());
  CHECK(store.renew(first[0].claim, 60));
}

void a_batch_is_finished_whole(Backend& backend) {
  Store& store = *backend.store;
  const Led led(store);
  REQUIRE(trial_queue(store).enqueue(led.lead, queued_study(), proposals(0, 4)));
  const auto taken = take(store, led.study.id, 4);
  std::vector<TrialFinish> results = finishes(taken);
  results[2].metrics.push_back(sample_metric("", 1));  // a metric needs a name
  CHECK_THROWS_AS(trial_queue(store).finish_all(results), Error);
  CHECK(store.find_study("s").value().trials_running == 4);
  results[2].metrics.pop_back();
  CHECK(trial_queue(store).finish_all(results) == std::vector<bool>(4, true));
  CHECK(store.find_study("s").value().trials_complete == 4);
  CHECK(trial_queue(store).backlog().empty());
  // Each is finished once, and waits no more.
  CHECK(trial_queue(store).finish_all(results) == std::vector<bool>(4, false));
  REQUIRE(trial_queue(store).enqueue(led.lead, queued_study(), proposals(0, 5)));
  CHECK(numbers_of(take(store, led.study.id, 9)) == Numbers{4});
  CHECK(store.check().empty());
}

void what_is_finished_and_what_comes_next_are_one_call(Backend& backend) {
  Store& store = *backend.store;
  const Led led(store);
  TrialQueue& queue = trial_queue(store);
  REQUIRE(queue.enqueue(led.lead, queued_study(), proposals(0, 5)));
  const TakeRequest two{.study_id = led.study.id, .worker = "host:2:0", .limit = 2};
  const TrialTurn first = queue.finish_and_take({}, two);
  CHECK(first.stored.empty());
  CHECK(numbers_of(first.taken) == Numbers{0, 1});
  std::vector<TrialFinish> results = finishes(first.taken);
  results[1].metrics.push_back(sample_metric("", 1));  // a metric needs a name
  CHECK_THROWS_AS(queue.finish_and_take(results, two), Error);
  CHECK(store.find_study("s").value().trials_running == 2);  // nothing was taken either
  results[1].metrics.pop_back();
  const TrialTurn second = queue.finish_and_take(results, two);
  CHECK(second.stored == std::vector<bool>{true, true});
  CHECK(numbers_of(second.taken) == Numbers{2, 3});
  // A result that comes too late is refused, and what comes next is taken all the same.
  results.push_back(finishes(second.taken)[0]);
  const TrialTurn third = queue.finish_and_take(results, two);
  CHECK(third.stored == std::vector<bool>{false, false, true});
  CHECK(numbers_of(third.taken) == Numbers{4});
  CHECK(store.events(led.study.id, 1).at(0).kind == "late_finish");
  results = finishes(third.taken);
  results.push_back(finishes(second.taken)[1]);
  CHECK(queue.finish_and_take(results, two).taken.empty());
  CHECK(store.find_study("s").value().trials_complete == 5);
  CHECK(store.trials(led.study.id).at(3).metrics.at(0).value == 53);
  CHECK(store.check().empty());
}

void a_passed_lease_goes_to_the_next_worker(Backend& backend) {
  Store& store = *backend.store;
  const Led led(store);
  REQUIRE(trial_queue(store).enqueue(led.lead, queued_study(), proposals(0, 4)));
  const auto late = take(store, led.study.id, 2);
  backend.advance_clock(59);
  CHECK(numbers_of(take(store, led.study.id, 1, "host:3:0")) == Numbers{2});
  backend.advance_clock(2);
  const auto next = take(store, led.study.id, 3, "host:4:0");
  CHECK(numbers_of(next) == Numbers{0, 1, 3});
  CHECK(next[0].again);
  CHECK_FALSE(next[2].again);
  CHECK(next[0].claim.trial_id == late[0].claim.trial_id);
  CHECK(next[0].claim.token > late[0].claim.token);
  CHECK(store.trials(led.study.id).at(0).reason == "sample 0");
  CHECK(store.events(led.study.id, 1).at(0).kind == "takeover");

  auto results = finishes(late);
  results.push_back(finishes(next)[2]);
  CHECK(trial_queue(store).finish_all(results) == std::vector<bool>{false, false, true});
  CHECK(store.events(led.study.id, 1).at(0).kind == "late_finish");
  CHECK(trial_queue(store).release({&late[0].claim, 1}, "late") == 0);
  CHECK(trial_queue(store).finish_all(finishes(next)) == std::vector<bool>{true, true, false});
  CHECK(store.trials(led.study.id).at(0).worker == "host:4:0");
}

void a_released_trial_waits_again_at_once(Backend& backend) {
  Store& store = *backend.store;
  const Led led(store);
  REQUIRE(trial_queue(store).enqueue(led.lead, queued_study(), proposals(0, 2)));
  const auto taken = take(store, led.study.id, 1);
  CHECK(trial_queue(store).release({&taken[0].claim, 1}, "the time limit is near") == 1);
  CHECK(store.events(led.study.id, 1).at(0).kind == "release");
  CHECK(store.events(led.study.id, 1).at(0).text.find("time limit") != std::string::npos);
  CHECK_FALSE(store.renew(taken[0].claim, 60));  // a renewal that comes late undoes nothing
  const auto again = take(store, led.study.id, 2);
  CHECK(numbers_of(again) == Numbers{0, 1});
  CHECK(again[0].again);
  CHECK_FALSE(store.finish(sample_finish(taken[0].claim, 1)));
}

void a_trial_that_ends_its_workers_fails(Backend& backend) {
  Store& store = *backend.store;
  const Led led(store);
  REQUIRE(trial_queue(store).enqueue(led.lead, queued_study(), proposals(0, 2)));
  // Handed on by one that lives, which is not counted.
  const auto released = take(store, led.study.id, 1);
  REQUIRE(trial_queue(store).release({&released[0].claim, 1}, "the time limit is near") == 1);
  for (int ended = 0; ended < 5; ++ended) {
    CHECK(numbers_of(take(store, led.study.id, 1)) == Numbers{0});
    backend.advance_clock(61);
  }
  CHECK(numbers_of(take(store, led.study.id, 2)) == Numbers{1});
  const TrialRow trial = store.trials(led.study.id).at(0);
  CHECK(trial.state == TrialState::kFailed);
  CHECK(trial.error == "5 workers ended while they evaluated it");
  CHECK(trial_queue(store).backlog().at(0).waiting == 0);
  CHECK(trial_queue(store).finished(led.study.id, Numbers{0}).size() == 1);
  // Until that is known, it is not taken together with others.
  REQUIRE(trial_queue(store).enqueue(led.lead, queued_study(), proposals(2, 2)));
  backend.advance_clock(61);
  CHECK(numbers_of(take(store, led.study.id, 3)) == Numbers{1, 2, 3});
  backend.advance_clock(61);
  CHECK(numbers_of(take(store, led.study.id, 3)) == Numbers{1});
  CHECK(numbers_of(take(store, led.study.id, 3)) == Numbers{2, 3});
  CHECK(store.check().empty());
}

void a_trial_that_was_claimed_elsewhere_is_not_handed_out(Backend& backend) {
  Store& store = *backend.store;
  const Led led(store);
  REQUIRE(trial_queue(store).enqueue(led.lead, queued_study(), proposals(0, 3)));
  const ClaimedTrial own = store.claim(sample_claim(led.study.id, 1)).value();
  CHECK(numbers_of(take(store, led.study.id, 9)) == Numbers{0, 2});
  REQUIRE(store.finish(sample_finish(own, 90)));
  CHECK(take(store, led.study.id, 9).empty());
  // A running trial that did not wait before does so from its lease on.
  const ClaimedTrial left = store.claim(sample_claim(led.study.id, 3)).value();
  REQUIRE(trial_queue(store).enqueue(led.lead, queued_study(), proposals(3, 1)));
  CHECK(take(store, led.study.id, 9).empty());
  CHECK(store.reclaim(led.study.id, "host:1") == 1);
  const auto again = take(store, led.study.id, 9);
  REQUIRE(again.size() == 1);
  CHECK(again[0].claim.trial_id == left.trial_id);
}

void what_waits_can_be_withdrawn(Backend& backend) {
  Store& store = *backend.store;
  const Led led(store);
  REQUIRE(trial_queue(store).enqueue(led.lead, queued_study(), proposals(0, 4)));
  const auto taken = take(store, led.study.id, 1);
  CHECK(trial_queue(store).withdraw(led.lead) == 3);
  const std::vector<Backlog> backlog = trial_queue(store).backlog();
  REQUIRE(backlog.size() == 1);
  CHECK(backlog[0].study == "s");
  CHECK(backlog[0].waiting == 0);
  CHECK(backlog[0].taken == 1);
  CHECK(trial_queue(store).finish_all(finishes(taken)) == std::vector<bool>{true});
  CHECK(store.trials(led.study.id).size() == 1);
}

void nothing_is_handed_out_while_nobody_leads(Backend& backend) {
  Store& store = *backend.store;
  const Led led(store);
  REQUIRE(trial_queue(store).enqueue(led.lead, queued_study(), proposals(0, 2)));
  study_leads(store).leave(led.lead);
  CHECK(take(store, led.study.id, 9).empty());
  CHECK(trial_queue(store).backlog().at(0).waiting == 0);
  REQUIRE(study_leads(store).lead({.study_id = led.study.id, .who = "host:4"}).has_value());
  CHECK(trial_queue(store).backlog().at(0).waiting == 2);
  // A leader that is gone will be replaced.
  backend.advance_clock(61);
  CHECK(take(store, led.study.id, 9).size() == 2);
  CHECK(store.check().empty());
}

void devices_that_a_study_needs_are_asked_for(Backend& backend) {
  Store& store = *backend.store;
  const std::int64_t id = store.create_study(sample_study("s")).id;
  const Lead lead =
      study_leads(store).lead({.study_id = id, .who = "a:1", .needs = {"phone", "pi5"}}).value();
  REQUIRE(trial_queue(store).enqueue(lead, queued_study(), proposals(0, 1)));
  CHECK(trial_queue(store).backlog().at(0).needs == std::vector<std::string>{"phone", "pi5"});
  TrialQueue& queue = trial_queue(store);
  CHECK(queue.take({.study_id = id, .worker = "w"}).empty());
  CHECK(queue.take({.study_id = id, .worker = "w", .devices = {"pi5", "pi"}}).empty());
  CHECK(queue.take({.study_id = id, .worker = "w", .devices = {"pi5", "pi", "phone"}}).size() == 1);
}

void what_is_finished_is_found_by_number_and_by_digest(Backend& backend) {
  Store& store = *backend.store;
  const Led led(store);
  std::vector<QueuedTrial> trials = proposals(0, 5);
  trials[3].digest = trials[1].digest;  // another text
  trials[4].digest = trials[1].digest;
  trials[4].text = trials[1].text;
  REQUIRE(trial_queue(store).enqueue(led.lead, queued_study(), trials));
  auto taken = take(store, led.study.id, 5);
  const TrialQueue& queue = trial_queue(store);
  CHECK(queue.finished(led.study.id, Numbers{0, 1, 2}).empty());
  std::swap(taken[0], taken[4]);
  taken.pop_back();
  REQUIRE(trial_queue(store).finish_all(finishes(taken)) == std::vector<bool>(4, true));
  const auto rows = queue.finished(led.study.id, Numbers{0, 1, 3, 7});
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].number == 1);
  CHECK(rows[1].number == 3);
  CHECK(rows[1].metrics.at(0).value == 53);
  CHECK(queue.finished(led.study.id, Numbers{}).empty());

  const Digest digest = trials[1].digest;
  const auto equals = queue.finished_equals(led.study.id, digest, 9);
  REQUIRE(equals.size() == 3);
  CHECK(equals[0].number == 1);
  CHECK(equals[2].number == 4);
  CHECK(equals[2].metrics.at(0).value == 54);
  CHECK(queue.finished_equals(led.study.id, digest, 3).size() == 2);
  CHECK(queue.finished_equals(led.study.id, digest, 0).empty());
  CHECK(queue.finished_equals(led.study.id, trials[0].digest, 9).empty());  // still running
}

void a_worker_of_a_removed_study_does_nothing_to_another(Backend& backend) {
  Store& store = *backend.store;
  TrialQueue& queue = trial_queue(store);
  const Led gone(store, "gone");
  REQUIRE(queue.enqueue(gone.lead, queued_study(), proposals(0, 1)));
  const auto late = take(store, gone.study.id, 1);
  backend.advance_clock(61);
  study_editor(store).remove_study(gone.study.id, false);
  const Led led(store);
  REQUIRE(queue.enqueue(led.lead, queued_study(), proposals(0, 1)));
  const auto taken = take(store, led.study.id, 1, "host:3:0");
  REQUIRE(taken.size() == 1);
  CHECK_FALSE(store.renew(late[0].claim, 3600));
  CHECK(queue.release({&late[0].claim, 1}, "late") == 0);
  CHECK(queue.finish_all(finishes(late)) == std::vector<bool>{false});
  CHECK(store.trials(led.study.id).at(0).state == TrialState::kRunning);
  backend.advance_clock(59);
  CHECK(take(store, led.study.id, 1).empty());  // its own lease is untouched
  backend.advance_clock(2);
  CHECK(take(store, led.study.id, 1).size() == 1);
  CHECK(store.check().empty());
}

void studies_do_not_mix(Backend& backend) {
  Store& store = *backend.store;
  const Led first(store, "a");
  const Led second(store, "b");
  REQUIRE(trial_queue(store).enqueue(second.lead, queued_study(), proposals(0, 2)));
  CHECK(take(store, first.study.id, 9).empty());
  REQUIRE(trial_queue(store).enqueue(first.lead, queued_study(), proposals(0, 1)));
  CHECK(take(store, first.study.id, 9).size() == 1);
  CHECK(trial_queue(store).backlog().size() == 2);
  CHECK_THROWS_AS(study_leads(store).lead({.study_id = 999, .who = "a:1"}), Error);
  backend.advance_clock(61);
  study_editor(store).remove_study(first.study.id, false);
  CHECK(trial_queue(store).backlog().size() == 1);
  CHECK(store.check().empty());
}

}  // namespace

void check_queue_laws(const MakeBackend& make) {
  for (const Law law :
       {trials_are_handed_out_once_lowest_numbers_first, a_batch_is_finished_whole,
        what_is_finished_and_what_comes_next_are_one_call, a_passed_lease_goes_to_the_next_worker,
        a_released_trial_waits_again_at_once, a_trial_that_ends_its_workers_fails,
        a_trial_that_was_claimed_elsewhere_is_not_handed_out, what_waits_can_be_withdrawn,
        nothing_is_handed_out_while_nobody_leads, devices_that_a_study_needs_are_asked_for,
        what_is_finished_is_found_by_number_and_by_digest, studies_do_not_mix,
        a_worker_of_a_removed_study_does_nothing_to_another}) {
    Backend backend = make();
    law(backend);
  }
}

}  // namespace nas::test
