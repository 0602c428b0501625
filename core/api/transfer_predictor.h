#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/api/predictor.h"
#include "core/api/subject.h"
#include "core/util/interval.h"

namespace nas {

/// One thing that was measured before: a device with the latencies of some networks on it, a space
/// with the accuracies of some of its networks.
struct TransferTask {
  std::string name;
  std::vector<Subject> subjects;
  std::vector<double> targets;  ///< one for each subject
};

/// A prediction with its interval. The error is distributed as Student's t.
struct Forecast {
  double mean = 0;
  double deviation = 0;  ///< scale of the t distribution; the noise of one measurement included
  double freedom = 1;    ///< its degrees of freedom
};
/// Returns the interval that holds the true value with this probability (0.8: from the 10 % to the
/// 90 % quantile).
Interval interval_of(const Forecast& forecast, double probability);

/// How well a predictor's own intervals hold, judged on measurements that were left out one by one.
struct LeaveOneOut {
  std::vector<Forecast> forecasts;                     ///< of each sample, from all others
  double within_50 = 0, within_80 = 0, within_95 = 0;  ///< parts of the samples
  double within_10_percent = 0;  ///< part predicted to a tenth of the true value
};
/// The parts, from the forecasts: one for each target.
LeaveOneOut left_out(std::vector<Forecast> forecasts, std::span<const double> targets);

/// A predictor that has seen several tasks (devices, spaces) and learns a new one from few samples.
/// A second interface of some predictors (dynamic_cast). Const methods are safe from several
/// threads. Deterministic in (options, seed, samples).
class TransferPredictor {
 public:
  virtual ~TransferPredictor() = default;
  /// Learns what the tasks have in common; forgets what it was adapted to. `pool`: subjects like
  /// those it will be asked about, without measurements (empty: those of the first task). Throws
  /// Error(kData) for a task without enough measurements, or for targets that are not positive and
  /// finite; naming the task.
  virtual void fit_tasks(std::span<const TransferTask> tasks, std::span<const Subject> pool,
                         const FitContext& context) = 0;
  /// Learns the new task; replaces what it was adapted to before. Throws Error(kData) for fewer
  /// than two samples, and for samples that are all equal.
  virtual void adapt(std::span<const Subject> subjects, std::span<const double> targets) = 0;
  /// Requires `adapt`. Some (`across`) also order a new task of which nothing is measured: without
  /// deviation, and at the level of the other tasks.
  virtual std::vector<Forecast> forecast(std::span<const Subject> subjects) const = 0;
  /// Requires `adapt` with at least three samples. Throws Error(kUnsupported) where leaving one out
  /// means learning all anew.
  virtual LeaveOneOut leave_one_out() const = 0;
  /// Which `count` of the candidates to measure next, in the order of what they tell: each is the
  /// one of which least is known after `measured` and those before it. Needs no measurement.
  /// Requires `fit_tasks`.
  virtual std::vector<std::size_t> suggest(std::span<const Subject> candidates,
                                           std::span<const Subject> measured,
                                           std::size_t count) const = 0;
  /// Architectures that it wants to be measured on every device, before any others; empty: it takes
  /// any. `suggest` names those among its candidates first.
  virtual std::vector<Architecture> references() const { return {}; }
  /// What the last `adapt` found, one line for each fact: which kernels the evidence favours.
  virtual std::vector<std::string> findings() const = 0;
};

}  // namespace nas
