#include "app/cluster/fleet.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <utility>

#include "app/study/study_data.h"
#include "core/api/trial_queue.h"
#include "core/api/worker_registry.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

std::unique_ptr<Launcher> launcher_of(const std::string& name) {
  if (name == "slurm") return make_slurm_launcher({});
  if (name == "shell") return make_shell_launcher();
  return make_ssh_launcher({"localhost"});  // jobs name their machines
}

}  // namespace

Fleet::Fleet(Session& session, std::unique_ptr<Launcher> launcher, WorkerCommand command,
             const FleetOptions& options)
    : store_(session.writer().connect()),
      progress_(session.progress()),
      launcher_(std::move(launcher)),
      command_(std::move(command)),
      options_(options),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Fleet::~Fleet() = default;

void Fleet::run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  const std::chrono::duration<double> pause(options_.look_seconds);
  while (!stop.stop_requested()) {
    try {
      look();
      said_.clear();
    } catch (const Error& error) {
      if (said_ != error.what()) progress_.message(error.what());
      said_ = error.what();
    }
    wake.wait_for(lock, stop, pause, [] { return false; });
  }
}

/// Those of this launcher; the ones that have ended are stored as such.
std::int64_t Fleet::count_alive(std::int64_t study_id) {
  WorkerRegistry& registry = worker_registry(*store_);
  std::int64_t alive = 0;
  std::set<std::string> known;
  for (const AllocationRow& row : registry.allocations(study_id)) {
    if (row.launcher != launcher_->name()) continue;
    known.insert(row.job);
    if (row.ended_us) continue;
    const std::int64_t workers = launcher_->alive(row.job);
    alive += workers;
    if (workers == 0) registry.end_allocation(row.id);
  }
  for (const std::string& job : launcher_->jobs(command_)) {
    if (known.contains(job)) continue;
    AllocationRow row;
    row.study_id = study_id;
    row.launcher = launcher_->name();
    row.job = job;
    row.workers = std::max<std::int64_t>(1, launcher_->alive(job));
    registry.add_allocation(row);
    alive += row.workers;
    progress_.message(row.launcher + " job " + job + ": found, another process had asked for it");
  }
  return alive;
}

void Fleet::look() {
  const std::optional<StudyRow> study = store_->find_study(command_.study);
  if (!study) return;
  std::int64_t waiting = 0, work = 0;
  for (const Backlog& backlog : trial_queue(*store_).backlog()) {
    if (backlog.study_id != study->id) continue;
    waiting = backlog.waiting;
    work = backlog.waiting + backlog.taken;
  }
  const std::int64_t alive = count_alive(study->id);
  const std::int64_t processes = (work + command_.threads - 1) / command_.threads;
  const std::int64_t missing = std::min(processes, options_.most_workers) - alive;
  if (waiting == 0 || missing <= 0) return;
  AllocationRow row;
  row.study_id = study->id;
  row.launcher = launcher_->name();
  row.workers = missing;
  row.job = launcher_->start(command_, missing);
  worker_registry(*store_).add_allocation(row);
  progress_.message(row.launcher + " job " + row.job + ": " + std::to_string(missing) +
                    (missing == 1 ? " worker" : " workers"));
}

Table allocations_table(Session& session, const std::string& name) {
  const Store& store = session.reader();
  const StudyRow study = find_study_or_throw(store, name);
  const WorkerRegistry& registry = worker_registry(store);
  Table table{.kind = "allocations",
              .columns = {{"launcher"},
                          {"job", "", false, true},
                          {"workers"},
                          {"alive"},
                          {"asked_seconds", "asked s ago"},
                          {"state"}}};
  for (const AllocationRow& row : registry.allocations(study.id)) {
    Cell alive;
    std::string state = "ended";
    if (!row.ended_us) {
      try {
        const std::int64_t workers = launcher_of(row.launcher)->alive(row.job);
        alive = workers;
        state = workers > 0 ? "alive" : "ended";
      } catch (const Error& error) {
        state = error.what();
      }
    }
    table.rows.push_back({row.launcher, row.job, row.workers, alive,
                          static_cast<double>((registry.now_us() - row.asked_us) / 1'000'000),
                          state});
  }
  return table;
}

std::int64_t stop_allocations(Session& session, const std::string& name) {
  Store& store = session.writer();
  const StudyRow study = find_study_or_throw(store, name);
  WorkerRegistry& registry = worker_registry(store);
  std::int64_t stopped = 0;
  for (const AllocationRow& row : registry.allocations(study.id)) {
    if (row.ended_us) continue;
    const std::unique_ptr<Launcher> launcher = launcher_of(row.launcher);
    stopped += launcher->alive(row.job) > 0 ? 1 : 0;
    launcher->stop(row.job);
    registry.end_allocation(row.id);
  }
  return stopped;
}

std::string store_words(const Session& session) {
  const StoreAddress& store = session.store_address();
  if (!store.is_file()) return store.text();
  return std::filesystem::absolute(store.path()).lexically_normal().string();
}

}  // namespace nas
