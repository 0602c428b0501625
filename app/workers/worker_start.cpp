#include "app/workers/worker_start.h"

#include <chrono>
#include <string>
#include <thread>

#include "app/study/store_patience.h"
#include "app/study/study.h"
#include "core/api/trial_queue.h"
#include "core/util/error.h"

namespace nas {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// What is waited for; "" when there is nothing to wait for. Throws the error of a store that
/// cannot be reached, unless it is a directory whose coordinator has yet to come.
std::string what_lacks(Session& session, const std::string& study) {
  const bool directory = session.store_address().is_directory();
  try {
    (void)trial_queue(session.writer()).backlog();
    if (!study.empty()) (void)find_study_or_throw(session.writer(), study);
    return "";
  } catch (const Error& error) {
    const bool comes = error.kind() == ErrorKind::kUsage ||
                       (directory && error.kind() == ErrorKind::kIo && !session.store_exists());
    if (!comes) throw;
    return error.what();
  }
}

}  // namespace

std::optional<WorkerEnd> wait_for_work(Session& session, const WorkerOptions& options) {
  const Clock::time_point start = Clock::now();
  std::string said;
  while (true) {
    const std::string lacks = patiently(session.stop(), session.progress(),
                                        [&] { return what_lacks(session, options.study); });
    if (lacks.empty()) return std::nullopt;
    if (lacks != said) session.progress().message(lacks + "; waiting for it");
    said = lacks;
    constexpr std::chrono::milliseconds kPause{200};
    std::this_thread::sleep_for(kPause);
    if (options.time_limit.stop_requested()) return WorkerEnd::kTimeLimit;
    if (session.stop().stop_requested()) return WorkerEnd::kStopped;
    if (options.idle_seconds > 0 && seconds_since(start) >= options.idle_seconds) {
      return WorkerEnd::kIdle;
    }
  }
}

}  // namespace nas
