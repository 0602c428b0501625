#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/api/study_editor.h"
#include "core/util/error.h"
#include "tests/db/sample_rows.h"
#include "tests/db/store_conformance.h"

namespace nas::test {

namespace {

void studies_come_back_as_given(Backend& backend) {
  Store& store = *backend.store;
  StudySpec spec = sample_study("first 'study' – ünï %s {}");
  spec.seed = std::numeric_limits<std::uint64_t>::max();
  const StudyRow made = store.create_study(spec);
  const std::optional<StudyRow> found = store.find_study(spec.name);
  REQUIRE(found.has_value());
  CHECK(found->id == made.id);
  CHECK(found->spec.name == spec.name);
  CHECK(found->spec.space == spec.space);
  CHECK(found->spec.space_version == spec.space_version);
  CHECK(found->spec.searcher == spec.searcher);
  CHECK(found->spec.config == spec.config);
  CHECK(found->spec.seed == spec.seed);
  CHECK(found->spec.budget_trials == spec.budget_trials);
  CHECK(found->spec.environment == spec.environment);
  REQUIRE(found->spec.objectives.size() == 2);
  CHECK(found->spec.objectives[0].metric == "accuracy");
  CHECK(found->spec.objectives[0].maximize);
  CHECK(found->spec.objectives[1].metric == "latency_ms@host");
  CHECK_FALSE(found->spec.objectives[1].maximize);
  CHECK(found->state == StudyState::kCreated);
  CHECK(found->created_us > 0);
  CHECK_FALSE(store.find_study("absent").has_value());
}

void study_names_are_unique(Backend& backend) {
  Store& store = *backend.store;
  store.create_study(sample_study("twice"));
  CHECK_THROWS_WITH_AS(store.create_study(sample_study("twice")),
                       doctest::Contains("'twice' exists already"), Error);
  CHECK_THROWS_WITH_AS(store.create_study(sample_study("")), doctest::Contains("1 to 200"), Error);
  CHECK_THROWS_WITH_AS(store.create_study(sample_study(std::string(201, 'x'))),
                       doctest::Contains("1 to 200"), Error);
  CHECK(store.studies().size() == 1);
}

void studies_are_listed_newest_first(Backend& backend) {
  Store& store = *backend.store;
  for (const char* name : {"a", "c", "b"}) store.create_study(sample_study(name));
  std::string names;
  for (const StudyRow& study : store.studies()) names += study.spec.name;
  CHECK(names == "bca");
}

void study_states_change(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("s"));
  for (const StudyState state : {StudyState::kRunning, StudyState::kPaused, StudyState::kFinished,
                                 StudyState::kInfeasible}) {
    backend.advance_clock(1);
    store.set_study_state(study.id, state);
    const StudyRow now = store.find_study("s").value();
    CHECK(now.state == state);
    CHECK(now.updated_us > study.updated_us);
  }
  CHECK_THROWS_WITH_AS(store.set_study_state(999, StudyState::kPaused),
                       doctest::Contains("no study"), Error);
}

void events_are_kept_in_order(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("s"));
  for (const char* kind : {"start", "pause", "resume"}) {
    backend.advance_clock(1);
    store.add_event({.study_id = study.id, .kind = kind, .text = "by hand"});
  }
  const std::vector<EventRow> events = store.events(study.id, 2);
  REQUIRE(events.size() == 2);
  CHECK(events[0].kind == "resume");
  CHECK(events[1].kind == "pause");
  CHECK(events[0].at_us == events[1].at_us + 1'000'000);
  CHECK(events[0].text == "by hand");
  CHECK_FALSE(events[0].trial_id.has_value());
}

