#include "app/workers/worker_table.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "app/workers/worker_heart.h"
#include "core/api/study_leads.h"
#include "core/api/trial_queue.h"
#include "core/api/worker_registry.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// A worker is lost after this many missed heartbeats.
constexpr double kLostBeats = 4;
/// A rate of a shorter time says nothing.
constexpr double kShortestMinutes = 1.0 / 60;

struct Now {
  std::int64_t us;
  double seconds_since(std::int64_t then_us) const {
    return static_cast<double>(us - then_us) / 1e6;
  }
};

std::string state_of(const WorkerRow& worker, const Now& now) {
  const bool gone = worker.pulse.state == WorkerState::kGone;
  const bool silent = now.seconds_since(worker.seen_us) > kLostBeats * WorkerHeart::kBeatSeconds;
  return !gone && silent ? "lost" : to_string(worker.pulse.state);
}

void add_trial(std::vector<Cell>& cells, const RunningTrial* trial, const Now& now) {
  if (trial == nullptr) {
    cells.insert(cells.end(), 4, Cell());
    return;
  }
  cells.insert(cells.end(), {Cell(trial->study), Cell(trial->number),
                             Cell(std::round(now.seconds_since(trial->started_us))),
                             Cell(std::round(trial->seconds_left))});
}

std::vector<Cell> row_of(const WorkerRow& worker, const RunningTrial* trial, const Now& now) {
  const double minutes = static_cast<double>(worker.seen_us - worker.started_us) / 6e7;
  std::vector<Cell> cells{worker.spec.name, state_of(worker, now)};
  add_trial(cells, trial, now);
  const auto trials = worker.pulse.trials;
  cells.insert(cells.end(),
               {Cell(trials),
                minutes > kShortestMinutes ? Cell(static_cast<double>(trials) / minutes) : Cell(),
                Cell(std::round(now.seconds_since(worker.started_us))),
                Cell(std::round(now.seconds_since(worker.seen_us))), Cell(worker.spec.job),
                Cell(join(worker.spec.devices, "; ")), Cell(worker.spec.environment.version),
                Cell(worker.pulse.note)});
  return cells;
}

/// Of a process that holds a trial and is not a worker of the queue.
std::vector<Cell> row_of(const RunningTrial& trial, const Now& now) {
  std::vector<Cell> cells{trial.worker, std::string(trial.seconds_left > 0 ? "search" : "lost")};
  add_trial(cells, &trial, now);
  cells.insert(cells.end(), 8, Cell());
  return cells;
}

}  // namespace

Table workers_table(const Store& store, bool all) {
  const WorkerRegistry& registry = worker_registry(store);
  const Now now{registry.now_us()};
  Table table{.kind = "workers",
              .columns = {{"worker", "", false, true},
                          {"state"},
                          {"study"},
                          {"trial"},
                          {"trial_seconds", "for s"},
                          {"lease_seconds", "lease s"},
                          {"trials"},
                          {"trials_per_minute", "per min"},
                          {"alive_seconds", "since s"},
                          {"seen_seconds", "seen s"},
                          {"job"},
                          {"devices", "", true, false, true},
                          {"version", "", true, false, true},
                          {"note", "", true}}};
  std::map<std::string, RunningTrial> running;
  for (RunningTrial& trial : registry.running()) running.emplace(trial.worker, trial);
  for (const WorkerRow& worker : registry.workers(0)) {
    const auto found = running.find(worker.spec.name);
    const RunningTrial* trial = found == running.end() ? nullptr : &found->second;
    const std::string state = state_of(worker, now);
    const bool ended = state == "gone" || (state == "lost" && trial == nullptr);
    if (ended && !all) continue;
    table.rows.push_back(row_of(worker, ended ? nullptr : trial, now));
    if (trial != nullptr && !ended) running.erase(found);
  }
  for (const auto& [name, trial] : running) table.rows.push_back(row_of(trial, now));
  return table;
}

std::string coordinators_text(const Store& store) {
  std::string text;
  for (const Backlog& study : trial_queue(store).backlog()) {
    const std::optional<Leader> leader = study_leads(store).leader(study.study_id);
    text += "study '" + study.study + "' ";
    if (!leader) {
      text += "is proposed by nobody";
    } else if (leader->seconds_left <= 0) {
      text += "was proposed by '" + leader->who + "', whose lease has passed";
    } else {
      text += "is proposed by '" + leader->who + "', whose lease ends in " +
              format_short(std::ceil(leader->seconds_left)) + " s";
    }
    text +=
        "; " + std::to_string(study.waiting) + " wait, " + std::to_string(study.taken) + " run\n";
  }
  return text;
}

}  // namespace nas
