#include <string>

#include "core/util/text.h"
#include "db/codes.h"
#include "db/store_impl.h"

namespace nas {

namespace {

constexpr char kAdd[] =
    "INSERT INTO worker (name, host, pid, environment_id, devices, job, state, note, trials, "
    "seconds, started_us, seen_us) VALUES (?, ?, ?, ?, ?, ?, ?, '', 0, 0.0, ?, ?)";
constexpr char kBeat[] =
    "UPDATE worker SET state = ?, note = ?, trials = ?, seconds = ?, seen_us = ? WHERE id = ?";
constexpr char kWorkers[] =
    "SELECT worker.id, name, host, pid, version, libraries, cpu, threads, devices, job, state, "
    "note, trials, seconds, started_us, seen_us FROM worker JOIN environment ON environment.id = "
    "worker.environment_id WHERE seen_us >= ? ORDER BY worker.id";
constexpr char kRunning[] =
    "SELECT worker, study.name, number, started_us, lease_until_us FROM trial JOIN study ON "
    "study.id = trial.study_id WHERE trial.state = 'running' ORDER BY study.name, number";
constexpr char kAddAllocation[] =
    "INSERT INTO allocation (study_id, launcher, job, workers, asked_us) VALUES (?, ?, ?, ?, ?)";
constexpr char kEndAllocation[] =
    "UPDATE allocation SET ended_us = ? WHERE id = ? AND ended_us IS NULL";
constexpr char kAllocations[] =
    "SELECT id, launcher, job, workers, asked_us, ended_us FROM allocation WHERE study_id = ? "
    "ORDER BY id";
constexpr char kElsewhere[] =
    "SELECT number FROM trial JOIN study ON study.id = trial.study_id WHERE study_id = ? AND "
    "trial.state <> 'running' AND trial.environment_id <> study.environment_id ORDER BY number";

}  // namespace

std::int64_t SqlStore::add_worker(const WorkerSpec& spec) {
  require_writable("register a worker");
  return connection_->write([&] {
    const std::int64_t now = connection_->now_us();
    const std::string devices = join(spec.devices, "\n");
    return connection_->insert(kAdd, spec.name, spec.host, spec.pid,
                               catalogue_->environment(spec.environment), devices, spec.job,
                               worker_state_code(WorkerState::kIdle), now, now);
  });
}

void SqlStore::beat(std::int64_t worker_id, const WorkerPulse& pulse) {
  require_writable("say that a worker lives");
  connection_->write([&] {
    connection_->execute(kBeat, worker_state_code(pulse.state), pulse.note, pulse.trials,
                         pulse.seconds, connection_->now_us(), worker_id);
  });
}

std::vector<WorkerRow> SqlStore::workers(std::int64_t since_us) const {
  std::vector<WorkerRow> workers;
  Rows rows = connection_->select(kWorkers, since_us);
  while (rows.next()) {
    WorkerRow& worker = workers.emplace_back();
    worker.id = rows.integer(0);
    worker.spec = {
        .name = rows.string(1),
        .host = rows.string(2),
        .pid = rows.integer(3),
        .environment = {rows.string(4), rows.string(5), rows.string(6), rows.integer(7)},
        .devices = rows.text(8).empty() ? std::vector<std::string>{} : split(rows.text(8), '\n'),
        .job = rows.string(9)};
    worker.pulse = {.state = worker_state_of(rows.text(10)),
                    .note = rows.string(11),
                    .trials = rows.integer(12),
                    .seconds = rows.real(13)};
    worker.started_us = rows.integer(14);
    worker.seen_us = rows.integer(15);
  }
  return workers;
}

std::vector<RunningTrial> SqlStore::running() const {
  std::vector<RunningTrial> running;
  const std::int64_t now = connection_->now_us();
  Rows rows = connection_->select(kRunning);
  while (rows.next()) {
    running.push_back({.worker = rows.string(0),
                       .study = rows.string(1),
                       .number = rows.integer(2),
                       .started_us = rows.integer(3),
                       .seconds_left = static_cast<double>(rows.integer(4) - now) / 1e6});
  }
  return running;
}

std::int64_t SqlStore::add_allocation(const AllocationRow& allocation) {
  require_writable("store an allocation");
  return connection_->write([&] {
    return connection_->insert(kAddAllocation, allocation.study_id, allocation.launcher,
                               allocation.job, allocation.workers, connection_->now_us());
  });
}

void SqlStore::end_allocation(std::int64_t allocation_id) {
  require_writable("store the end of an allocation");
  connection_->write(
      [&] { connection_->execute(kEndAllocation, connection_->now_us(), allocation_id); });
}

std::vector<AllocationRow> SqlStore::allocations(std::int64_t study_id) const {
  std::vector<AllocationRow> allocations;
  Rows rows = connection_->select(kAllocations, study_id);
  while (rows.next()) {
    allocations.push_back({.id = rows.integer(0),
                           .study_id = study_id,
                           .launcher = rows.string(1),
                           .job = rows.string(2),
                           .workers = rows.integer(3),
                           .asked_us = rows.integer(4),
                           .ended_us = rows.optional_integer(5)});
  }
  return allocations;
}

std::vector<std::int64_t> SqlStore::judged_elsewhere(std::int64_t study_id) const {
  std::vector<std::int64_t> numbers;
  Rows rows = connection_->select(kElsewhere, study_id);
  while (rows.next()) numbers.push_back(rows.integer(0));
  return numbers;
}

}  // namespace nas
