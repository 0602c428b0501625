#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/hash.h"
#include "tests/db/sample_rows.h"
#include "tests/db/store_conformance.h"

namespace nas::test {

namespace {

void the_leaderboard_ranks_complete_trials(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("s"));
  const StudyRow other = store.create_study(sample_study("other"));
  complete_trial(store, other.id, 0, 99);
  const double accuracies[] = {90, 95, 90, 80, 95, 70};
  for (std::int64_t number = 0; number < 6; ++number)
    complete_trial(store, study.id, number, accuracies[number]);
  for (const TrialState state : {TrialState::kInfeasible, TrialState::kFailed}) {
    TrialFinish finish = sample_finish(
        store.claim(sample_claim(study.id, 6 + static_cast<std::int64_t>(state))).value(), 100);
    finish.state = state;
    store.finish(finish);
  }
  const auto numbers = [&](bool maximize, std::int64_t limit) {
    std::string text;
    for (const LeaderRow& row : store.leaderboard(study.id, {"accuracy", maximize}, limit)) {
      text += std::to_string(row.trial_number);
      CHECK(row.value == accuracies[row.trial_number]);
      CHECK(row.published_params == 1000 + row.trial_number);
      CHECK(row.published_macs == 2000 + row.trial_number);
      CHECK(row.text == sample_claim(study.id, row.trial_number).text);
    }
    return text;
  };
  CHECK(numbers(true, 100) == "140235");
  CHECK(numbers(true, 3) == "140");
  CHECK(numbers(false, 100) == "530214");
  CHECK(numbers(true, 0).empty());
  CHECK(store.leaderboard(study.id, {"absent", true}, 10).empty());
}

void the_leaderboard_tells_devices_apart(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("s"));
  for (std::int64_t number = 0; number < 3; ++number) {
    TrialFinish finish = sample_finish(store.claim(sample_claim(study.id, number)).value(), 90);
    finish.metrics.push_back(sample_metric("latency_ms", static_cast<double>(3 - number)));
    finish.metrics.push_back(sample_metric("latency_ms", static_cast<double>(10 + number)));
    finish.metrics.back().device->name = "phone";
    store.finish(finish);
  }
  CHECK(store.leaderboard(study.id, {"latency_ms@host", false}, 1).at(0).trial_number == 2);
  CHECK(store.leaderboard(study.id, {"latency_ms@phone", false}, 1).at(0).trial_number == 0);
  CHECK(store.leaderboard(study.id, {"latency_ms@absent", false}, 1).empty());
  // Without a device, each trial counts once with its better value.
  const std::vector<LeaderRow> all = store.leaderboard(study.id, {"latency_ms", false}, 10);
  REQUIRE(all.size() == 3);
  CHECK(all[2].value == 3);
}

void stored_values_are_found_by_digest(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("s"));
  const TrialClaim claim = sample_claim(study.id, 0);
  TrialFinish finish = sample_finish(store.claim(claim).value(), 90);
  finish.metrics.push_back(sample_metric("latency_ms", 1.25));
  MetricValue guess = sample_metric("accuracy", 1);
  guess.source = MetricSource::kPredicted;
  finish.metrics.insert(finish.metrics.begin(), guess);
  MetricValue tabular = sample_metric("test_accuracy", 93);
  tabular.source = MetricSource::kTabular;
  finish.metrics.push_back(tabular);
  store.finish(finish);

  const std::string fidelity = "data=glyphs,epochs=1";
  const std::optional<MetricValue> accuracy =
      store.find_metric(claim.digest, "", "accuracy", fidelity, std::nullopt);
  REQUIRE(accuracy.has_value());
  CHECK(accuracy->value == 90);  // measured goes before predicted
  CHECK(accuracy->source == MetricSource::kMeasured);
  CHECK(accuracy->fidelity == fidelity);
  CHECK(store.find_metric(claim.digest, "", "latency_ms", "", host_device()).value().value == 1.25);

  Device other = host_device();
  other.name = "phone";
  CHECK_FALSE(store.find_metric(claim.digest, "", "latency_ms", "", other).has_value());
  other = host_device();
  other.settings = "batch=2";
  CHECK_FALSE(store.find_metric(claim.digest, "", "latency_ms", "", other).has_value());
  CHECK_FALSE(store.find_metric(claim.digest, "", "latency_ms", "", std::nullopt).has_value());
  CHECK_FALSE(store.find_metric(claim.digest, "", "accuracy", "data=glyphs,epochs=2", std::nullopt)
                  .has_value());
  CHECK_FALSE(store.find_metric(claim.digest, "", "accuracy", "", std::nullopt).has_value());
  CHECK_FALSE(
      store.find_metric(Digest{{9, 9}}, "", "accuracy", fidelity, std::nullopt).has_value());
  CHECK_FALSE(store.find_metric(claim.digest, "", "test_accuracy", "", std::nullopt).has_value());
}

