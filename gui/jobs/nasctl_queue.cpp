#include "gui/jobs/nasctl_queue.h"

#include <algorithm>
#include <utility>

#include "core/util/error.h"
#include "gui/jobs/server_passwords.h"

namespace nas {

namespace {

constexpr std::size_t kMostRemembered = 200;
constexpr int kInterrupted = 130;

/// What may take hours.
const QStringList kLongCommands = {"search run",  "search resume", "search best", "arch train",
                                   "bench build", "bench score",   "bench layers"};

}  // namespace

NasctlQueue::NasctlQueue(QObject* parent, ServerPasswords* passwords)
    : QObject(parent), passwords_(passwords) {
  for (const Lane lane : {kLong, kShort}) {
    auto* process = new NasctlProcess(this, passwords);
    lanes_[lane].process = process;
    connect(process, &NasctlProcess::line, this,
            [this, lane](const QString& text) { say(lane, text); });
    // Queued: one that cannot be started ends before `start` returns.
    connect(
        process, &NasctlProcess::finished, this, [this, lane](int code) { finish(lane, code); },
        Qt::QueuedConnection);
  }
}

NasctlQueue::Lane NasctlQueue::laneOf(const NasctlJob& job) {
  return kLongCommands.contains(job.command()) ? kLong : kShort;
}

int NasctlQueue::add(const QStringList& arguments, const QString& subject, CommandOutput output) {
  NasctlJob job{.id = ++last_id_, .arguments = arguments, .subject = subject, .wanted = output};
  if (passwords_ != nullptr) job.arguments = passwords_->takenOut(arguments);
  const Lane lane = laneOf(job);
  Q_EMIT adding();
  jobs_.push_front(std::move(job));
  Q_EMIT added(last_id_);
  forgetOld();
  startNext(lane);
  return last_id_;
}

const NasctlJob* NasctlQueue::find(int id) const {
  const auto found =
      std::find_if(jobs_.begin(), jobs_.end(), [id](const NasctlJob& job) { return job.id == id; });
  return found == jobs_.end() ? nullptr : &*found;
}

NasctlJob& NasctlQueue::jobOf(int id) {
  const auto found =
      std::find_if(jobs_.begin(), jobs_.end(), [id](const NasctlJob& job) { return job.id == id; });
  NAS_CHECK(found != jobs_.end(), "a command that is not over is remembered");
  return *found;
}

bool NasctlQueue::isRunning() const {
  return lanes_[kLong].current != 0 || lanes_[kShort].current != 0;
}

void NasctlQueue::interrupt() {
  if (lanes_[kLong].current != 0) stop(lanes_[kLong].current);
}

void NasctlQueue::stop(int id) {
  const NasctlJob* known = find(id);
  if (known == nullptr || known->isOver()) return;
  NasctlJob& job = jobOf(id);
  NasctlProcess* process = lanes_[laneOf(job)].process;
  switch (job.state) {
    case NasctlJob::State::kWaiting:
      job.state = NasctlJob::State::kStopped;
      job.ended = QDateTime::currentDateTime();
      Q_EMIT changed(id);
      Q_EMIT finished(id);
      return;
    case NasctlJob::State::kRunning:
      process->interrupt();
      job.state = NasctlJob::State::kStopping;
      Q_EMIT changed(id);
      return;
    default:
      process->kill();
  }
}

void NasctlQueue::startNext(Lane lane) {
  Line& free = lanes_[lane];
  if (free.current != 0) return;
  const auto next = std::find_if(jobs_.rbegin(), jobs_.rend(), [lane](const NasctlJob& job) {
    return job.state == NasctlJob::State::kWaiting && laneOf(job) == lane;
  });
  if (next == jobs_.rend()) return;
  free.current = next->id;
  next->state = NasctlJob::State::kRunning;
  next->started = QDateTime::currentDateTime();
  const auto [arguments, wanted] = std::pair(next->arguments, next->wanted);
  Q_EMIT changed(free.current);
  free.process->start(arguments, wanted);
}

void NasctlQueue::finish(Lane lane, int exit_code) {
  const int id = std::exchange(lanes_[lane].current, 0);
  const NasctlProcess& process = *lanes_[lane].process;
  NasctlJob& job = jobOf(id);
  const bool stopped = job.state == NasctlJob::State::kStopping || exit_code == kInterrupted;
  // 1 is an answer, such as "they differ", and no failure.
  job.state = exit_code == 0 || exit_code == 1 ? NasctlJob::State::kDone
              : stopped                        ? NasctlJob::State::kStopped
                                               : NasctlJob::State::kFailed;
  job.exit_code = exit_code;
  job.output = process.output();
  job.last_line = process.lastLine();
  job.ended = QDateTime::currentDateTime();
  Q_EMIT changed(id);
  Q_EMIT finished(id);
  startNext(lane);
}

void NasctlQueue::forgetOld() {
  while (jobs_.size() > kMostRemembered && jobs_.back().isOver()) {
    Q_EMIT forgetting();
    jobs_.pop_back();
    Q_EMIT forgot();
  }
}

void NasctlQueue::say(Lane lane, const QString& text) {
  // Two at once: the log says who speaks.
  const bool both = lanes_[kLong].current != 0 && lanes_[kShort].current != 0;
  const NasctlJob* job = find(lanes_[lane].current);
  Q_EMIT line(both && job != nullptr && !text.startsWith('$') ? job->command() + ": " + text
                                                              : text);
}

}  // namespace nas