void studies_change_name_and_budget(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("old"));
  store.create_study(sample_study("taken"));
  const StudyRow other = store.create_study(sample_study("other"));
  const ClaimedTrial claim = store.claim(sample_claim(other.id, 0)).value();
  TrialFinish finish = sample_finish(claim, 90);
  finish.reused_from = "study 'old', trial 12";
  store.finish(finish);
  study_editor(store).change_study(study.id, {"new", "name = \"new\"\n", 200, "by hand"});
  CHECK_FALSE(store.find_study("old").has_value());
  const StudyRow changed = store.find_study("new").value();
  CHECK(changed.id == study.id);
  CHECK(changed.spec.config == "name = \"new\"\n");
  CHECK(changed.spec.budget_trials == 200);
  CHECK(changed.spec.seed == study.spec.seed);
  CHECK(store.events(study.id, 1).at(0).text == "by hand");
  CHECK(store.trials(other.id).at(0).reused_from == "study 'new', trial 12");
  CHECK_THROWS_WITH_AS(study_editor(store).change_study(study.id, {"taken", "", 1, ""}),
                       doctest::Contains("'taken' exists already"), Error);
  CHECK_THROWS_WITH_AS(study_editor(store).change_study(study.id, {"", "", 1, ""}),
                       doctest::Contains("1 to 200"), Error);
  CHECK_THROWS_WITH_AS(study_editor(store).change_study(999, {"x", "", 1, ""}),
                       doctest::Contains("no study"), Error);
  CHECK(store.find_study("new").has_value());
}

void removed_studies_leave_what_others_use(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow gone = store.create_study(sample_study("gone"));
  const StudyRow kept = store.create_study(sample_study("kept"));
  const ClaimedTrial shared = complete_trial(store, gone.id, 0, 90);
  const ClaimedTrial modelled = complete_trial(store, gone.id, 1, 91);
  TrialClaim other_network = sample_claim(gone.id, 2);
  other_network.network = "image: float[1,28,28] -> class: classes[10]";
  store.finish(sample_finish(store.claim(other_network).value(), 92));
  const auto networks = [&] {
    for (const auto& [table, rows] : store.stats().table_rows) {
      if (table == "network") return rows;
    }
    return std::int64_t{0};
  };
  CHECK(networks() == 2);
  CHECK(complete_trial(store, kept.id, 0, 80).architecture_id == shared.architecture_id);
  store.add_model({.architecture_id = modelled.architecture_id,
                   .trial_id = modelled.trial_id,
                   .path = "models/a.safetensors",
                   .sha256 = std::string(64, 'a'),
                   .fidelity = "f"});
  const ClaimedTrial running = store.claim(sample_claim(gone.id, 3)).value();
  CHECK_THROWS_WITH_AS(study_editor(store).remove_study(gone.id, false),
                       doctest::Contains("host:1:0"), Error);
  store.finish(sample_finish(running, 93));
  for (const bool dry_run : {true, false}) {
    const StudyRemoval removal = study_editor(store).remove_study(gone.id, dry_run);
    CHECK(removal.trials == 4);
    CHECK(removal.values == 4);
    CHECK(removal.architectures == 2);
    REQUIRE(removal.models.size() == 1);
    CHECK(removal.models[0] == "models/a.safetensors");
    CHECK(store.find_study("gone").has_value() == dry_run);
  }
  CHECK_THROWS_WITH_AS(study_editor(store).remove_study(gone.id, false),
                       doctest::Contains("no study"), Error);
  CHECK(networks() == 1);  // that of the other study
  CHECK(store.trials(gone.id).empty());
  CHECK(store.trials(kept.id).size() == 1);
  CHECK(store.trials(kept.id).at(0).metrics.at(0).value == 80);
  REQUIRE(store.models(modelled.architecture_id).size() == 1);
  CHECK_FALSE(store.models(modelled.architecture_id)[0].trial_id.has_value());
  for (const std::string& problem : store.check()) {
    CHECK_MESSAGE(problem.find("models/a.safetensors") != std::string::npos, problem);
  }
  // The name is free again, and so is the network.
  const StudyRow again = store.create_study(sample_study("gone"));
  CHECK(again.id != gone.id);
  other_network.study_id = again.id;
  CHECK(store.claim(other_network).has_value());
  CHECK(store.trials(again.id).at(0).network == other_network.network);
}

}  // namespace

void check_study_laws(const MakeBackend& make) {
  for (const Law law :
       {studies_come_back_as_given, study_names_are_unique, studies_are_listed_newest_first,
        study_states_change, events_are_kept_in_order, studies_change_name_and_budget,
        removed_studies_leave_what_others_use}) {
    Backend backend = make();
    law(backend);
  }
}

}  // namespace nas::test
