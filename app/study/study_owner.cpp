#include "app/study/study_owner.h"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
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

/// Has ended, and nobody has asked how: in containers often for ever.
bool is_zombie(std::int64_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  // "17 (name with) blanks) Z ..."
  const std::size_t name_end = text.rfind(')');
  return name_end != std::string::npos && text.compare(name_end, 3, ") Z") == 0;
}

/// Is the process behind "host:pid" or the worker "host:pid:thread" known to be dead, alive, or
/// elsewhere?
enum class Owner { kDead, kAlive, kElsewhere };
Owner find_owner(const std::string& name) {
  const std::vector<std::string> parts = split(name, ':');
  const std::vector<std::string> own = split(process_name(), ':');
  if (parts.size() < 2 || parts[0] != own[0]) return Owner::kElsewhere;
  if (parts[1] == own[1]) return Owner::kDead;  // of an earlier run in this process
  const std::optional<std::int64_t> pid = parse_int(parts[1]);
  if (!pid || *pid <= 0) return Owner::kElsewhere;
  const bool known = kill(static_cast<pid_t>(*pid), 0) == 0 || errno != ESRCH;
  return known && !is_zombie(*pid) ? Owner::kAlive : Owner::kDead;
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

std::string process_name() {
  char host[256] = "localhost";
  if (gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  std::string name(host);
  // The store splits worker names at colons.
  std::replace(name.begin(), name.end(), ':', '_');
  return name + ":" + std::to_string(getpid());
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
