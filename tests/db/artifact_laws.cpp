#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "core/api/study_editor.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/hash.h"
#include "tests/db/child_process.h"
#include "tests/db/sample_rows.h"
#include "tests/db/store_conformance.h"

namespace nas::test {

namespace {

ArtifactRow sample_artifact(const std::string& name) {
  return {.kind = "supernet",
          .name = name,
          .path = name + ".safetensors",
          .sha256 = std::string(64, 'a'),
          .bytes = 12,
          .info = R"({"space": "nasbench201"})",
          .version = "0.1.0 (abc)"};
}

void artifacts_come_back_as_given(Backend& backend) {
  Store& store = *backend.store;
  const ArtifactRow second = store.put_artifact(
      sample_artifact("b"), std::vector<CurvePoint>{{1, "train_loss", 2.5}, {1, "accuracy", NAN}});
  store.put_artifact(sample_artifact("a"), {});
  const std::vector<ArtifactRow> all = store.artifacts("supernet");
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "a");
  CHECK(all[1].id == second.id);
  const ArtifactRow found = store.find_artifact("supernet", "b").value();
  CHECK(found.path == "b.safetensors");
  CHECK(found.sha256 == std::string(64, 'a'));
  CHECK(found.bytes == 12);
  CHECK(found.info == R"({"space": "nasbench201"})");
  CHECK(found.version == "0.1.0 (abc)");
  CHECK(found.created_us > 0);
  CHECK_FALSE(found.study_id.has_value());
  const std::vector<CurvePoint> curve = store.artifact_curve(found.id);
  REQUIRE(curve.size() == 2);
  CHECK(curve[0].name == "train_loss");
  CHECK(curve[0].value == 2.5);
  CHECK(std::isnan(curve[1].value));
  CHECK(store.artifacts("checkpoint").empty());
  CHECK_FALSE(store.find_artifact("checkpoint", "b").has_value());
}

void artifacts_are_replaced_and_forgotten_whole(Backend& backend) {
  Store& store = *backend.store;
  const ArtifactRow first =
      store.put_artifact(sample_artifact("a"), std::vector<CurvePoint>{{1, "l", 1}, {2, "l", 2}});
  ArtifactRow changed = sample_artifact("a");
  changed.bytes = 99;
  CHECK(store.put_artifact(changed, std::vector<CurvePoint>{{1, "l", 3}}).id == first.id);
  CHECK(store.find_artifact("supernet", "a")->bytes == 99);
  CHECK(store.artifact_curve(first.id).size() == 1);
  CHECK_FALSE(store.remove_artifact("supernet", "b"));
  CHECK(store.remove_artifact("supernet", "a"));
  CHECK(store.artifacts("supernet").empty());
  CHECK(store.artifact_curve(first.id).empty());
  check_sound(store);
}

void what_is_no_artifact_is_refused(Backend& backend) {
  Store& store = *backend.store;
  ArtifactRow bad = sample_artifact("a");
  bad.info = "{";
  CHECK_THROWS_AS(store.put_artifact(bad, {}), Error);
  bad = sample_artifact("a");
  bad.sha256 = "1";
  CHECK_THROWS_AS(store.put_artifact(bad, {}), Error);
  bad = sample_artifact("a");
  bad.study_id = 999;
  CHECK_THROWS_AS(store.put_artifact(bad, {}), Error);
  CHECK(store.artifacts("supernet").empty());
}

void check_names_artifacts_whose_files_are_missing_or_changed(Backend& backend) {
  Store& store = *backend.store;
  const TemporaryDirectory directory;
  for (const char* name : {"sound", "changed", "missing"}) {
    ArtifactRow artifact = sample_artifact(name);
    artifact.path = (directory.path() / name).string();
    artifact.sha256 = sha256_hex("weights");
    store.put_artifact(artifact, {});
  }
  write_file_atomically(directory.path() / "sound", "weights");
  write_file_atomically(directory.path() / "changed", "other weights");
  const std::vector<std::string> problems = store.check();
  REQUIRE(problems.size() == 2);
  CHECK(problems[0].find("supernet 'changed'") == 0);
  CHECK(problems[0].find("has changed") != std::string::npos);
  CHECK(problems[1].find("supernet 'missing'") == 0);
  CHECK(problems[1].find("is missing") != std::string::npos);
}

void a_repeated_epoch_replaces_itself(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("s"));
  store.put_study_record(study.id, {{{1, "loss", 3}, {0, "loss", 4}, {0, "entropy", NAN}},
                                    {{"collapse", "epoch 1: half of the edges skip"}}});
  store.put_study_record(study.id, {{{1, "loss", 2}, {2, "loss", 1}},
                                    {{"collapse", "epoch 1: half of the edges skip"},
                                     {"collapse", "epoch 2: all edges skip"}}});
  const std::vector<CurvePoint> curve = store.study_curve(study.id);
  REQUIRE(curve.size() == 4);
  CHECK(curve[0].name == "entropy");
  CHECK(std::isnan(curve[0].value));
  for (std::size_t epoch = 0; epoch < 3; ++epoch) {
    CHECK(curve[1 + epoch].epoch == static_cast<std::int64_t>(epoch));
    CHECK(curve[1 + epoch].value == (epoch == 0 ? 4 : 3 - static_cast<double>(epoch)));
  }
  const std::vector<EventRow> events = store.events(study.id, 10);
  REQUIRE(events.size() == 2);
  CHECK(events[0].text == "epoch 2: all edges skip");
  CHECK_THROWS_AS(store.put_study_record(999, {{{0, "loss", 1}}, {}}), Error);
  // A point that cannot be stored takes its batch with it.
  CHECK_THROWS_AS(store.put_study_record(study.id, {{{3, "loss", 1}, {-1, "loss", 1}}, {}}), Error);
  CHECK(store.study_curve(study.id).size() == 4);
}

void removed_studies_leave_their_artifacts(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("gone"));
  const ClaimedTrial claim = complete_trial(store, study.id, 0, 90);
  store.put_study_record(study.id, {{{0, "loss", 4}}, {{"collapse", "now"}}});
  ArtifactRow artifact = sample_artifact("a");
  artifact.study_id = study.id;
  artifact.trial_id = claim.trial_id;
  artifact.architecture_id = claim.architecture_id;
  store.put_artifact(artifact, {});
  const StudyRemoval removal = study_editor(store).remove_study(study.id, false);
  CHECK(removal.models == std::vector<std::string>{"a.safetensors"});
  CHECK(removal.architectures == 0);
  const ArtifactRow kept = store.find_artifact("supernet", "a").value();
  CHECK_FALSE(kept.study_id.has_value());
  CHECK_FALSE(kept.trial_id.has_value());
  CHECK(kept.architecture_id == claim.architecture_id);
  CHECK(store.study_curve(study.id).empty());
  const std::vector<std::string> problems = store.check();
  REQUIRE(problems.size() == 1);  // the sample has no file
  CHECK(problems[0].find("supernet 'a'") == 0);
}

}  // namespace

void check_artifact_laws(const MakeBackend& make) {
  for (const Law law :
       {artifacts_come_back_as_given, artifacts_are_replaced_and_forgotten_whole,
        what_is_no_artifact_is_refused, check_names_artifacts_whose_files_are_missing_or_changed,
        a_repeated_epoch_replaces_itself, removed_studies_leave_their_artifacts}) {
    Backend backend = make();
    law(backend);
  }
}

}  // namespace nas::test