void intervals_are_kept_with_their_values(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("s"));
  const TrialClaim claim = sample_claim(study.id, 0);
  TrialFinish finish = sample_finish(store.claim(claim).value(), 90);
  MetricValue predicted = sample_metric("latency_ms", 1.25);
  predicted.interval = Interval{1, 1.75};
  finish.metrics.push_back(predicted);
  MetricValue strange = sample_metric("energy_mj", 2);
  strange.interval = Interval{1, std::numeric_limits<double>::infinity()};
  finish.metrics.push_back(strange);
  store.finish(finish);

  const TrialRow trial = store.trials(study.id).at(0);
  for (const MetricValue& metric : trial.metrics) {
    CHECK(metric.interval ==
          (metric.name == "latency_ms" ? predicted.interval : std::optional<Interval>()));
  }
  const auto found = store.find_metric(claim.digest, "", "latency_ms", "", host_device());
  CHECK(found.value().interval == predicted.interval);

  const ArchitectureKey key{claim.space, study.spec.space_version, "other", Digest{{5, 5}}, 1, 2};
  store.add_metrics(key, std::span(&predicted, 1));
  CHECK(store.find_metric(key.digest, "", "latency_ms", "", host_device()).value().interval ==
        predicted.interval);
}

void values_of_another_network_are_other_values(Backend& backend) {
  Store& store = *backend.store;
  const std::string small = "image: float[3,32,32] -> class: classes[10]; width=8";
  const std::string large = "image: float[3,32,32] -> class: classes[10]; width=16";
  const StudyRow study = store.create_study(sample_study("s"));
  TrialClaim claim = sample_claim(study.id, 0);
  claim.network = small;
  TrialFinish finish = sample_finish(store.claim(claim).value(), 90);
  finish.metrics[0].network = large;
  for (const std::string& network : {small, large}) {
    MetricValue latency = sample_metric("latency_ms", network == small ? 0.5 : 5);
    latency.network = network;
    finish.metrics.push_back(latency);
  }
  for (const char* name : {"params", "macs"}) {
    MetricValue size = sample_metric(name, 77);
    size.network = small;
    finish.metrics.push_back(size);
  }
  finish.curve = {{1, "accuracy", 90}};
  finish.curve_network = large;
  store.finish(finish);

  const TrialRow trial = store.trials(study.id).at(0);
  CHECK(trial.network == small);
  CHECK(trial.metrics.at(0).network == large);
  CHECK(trial.metrics.at(1).network == small);
  const auto latency_of = [&](const std::string& network) {
    const auto found = store.find_metric(claim.digest, network, "latency_ms", "", host_device());
    return found ? found->value : -1;
  };
  CHECK(latency_of(small) == 0.5);
  CHECK(latency_of(large) == 5);
  CHECK(latency_of("") == -1);
  CHECK(latency_of("image: float[3,64,64] -> class: classes[10]") == -1);

  const LeaderRow leader = store.leaderboard(study.id, {"accuracy", true}, 1).at(0);
  CHECK(leader.network == small);
  CHECK(leader.params == 77);
  CHECK(leader.macs == 77);
  CHECK(leader.published_params == 1000);
  CHECK(leader.published_macs == 2000);
  CHECK(store.check().empty());
  store.add_model({.architecture_id = finish.claim.architecture_id,
                   .path = "m",  // no file, which check() would name
                   .sha256 = "",
                   .network = large});
  CHECK(store.models(finish.claim.architecture_id).at(0).network == large);

  // The documented views say the same.
  const auto one = [&](const std::string& sql) {
    const QueryResult result = store.query(sql, 10);
    REQUIRE(result.rows.size() == 1);
    std::vector<std::string> cells;
    for (const auto& cell : result.rows[0]) cells.push_back(cell.value_or("NULL"));
    return cells;
  };
  using Cells = std::vector<std::string>;
  CHECK(one("SELECT network, params, macs, published_params FROM leaderboard WHERE metric = "
            "'accuracy'") == Cells{large, "77", "77", "1000"});
  CHECK(one("SELECT CAST(latency_ms AS INTEGER) FROM latency WHERE network LIKE '%width=16'") ==
        Cells{"5"});
  CHECK(one("SELECT network, params, published_macs FROM pareto") == Cells{small, "77", "2000"});
  CHECK(one("SELECT DISTINCT text FROM curve JOIN network ON network.id = network_id") ==
        Cells{large});
}

