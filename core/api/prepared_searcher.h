#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "core/api/evaluation.h"
#include "core/api/problem.h"
#include "core/util/progress.h"

namespace nas {

/// What a searcher is prepared with.
struct Preparation {
  std::shared_ptr<const Problem> problem;  ///< the study's data
  /// Read first if it exists, and written during the preparation. A preparation that was stopped or
  /// killed resumes from it, and gives the same bits as one that was not.
  std::filesystem::path checkpoint;
  ProgressSink& progress;
  /// What there is to plot, as it comes; an epoch that runs again says the same again.
  std::function<void(const CurvePoint&)> curve;
  /// A line for people that stays with the study; likewise.
  std::function<void(const std::string& text)> event;
  std::stop_token stop;
};

/// A searcher that trains something before its first proposal: a supernet, a predictor. A second,
/// optional interface of a Searcher (dynamic_cast). Its proposals are a function of setup, data and
/// tells. Asked without preparation it throws Error(kUsage).
class PreparedSearcher {
 public:
  virtual ~PreparedSearcher() = default;
  /// After `start`: throws what cannot work (a space without a blueprint, options that do not fit
  /// it, data without held-out samples). Trains nothing.
  virtual void check_preparation(const Problem& problem) const = 0;
  /// After `start`, once. False: the stop token ended it, and the checkpoint has how far it came.
  /// Throws Error(kNumeric) with epoch and step where training fails.
  virtual bool prepare(const Preparation& preparation) = 0;
};

}  // namespace nas
