#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/api/trial_queue.h"
#include "core/api/worker_registry.h"
#include "tests/db/sample_rows.h"
#include "tests/db/store_conformance.h"

namespace nas::test {

namespace {

void workers_say_who_and_where_they_are(Backend& backend) {
  Store& store = *backend.store;
  WorkerRegistry& registry = worker_registry(store);
  const WorkerSpec spec{.name = "node7:12:0",
                        .host = "node7",
                        .pid = 12,
                        .environment = {"0.2.0", "libtorch", "other cpu", 8},
                        .devices = {"pi5", "phone"},
                        .job = "slurm 17_3"};
  const std::int64_t id = registry.add_worker(spec);
  const std::int64_t started = registry.now_us();
  backend.advance_clock(10);
  registry.beat(id, {.state = WorkerState::kBlocked, .note = "no data", .trials = 3, .seconds = 2});
  const std::vector<WorkerRow> workers = registry.workers(0);
  REQUIRE(workers.size() == 1);
  CHECK(workers[0].id == id);
  CHECK(workers[0].spec.name == spec.name);
  CHECK(workers[0].spec.host == spec.host);
  CHECK(workers[0].spec.pid == 12);
  CHECK(workers[0].spec.environment == spec.environment);
  CHECK(workers[0].spec.devices == spec.devices);
  CHECK(workers[0].spec.job == spec.job);
  CHECK(workers[0].pulse.state == WorkerState::kBlocked);
  CHECK(workers[0].pulse.note == "no data");
  CHECK(workers[0].pulse.trials == 3);
  CHECK(workers[0].pulse.seconds == 2);
  CHECK(workers[0].seen_us - workers[0].started_us == 10'000'000);
  CHECK(workers[0].seen_us - started == 10'000'000);
  CHECK(registry.workers(workers[0].seen_us + 1).empty());
}

void running_trials_and_their_environment_are_known(Backend& backend) {
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("s"));
  const Lead lead = study_leads(store).lead({.study_id = study.id, .who = "host:1"}).value();
  std::vector<QueuedTrial> waiting;
  for (std::int64_t number = 0; number < 3; ++number) {
    waiting.push_back({.number = number, .text = "|conv~" + std::to_string(number) + "|"});
  }
  REQUIRE(trial_queue(store).enqueue(lead, {"nasbench201", "", "random"}, waiting));
  const auto take = [&] {
    return trial_queue(store).take({.study_id = study.id, .worker = "host:2:0"}).at(0).claim;
  };
  WorkerRegistry& registry = worker_registry(store);
  REQUIRE(store.finish(sample_finish(take(), 90)));
  registry.judge_in(study.spec.environment);
  REQUIRE(store.finish(sample_finish(take(), 90)));
  registry.judge_in({"0.9.9", "libtorch", "other cpu", 8});
  const ClaimedTrial elsewhere = take();
  backend.advance_clock(15);
  const std::vector<RunningTrial> running = registry.running();
  REQUIRE(running.size() == 1);
  CHECK(running[0].number == 2);
  CHECK(running[0].study == "s");
  CHECK(running[0].worker == "host:2:0");
  CHECK(running[0].seconds_left == doctest::Approx(45));
  CHECK(registry.judged_elsewhere(study.id).empty());
  REQUIRE(store.finish(sample_finish(elsewhere, 90)));
  CHECK(registry.judged_elsewhere(study.id) == std::vector<std::int64_t>{2});
  CHECK(registry.running().empty());
}

void allocations_are_kept_until_they_end(Backend& backend) {
  Store& store = *backend.store;
  WorkerRegistry& registry = worker_registry(store);
  const std::int64_t study = store.create_study(sample_study("s")).id;
  AllocationRow asked;
  asked.study_id = study;
  asked.launcher = "slurm";
  asked.job = "17";
  asked.workers = 4;
  const std::int64_t id = registry.add_allocation(asked);
  CHECK(registry.add_allocation(asked) > id);
  backend.advance_clock(5);
  registry.end_allocation(id);
  const std::int64_t ended = registry.allocations(study).at(0).ended_us.value();
  backend.advance_clock(5);
  registry.end_allocation(id);  // once
  const std::vector<AllocationRow> rows = registry.allocations(study);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].job == "17");
  CHECK(rows[0].workers == 4);
  CHECK(rows[0].ended_us.value() == ended);
  CHECK(ended - rows[0].asked_us == 5'000'000);
  CHECK_FALSE(rows[1].ended_us.has_value());
}

}  // namespace

void check_worker_laws(const MakeBackend& make) {
  for (const Law law :
       {workers_say_who_and_where_they_are, running_trials_and_their_environment_are_known,
        allocations_are_kept_until_they_end}) {
    Backend backend = make();
    law(backend);
  }
}

}  // namespace nas::test
