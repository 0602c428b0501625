#include "app/study/study_owner.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/study_leads.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::string_view kRunEvent = "run";
constexpr std::int64_t kMostEvents = 1000;  // since a study was last run

/// Is the process behind "host:pid" or the worker "host:pid:thread" known to be dead, alive, or
/// elsewhere?
enum class Owner { kDead, kAlive, kElsewhere };
Owner find_owner(const std::string& name) {
  const std::vector<std::string> parts = split(name, ':');
  const std::vector<std::string> own = split(process_name(), ':');
  const bool own_process = parts.size() >= 2 && parts[0] == own[0] && parts[1] == own[1];
  if (own_process) return Owner::kDead;  // of an earlier run in this process
  switch (find_process(name)) {
    case ProcessState::kAlive:
      return Owner::kAlive;
    case ProcessState::kGone:
      return Owner::kDead;
    case ProcessState::kElsewhere:
      return Owner::kElsewhere;
  }
  return Owner::kElsewhere;
}

[[noreturn]] void refuse(const StudyRow& study, const std::string& owner) {
  throw Error(ErrorKind::kUsage, "study '" + study.spec.name + "' is being run by process " +
                                     split(owner, ':')[1] + "; wait for it, or stop it first");
}

/// Who ran the study last, as far as it is known: the process that said so, and the worker of the
/// last trial (alone where an earlier version ran it).
std::vector<std::string> last_owners(const Store& store, const StudyRow& study,
                                     const std::vector<TrialRow>& trials) {
  std::vector<std::string> owners;
  for (const EventRow& event : store.events(study.id, kMostEvents)) {
    if (event.kind != kRunEvent) continue;
    owners.push_back(event.text);
    break;
  }
  if (!trials.empty()) owners.push_back(trials.back().worker);
  return owners;
}

/// Of workers that are gone; those of other machines are judged by their leases.
void reclaim(Store& store, const StudyRow& study, const std::vector<TrialRow>& trials) {
  store.reclaim(study.id, "");
  for (const TrialRow& trial : trials) {
    const bool running = trial.state == TrialState::kRunning;
    if (running && find_owner(trial.worker) == Owner::kDead) store.reclaim(study.id, trial.worker);
  }
}

}  // namespace

bool is_gone(const std::string& name) {
  const std::vector<std::string> parts = split(name, ':');
  const std::vector<std::string> own = split(process_name(), ':');
  const bool other = parts.size() >= 2 && parts[1] != own[1];
  return other && find_owner(name) == Owner::kDead;
}

void note_owner(Store& store, const StudyRow& study) {
  EventRow event;
  event.study_id = study.id;
  event.kind = std::string(kRunEvent);
  event.text = process_name();
  store.add_event(event);
}

void reclaim_gone(Store& store, const StudyRow& study) {
  reclaim(store, study, store.trials(study.id));
}

void require_idle(Store& store, const StudyRow& study) {
  const std::vector<TrialRow> trials = store.trials(study.id);
  reclaim(store, study, trials);
  for (const TrialRow& trial : trials) {
    const bool running = trial.state == TrialState::kRunning;
    if (running && find_owner(trial.worker) == Owner::kAlive) refuse(study, trial.worker);
  }
  if (study.state != StudyState::kRunning) return;
  for (const std::string& owner : last_owners(store, study, trials)) {
    if (find_owner(owner) == Owner::kAlive) refuse(study, owner);
  }
}

StudyState state_now(const Store& store, const StudyRow& study) {
  if (study.state != StudyState::kRunning) return study.state;
  if (const auto leader = study_leads(store).leader(study.id)) {
    const bool left = leader->seconds_left <= 0 || is_gone(leader->who);
    return left ? StudyState::kPaused : study.state;
  }
  const std::vector<std::string> owners = last_owners(store, study, store.trials(study.id));
  const bool left = !owners.empty() && std::ranges::all_of(owners, [](const std::string& owner) {
    return find_owner(owner) == Owner::kDead;
  });
  return left ? StudyState::kPaused : study.state;
}

}  // namespace nas
