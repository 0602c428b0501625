#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/api/store.h"
#include "core/util/stopwatch.h"

namespace nas {

/// Writes the curve and the events of a study while it prepares, a batch at a time. Names of
/// curves: "train_loss", "accuracy", "entropy", ...; weights of alternatives as in
/// core/api/alpha_name.h. Epochs count over all stages of the preparation. An epoch that runs again
/// after a kill replaces its points; an event of equal kind and text is kept once, so its text
/// names the epoch. Not thread-safe.
class StudyLog {
 public:
  /// Writes when this long has passed since the last batch, and on `flush`.
  StudyLog(Store& store, std::int64_t study_id, double flush_seconds = 1);

  void point(std::int64_t epoch, std::string name, double value);
  void event(std::string kind, std::string text);
  /// To be called before a checkpoint is written (what it holds is not repeated) and at the end:
  /// what was not flushed is lost. Throws as the store.
  void flush();

 private:
  void flush_if_due();

  Store& store_;
  const std::int64_t study_id_;
  const std::chrono::duration<double> interval_;
  Stopwatch since_flush_;
  StudyRecord record_;
};

}  // namespace nas
