#include "app/study/study_lead.h"

#include <chrono>
#include <cmath>
#include <utility>

#include "app/study/study_owner.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

Lead take_lead(Store& store, const StudyRow& study, std::vector<std::string> needs,
               double lease_seconds) {
  LeadRequest request{.study_id = study.id,
                      .who = process_name(),
                      .seconds = lease_seconds,
                      .needs = std::move(needs)};
  std::optional<Leader> other = study_leads(store).leader(study.id);
  // More than once, as a server may do what a process asked for after that process was killed.
  do {
    if (other && is_gone(other->who)) request.dead = other->who;
    if (const std::optional<Lead> lead = study_leads(store).lead(request)) return *lead;
    other = study_leads(store).leader(study.id);
  } while (other && other->who != request.dead && is_gone(other->who));
  const std::string who = other ? "process " + printable(other->who) : "another process";
  const double left = other ? std::max(0.0, std::ceil(other->seconds_left)) : 0;
  throw Error(ErrorKind::kUsage, "study '" + study.spec.name + "' is being run by " + who +
                                     "; wait for it, or stop it first (if it is dead, the same "
                                     "command takes over in " +
                                     format_short(left) + " s)");
}

}  // namespace

StudyLead::StudyLead(Store& store, const StudyRow& study, std::vector<std::string> needs,
                     double lease_seconds)
    : store_(store.connect()),
      lease_seconds_(lease_seconds),
      lead_(take_lead(store, study, std::move(needs), lease_seconds)),
      thread_([this] { keep(); }) {}

StudyLead::~StudyLead() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  thread_.join();
  try {
    study_leads(*store_).leave(lead_);
  } catch (const Error&) {
    // Then the lease ends by itself.
  }
}

void StudyLead::keep() {
  const auto pause = std::chrono::duration<double>(lease_seconds_ / 3);
  std::unique_lock lock(mutex_);
  while (!lost_ && !wake_.wait_for(lock, pause, [this] { return ending_; })) {
    lock.unlock();
    try {
      if (!study_leads(*store_).renew_lead(lead_, lease_seconds_)) lost_ = true;
    } catch (const Error&) {
      // A store that cannot be reached shows where something is to be stored.
    }
    lock.lock();
  }
}

}  // namespace nas
