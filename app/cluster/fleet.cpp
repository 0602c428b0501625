#include "app/cluster/fleet.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <exception>
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

std::int64_t finished_trials(const Store& store, std::int64_t study_id) {
  return std::ranges::count_if(store.trials(study_id), [](const TrialRow& trial) {
    return trial.state != TrialState::kRunning;
  });
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
    } catch (const std::exception& error) {
      if (said_ != error.what()) progress_.message(error.what());
      said_ = error.what();
    }
    wake.wait_for(lock, stop, pause, [] { return false; });
  }
}

void Fleet::say_once(std::int64_t allocation_id, const std::string& text) {
  if (told_.insert(allocation_id).second) progress_.message(text);
}

/// While nobody answers for a job it counts as alive, but not for ever: its trials' leases have
/// passed by then.
std::int64_t Fleet::count_alive(const AllocationRow& row) {
  constexpr std::chrono::minutes kPatience{10};
  const std::string job = row.launcher + " job " + printable(row.job);
  try {
    if (!launcher_->reaches(row.job)) {
      say_once(row.id, job +
                           ": runs on another machine, which alone sees whether it has ended; "
                           "starting workers here as well");
      return 0;
    }
    const std::int64_t workers = launcher_->alive(row.job);
    unknown_since_.erase(row.id);
    if (workers == 0) worker_registry(*store_).end_allocation(row.id);
    return workers;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kData && error.kind() != ErrorKind::kIo) throw;
    say_once(row.id, error.what());
    if (error.kind() == ErrorKind::kData) return 0;
    const Clock::time_point since = unknown_since_.try_emplace(row.id, Clock::now()).first->second;
    return Clock::now() - since < kPatience ? row.workers : 0;
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
    alive += count_alive(row);
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

/// Stored twice, should an answer of the database be lost, it would count twice.
void Fleet::store_started(std::int64_t study_id) {
  if (!unstored_) return;
  WorkerRegistry& registry = worker_registry(*store_);
  const bool stored =
      std::ranges::any_of(registry.allocations(study_id), [this](const AllocationRow& row) {
        return !row.ended_us && row.launcher == unstored_->launcher && row.job == unstored_->job;
      });
  if (!stored) registry.add_allocation(*unstored_);
  unstored_.reset();
}

/// Workers that end before any trial does are started again later and later.
bool Fleet::may_start(std::int64_t alive, std::int64_t finished) {
  constexpr double kLongest = 600;
  constexpr int kTell = 3;
  if (finished != finished_at_start_) {
    in_vain_ = 0;
    not_before_ = {};
  } else if (asked_ && alive < alive_at_start_) {
    const double pause = std::min(kLongest, std::ldexp(options_.look_seconds, in_vain_++));
    not_before_ = Clock::now() +
                  std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(pause));
    if (in_vain_ == kTell) {
      progress_.message("workers end at once; see " + command_.logs.string());
    }
    asked_ = false;
  }
  return Clock::now() >= not_before_;
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
  store_started(study->id);
  const std::int64_t alive = count_alive(study->id);
  const std::int64_t processes = (work + command_.threads - 1) / command_.threads;
  const std::int64_t missing = std::min(processes, options_.most_workers) - alive;
  if (waiting == 0 || missing <= 0) return;
  const std::int64_t finished = finished_trials(*store_, study->id);
  if (!may_start(alive, finished)) return;
  const StartedJob started = launcher_->start(command_, missing);
  asked_ = true;
  alive_at_start_ = alive + started.workers;
  finished_at_start_ = finished;
  unstored_ = AllocationRow{.study_id = study->id,
                            .launcher = launcher_->name(),
                            .job = started.job,
                            .workers = started.workers};
  progress_.message(launcher_->name() + " job " + started.job + ": " +
                    std::to_string(started.workers) +
                    (started.workers == 1 ? " worker" : " workers"));
  if (!started.failure.empty()) progress_.message(started.failure);
  store_started(study->id);
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
        const std::unique_ptr<Launcher> launcher = launcher_of(row.launcher);
        if (launcher->reaches(row.job)) {
          const std::int64_t workers = launcher->alive(row.job);
          alive = workers;
          state = workers > 0 ? "alive" : "ended";
        } else {
          state = "on another machine";
        }
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
  std::exception_ptr failure;  // of one; the others are ended all the same
  for (const AllocationRow& row : registry.allocations(study.id)) {
    if (row.ended_us) continue;
    try {
      const std::unique_ptr<Launcher> launcher = launcher_of(row.launcher);
      const bool alive = launcher->alive(row.job) > 0;
      launcher->stop(row.job);
      registry.end_allocation(row.id);
      stopped += alive ? 1 : 0;
    } catch (const Error&) {
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
  return stopped;
}

std::string store_words(const Session& session) {
  const StoreAddress& store = session.store_address();
  if (store.is_server()) return store.text();
  const std::string path = std::filesystem::absolute(store.path()).lexically_normal().string();
  return store.is_directory() ? "dir:" + path : path;
}

}  // namespace nas