void models_belong_to_an_architecture(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("s"));
  const ClaimedTrial claim = complete_trial(store, study.id, 0, 90);
  const ModelRow model = store.add_model({.architecture_id = claim.architecture_id,
                                          .trial_id = claim.trial_id,
                                          .path = "models/a.safetensors",
                                          .sha256 = std::string(64, 'a'),
                                          .fidelity = "data=glyphs,epochs=200",
                                          .metric = "test_accuracy",
                                          .value = 94.5});
  store.add_model({.architecture_id = claim.architecture_id,
                   .path = "b",
                   .sha256 = "",
                   .metric = "test_eer",
                   .value = std::nan("")});
  const std::vector<ModelRow> models = store.models(claim.architecture_id);
  REQUIRE(models.size() == 2);
  CHECK(models[0].id == model.id);
  CHECK(models[0].trial_id == claim.trial_id);
  CHECK(models[0].path == "models/a.safetensors");
  CHECK(models[0].sha256 == std::string(64, 'a'));
  CHECK(models[0].fidelity == "data=glyphs,epochs=200");
  CHECK(models[0].metric == "test_accuracy");
  CHECK(models[0].value == 94.5);
  CHECK_FALSE(models[1].trial_id.has_value());
  CHECK(std::isnan(models[1].value));
  CHECK(store.models(999).empty());
  CHECK_THROWS_AS(store.add_model({.architecture_id = 999, .path = "c", .sha256 = ""}), Error);
}

void a_model_file_belongs_to_one_training(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("s"));
  const ClaimedTrial a = complete_trial(store, study.id, 0, 90);
  const ClaimedTrial b = complete_trial(store, study.id, 1, 91);
  store.add_model({.architecture_id = a.architecture_id, .path = "m", .sha256 = "1"});
  store.add_model({.architecture_id = b.architecture_id, .path = "m", .sha256 = "2"});
  CHECK(store.models(a.architecture_id).empty());
  CHECK(store.models(b.architecture_id).at(0).sha256 == "2");
}

void check_names_files_that_are_missing_or_changed(Backend& backend) {
  Store& store = *backend.store;
  const TemporaryDirectory directory;
  const StudyRow study = store.create_study(sample_study("s"));
  const ClaimedTrial claim = complete_trial(store, study.id, 0, 90);
  const auto add = [&](const std::string& name, const std::string& content) {
    const auto path = directory.path() / name;
    write_file_atomically(path, content);
    store.add_model({.architecture_id = claim.architecture_id,
                     .path = path.string(),
                     .sha256 = sha256_hex(content)});
    return path;
  };
  add("sound", "weights");
  const auto changed = add("changed", "weights");
  const auto missing = add("missing", "weights");
  write_file_atomically(changed, "other weights");
  std::filesystem::remove(missing);
  PredictorRow predictor{.name = "p", .plugin = "gp", .path = "predictors/p.safetensors"};
  store.put_predictor(predictor);
  const std::vector<std::string> problems = store.check();
  REQUIRE(problems.size() == 3);
  CHECK(problems[0].find("changed' has changed") != std::string::npos);
  CHECK(problems[1].find("missing' is missing") != std::string::npos);
  CHECK(problems[2].find("predictor 'p'") != std::string::npos);
}

void connections_see_each_other(Backend& backend) {
  Store& store = *backend.store;
  const std::unique_ptr<Store> second = store.connect();
  const StudyRow study = store.create_study(sample_study("s"));
  complete_trial(*second, study.id, 0, 90);
  CHECK(store.trials(study.id).size() == 1);
  CHECK_FALSE(store.claim(sample_claim(study.id, 0)).has_value());
}

