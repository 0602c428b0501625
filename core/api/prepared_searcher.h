#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "core/api/evaluation.h"
#include "core/api/hardware_model.h"
#include "core/api/problem.h"
#include "core/util/progress.h"

namespace nas {

/// A latency that a study's objectives or constraints name and that is a sum over the parts of a
/// network, so that a search can take its expectation.
struct AdditiveLatency {
  std::string metric;  ///< "latency_ms@pixel1"
  double limit = 0;    ///< ms, that a constraint wants it to stay below; 0: none does
  /// Of the networks that the study judges, in ms. Throws Error(kData) that names the part which
  /// its table lacks.
  std::function<AdditiveCost()> cost;
};

/// What a searcher has to be prepared with.
struct PreparationInputs {
  std::shared_ptr<const Problem> problem;  ///< the study's data; null: it has none
  OptionMap problem_options =
      {};  ///< the problem's own fields of the study's recipe (crops, flips)
  std::vector<AdditiveLatency> latencies = {};  ///< those of constraints first
};

struct Preparation {
  PreparationInputs inputs;
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
  /// Must the study have data?
  virtual bool needs_data() const { return true; }
  /// After `start`: throws what cannot work (a space without a blueprint, options that do not fit
  /// it, data without held-out samples, a cost that a table lacks). Trains nothing.
  virtual void check_preparation(const PreparationInputs& inputs) const = 0;
  /// After `start`, once. False: the stop token ended it, and the checkpoint has how far it came.
  /// Throws Error(kNumeric) with epoch and step where training fails.
  virtual bool prepare(const Preparation& preparation) = 0;
};

}  // namespace nas
