#pragma once

#include <QDateTime>
#include <QObject>
#include <array>
#include <deque>

#include "gui/jobs/nasctl_process.h"

namespace nas {

/// A nasctl command on its way.
struct NasctlJob {
  enum class State { kWaiting, kRunning, kStopping, kDone, kFailed, kStopped };

  int id = 0;
  QStringList arguments;
  QString subject;  ///< what it is about, for people: the architecture
  CommandOutput wanted = CommandOutput::kLines;
  State state = State::kWaiting;
  int exit_code = 0;
  QByteArray output;  ///< stdout, when it was to be kept
  QString last_line;  ///< of stderr
  QDateTime started, ended;

  QString command() const { return arguments.mid(0, 2).join(' '); }  ///< "arch score"
  bool isOver() const { return state >= State::kDone; }
  /// Stopped before it has begun.
  bool neverRan() const { return isOver() && !started.isValid(); }
};

/// Runs commands one after the other: searches and trainings in one line, what takes seconds in
/// another, so that a score need not wait for a search. Remembers the last ones.
class NasctlQueue final : public QObject {
  Q_OBJECT

 public:
  /// `passwords` outlives it; without, addresses have none.
  explicit NasctlQueue(QObject* parent = nullptr, ServerPasswords* passwords = nullptr);

  /// Puts a command at the end of its line; returns its id.
  int add(const QStringList& arguments, const QString& subject = {},
          CommandOutput output = CommandOutput::kLines);
  /// Takes a waiting command away; interrupts a running one as Ctrl+C does, and kills it when asked
  /// again.
  void stop(int id);
  /// The same for what runs in the line of searches and trainings: they can resume later.
  void interrupt();
  /// Whether anything runs.
  bool isRunning() const;
  bool isSearching() const { return lanes_[kLong].current != 0; }  ///< or training

  const std::deque<NasctlJob>& jobs() const { return jobs_; }  ///< newest first
  const NasctlJob* find(int id) const;                         ///< null: forgotten

 Q_SIGNALS:
  void line(const QString& text);
  void adding();         ///< `jobs` is about to get a first one
  void added(int id);    ///< it is there
  void changed(int id);  ///< has another state
  void forgetting();     ///< the last of `jobs` is about to go
  void forgot();
  void finished(int id);

 private:
  enum Lane { kLong, kShort };
  struct Line {
    NasctlProcess* process = nullptr;
    int current = 0;  ///< id; 0: none
  };
  static Lane laneOf(const NasctlJob& job);
  NasctlJob& jobOf(int id);
  void startNext(Lane lane);
  void finish(Lane lane, int exit_code);
  void forgetOld();
  void say(Lane lane, const QString& text);

  ServerPasswords* passwords_;
  std::array<Line, 2> lanes_;
  std::deque<NasctlJob> jobs_;
  int last_id_ = 0;
};

}  // namespace nas
