#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/session/session.h"
#include "app/study/queue_worker.h"
#include "app/study/study_engine.h"
#include "app/study/trial_checkpoints.h"

namespace nas {

/// A study as those see it who evaluate its trials.
struct WorkerStudy {
  StudyRow row;
  StudyConfig config;
  StudyPlan plan;
  EarlierResults earlier;
  TrialCheckpoints checkpoints;
};

/// The studies of a store that a worker may work on. Used from one thread.
class WorkerStudies {
 public:
  /// `only`: a study's name, or "" for all.
  WorkerStudies(Session& session, std::string only, std::vector<std::string> devices);

  /// One whose trials wait, opened once; null: none that this machine can evaluate. What it lacks
  /// is said once for each study, and looked for again after a minute.
  WorkerStudy* next();
  /// This machine lacks what this study needs, for a reason that shows only when it is evaluated.
  void block(const std::string& study, const std::string& why);
  /// What this machine lacks for studies that wait; "" when it lacks nothing.
  const std::string& lacks() const { return lacks_; }
  /// The study that was worked on last.
  const std::string& current() const { return last_; }
  /// Is the only study finished?
  bool over() const;

 private:
  struct Blocked {
    std::string why;
    std::chrono::steady_clock::time_point until;
  };
  WorkerStudy* open(const std::string& name);

  Session& session_;
  std::string only_;
  std::vector<std::string> devices_;
  std::map<std::string, std::unique_ptr<WorkerStudy>> open_;
  std::map<std::string, Blocked> blocked_;
  std::string last_;  ///< the study that was worked on
  std::string lacks_;
};

}  // namespace nas
