#include "app/study/study_owner.h"

#include <signal.h>

#include <cerrno>
#include <string>
#include <vector>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// Is the process behind a worker name "host:pid:thread" known to be dead, alive, or elsewhere?
enum class Owner { kDead, kAlive, kElsewhere };
Owner find_owner(const std::string& worker) {
  const std::vector<std::string> parts = split(worker, ':');
  const std::vector<std::string> own = split(process_name(), ':');
  if (parts.size() != 3 || parts[0] != own[0]) return Owner::kElsewhere;
  if (parts[1] == own[1]) return Owner::kDead;  // of an earlier run in this process
  const std::optional<std::int64_t> pid = parse_int(parts[1]);
  if (!pid || *pid <= 0) return Owner::kElsewhere;
  const bool alive = kill(static_cast<pid_t>(*pid), 0) == 0 || errno != ESRCH;
  return alive ? Owner::kAlive : Owner::kDead;
}

[[noreturn]] void refuse(const StudyRow& study, const std::string& worker) {
  throw Error(ErrorKind::kUsage, "study '" + study.spec.name + "' is being run by process " +
                                     split(worker, ':')[1] + "; wait for it, or stop it first");
}

void reclaim(Store& store, const StudyRow& study, const std::vector<TrialRow>& trials) {
  store.reclaim(study.id, "");
  for (const TrialRow& trial : trials) {
    if (trial.state != TrialState::kRunning) continue;
    switch (find_owner(trial.worker)) {
      case Owner::kDead:
        store.reclaim(study.id, trial.worker);
        break;
      case Owner::kAlive:
        refuse(study, trial.worker);
      case Owner::kElsewhere:
        break;  // its lease decides
    }
  }
}

}  // namespace

std::string process_name() {
  char host[256] = "localhost";
  if (gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  std::string name(host);
  // The store splits worker names at colons.
  std::replace(name.begin(), name.end(), ':', '_');
  return name + ":" + std::to_string(getpid());
}

void reclaim_leftovers(Store& store, const StudyRow& study) {
  reclaim(store, study, store.trials(study.id));
}

void require_idle(Store& store, const StudyRow& study) {
  const std::vector<TrialRow> trials = store.trials(study.id);
  reclaim(store, study, trials);
  if (study.state != StudyState::kRunning || trials.empty()) return;
  if (find_owner(trials.back().worker) == Owner::kAlive) refuse(study, trials.back().worker);
}

StudyState state_now(const Store& store, const StudyRow& study) {
  if (study.state != StudyState::kRunning) return study.state;
  const std::vector<TrialRow> trials = store.trials(study.id);
  const bool left = !trials.empty() && find_owner(trials.back().worker) == Owner::kDead;
  return left ? StudyState::kPaused : study.state;
}

}  // namespace nas
