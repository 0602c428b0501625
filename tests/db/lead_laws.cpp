#include <doctest/doctest.h>

#include <cstdint>

#include "core/api/study_leads.h"
#include "core/api/trial_queue.h"
#include "tests/db/queue_samples.h"
#include "tests/db/sample_rows.h"
#include "tests/db/store_conformance.h"

namespace nas::test {

namespace {

void one_process_leads_a_study(Backend& backend) {
  Store& store = *backend.store;
  StudyLeads& leads = study_leads(store);
  const std::int64_t id = store.create_study(sample_study("s")).id;
  CHECK_FALSE(leads.leader(id).has_value());
  const Lead first = leads.lead({.study_id = id, .who = "a:1"}).value();
  CHECK(leads.leader(id).value().who == "a:1");
  CHECK(leads.leader(id).value().seconds_left == doctest::Approx(60));
  CHECK_FALSE(leads.lead({.study_id = id, .who = "b:1"}).has_value());
  backend.advance_clock(50);
  CHECK(leads.renew_lead(first, 60));
  backend.advance_clock(59);
  CHECK_FALSE(leads.lead({.study_id = id, .who = "b:1"}).has_value());
  backend.advance_clock(2);
  CHECK(leads.leader(id).value().seconds_left < 0);
  const Lead second = leads.lead({.study_id = id, .who = "b:1"}).value();
  CHECK(second.token > first.token);
  CHECK(store.events(id, 1).at(0).kind == "lead");

  // The late one is told so, and can change nothing.
  CHECK_FALSE(leads.renew_lead(first, 60));
  CHECK_FALSE(trial_queue(store).enqueue(first, queued_study(), proposals(0, 2)));
  CHECK(trial_queue(store).withdraw(first) == 0);
  leads.leave(first);
  CHECK(leads.leader(id).value().who == "b:1");
  CHECK(trial_queue(store).backlog().empty());

  leads.leave(second);
  CHECK_FALSE(leads.leader(id).has_value());
  CHECK_FALSE(leads.renew_lead(second, 60));
  CHECK_FALSE(trial_queue(store).enqueue(second, queued_study(), proposals(0, 2)));
  CHECK(leads.lead({.study_id = id, .who = "c:1"}).value().token > second.token);
}

void a_dead_leader_is_not_waited_for(Backend& backend) {
  StudyLeads& leads = study_leads(*backend.store);
  const std::int64_t id = backend.store->create_study(sample_study("s")).id;
  REQUIRE(leads.lead({.study_id = id, .who = "a:1"}).has_value());
  CHECK_FALSE(leads.lead({.study_id = id, .who = "a:2", .dead = "a:3"}).has_value());
  CHECK(leads.lead({.study_id = id, .who = "a:2", .dead = "a:1"}).has_value());
  CHECK(leads.leader(id).value().who == "a:2");
}

void a_lease_that_passed_may_be_renewed_until_another_leads(Backend& backend) {
  StudyLeads& leads = study_leads(*backend.store);
  const std::int64_t id = backend.store->create_study(sample_study("s")).id;
  const Lead lead = leads.lead({.study_id = id, .who = "a:1"}).value();
  backend.advance_clock(3600);
  CHECK(leads.renew_lead(lead, 60));
  CHECK_FALSE(leads.lead({.study_id = id, .who = "b:1"}).has_value());
}

}  // namespace

void check_lead_laws(const MakeBackend& make) {
  for (const Law law : {one_process_leads_a_study, a_dead_leader_is_not_waited_for,
                        a_lease_that_passed_may_be_renewed_until_another_leads}) {
    Backend backend = make();
    law(backend);
  }
}

}  // namespace nas::test
