#include "app/workers/worker_studies.h"

#include <algorithm>
#include <utility>

#include "app/study/study.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kTryAgain{60};

std::string missing_device(const Backlog& study, const std::vector<std::string>& devices) {
  for (const std::string& device : study.needs) {
    if (std::ranges::find(devices, device) == devices.end()) return device;
  }
  return "";
}

}  // namespace

WorkerStudies::WorkerStudies(Session& session, std::string only, std::vector<std::string> devices)
    : session_(session), only_(std::move(only)), devices_(std::move(devices)) {
  if (!only_.empty()) (void)find_study_or_throw(session_.writer(), only_);
}

bool WorkerStudies::over() const {
  if (only_.empty()) return false;
  const std::optional<StudyRow> row = session_.writer().find_study(only_);
  return !row || row->state == StudyState::kFinished || row->state == StudyState::kInfeasible;
}

void WorkerStudies::block(const std::string& study, const std::string& why) {
  const auto found = blocked_.find(study);
  if (found == blocked_.end() || found->second.why != why) {
    session_.progress().message("study '" + study + "' is left to other workers: " + why);
  }
  blocked_[study] = {why, Clock::now() + kTryAgain};
  open_.erase(study);
}

WorkerStudy* WorkerStudies::next() {
  std::vector<Backlog> backlog = trial_queue(session_.writer()).backlog();
  std::erase_if(backlog, [this](const Backlog& study) {
    return study.waiting == 0 || (!only_.empty() && study.study != only_);
  });
  // The one that is open stays so; the others follow by name.
  std::ranges::stable_partition(backlog,
                                [this](const Backlog& study) { return study.study == last_; });
  lacks_.clear();
  for (const Backlog& study : backlog) {
    const auto blocked = blocked_.find(study.study);
    if (blocked == blocked_.end() || blocked->second.until <= Clock::now()) {
      const std::string device = missing_device(study, devices_);
      if (!device.empty()) {
        block(study.study, "its trials are measured on '" + device + "', which this worker lacks");
      } else if (WorkerStudy* opened = open(study.study)) {
        last_ = study.study;
        return opened;
      }
    }
    lacks_ = "study '" + study.study + "': " + blocked_.at(study.study).why;
  }
  return nullptr;
}

WorkerStudy* WorkerStudies::open(const std::string& name) {
  std::unique_ptr<WorkerStudy>& slot = open_[name];
  const Store& store = session_.writer();
  const StudyRow row = find_study_or_throw(store, name);
  // A larger budget changes the configuration, and nothing that a trial depends on.
  if (slot && slot->row.id == row.id) return slot.get();
  bool again = false;
  while (true) {
    try {
      StudyConfig config = stored_config(session_, row);
      require_same_space(session_, row, config);
      StudyPlan plan = make_plan(session_, config);
      EarlierResults earlier(store, row, config, plan);
      slot = std::make_unique<WorkerStudy>(
          WorkerStudy{row, std::move(config), std::move(plan), std::move(earlier),
                      TrialCheckpoints(session_.models_directory(), row, version_text())});
      blocked_.erase(name);
      return slot.get();
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kIo && !again) {
        // A store that is lost says nothing about the study: this throws until it is back.
        (void)store.find_study(name);
        again = true;
        continue;
      }
      block(name, error.what());
      return nullptr;
    }
  }
}

}  // namespace nas