void a_used_store_is_sound(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("s"));
  for (std::int64_t number = 0; number < 20; ++number) {
    complete_trial(store, study.id, number, static_cast<double>(number));
  }
  CHECK(store.check().empty());
  REQUIRE(store.claim(sample_claim(study.id, 20)).has_value());
  CHECK(store.check().empty());
  backend.advance_clock(120);
  const std::vector<std::string> problems = store.check();
  REQUIRE(problems.size() == 1);
  CHECK(
      problems[0] ==
      "study 's', trial 20: unfinished, worker 'host:1:0', lease passed 1 min 00 s ago; resume the "
      "study to run it again");
  // A paused study waits for its unfinished trial.
  store.set_study_state(study.id, StudyState::kPaused);
  CHECK(store.check().empty());
  store.set_study_state(study.id, StudyState::kRunning);
  CHECK(store.check().size() == 1);
  store.reclaim(study.id, "host:1:0");
  CHECK(store.check().empty());
}

void values_outside_trials_are_kept_and_never_ranked(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("s"));
  const TrialClaim claim = sample_claim(study.id, 0);
  const ArchitectureKey key{claim.space,  study.spec.space_version, claim.text,
                            claim.digest, claim.published_params,   claim.published_macs};
  const std::vector<MetricValue> metrics = {sample_metric("accuracy", 99),
                                            sample_metric("latency_ms", std::nan(""))};
  const std::int64_t id = store.add_metrics(key, metrics);
  CHECK(store.claim(claim).value().architecture_id == id);
  CHECK(store.add_metrics(key, {}) == id);
  CHECK(store.find_metric(claim.digest, "", "accuracy", metrics[0].fidelity, std::nullopt)
            .value()
            .value == 99);
  CHECK(std::isnan(
      store.find_metric(claim.digest, "", "latency_ms", "", host_device()).value().value));
  CHECK(store.leaderboard(study.id, {"accuracy", true}, 10).empty());
  CHECK(store.trials(study.id).at(0).metrics.empty());
  CHECK(store.check().empty());
}

void data_sets_have_names_that_can_be_given_anew(Backend& backend) {
  Store& store = *backend.store;
  store.add_dataset(
      {.name = "digits", .spec = "idx:/a", .content = "c1", .classes = 10, .samples = 70'000});
  store.add_dataset(
      {.name = "animals", .spec = "folder:/b c", .content = "c2", .classes = 3, .samples = 9});
  store.add_dataset(
      {.name = "digits", .spec = "idx:/d", .content = "c3", .classes = 11, .samples = 5});
  const std::vector<DatasetRow> datasets = store.datasets();
  REQUIRE(datasets.size() == 2);
  CHECK(datasets[0].name == "animals");
  CHECK(datasets[0].spec == "folder:/b c");
  CHECK(datasets[1].name == "digits");
  CHECK(datasets[1].spec == "idx:/d");
  CHECK(datasets[1].content == "c3");
  CHECK(datasets[1].classes == 11);
  CHECK(datasets[1].samples == 5);
  CHECK_THROWS_AS(store.add_dataset({.name = "", .spec = "x", .content = ""}), Error);
}

void devices_are_those_that_values_refer_to(Backend& backend) {
  Store& store = *backend.store;
  CHECK(store.devices().empty());
  const StudyRow study = store.create_study(sample_study("s"));
  for (std::int64_t number = 0; number < 2; ++number) {
    TrialFinish finish = sample_finish(store.claim(sample_claim(study.id, number)).value(), 90);
    finish.metrics.push_back(sample_metric("latency_ms", 1));
    if (number == 1) {
      finish.metrics.push_back(sample_metric("latency_ms", 2));
      finish.metrics.back().device->name = "a phone";
    }
    store.finish(finish);
  }
  const std::vector<DeviceRow> devices = store.devices();
  REQUIRE(devices.size() == 2);
  CHECK(devices[0].device.name == "a phone");
  CHECK(devices[0].values == 1);
  CHECK(devices[1].device.name == "host");
  CHECK(devices[1].device.kind == "cpu");
  CHECK(devices[1].device.settings == host_device().settings);
  CHECK(devices[1].values == 2);
}

}  // namespace

void check_result_laws(const MakeBackend& make) {
  for (const Law law :
       {the_leaderboard_ranks_complete_trials, the_leaderboard_tells_devices_apart,
        stored_values_are_found_by_digest, intervals_are_kept_with_their_values,
        values_of_another_network_are_other_values, models_belong_to_an_architecture,
        a_model_file_belongs_to_one_training, check_names_files_that_are_missing_or_changed,
        values_outside_trials_are_kept_and_never_ranked,
        data_sets_have_names_that_can_be_given_anew, devices_are_those_that_values_refer_to,
        connections_see_each_other, a_used_store_is_sound}) {
    Backend backend = make();
    law(backend);
  }
}

}  // namespace nas::test
