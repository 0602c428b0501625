#pragma once

#include <filesystem>

#include "core/api/evaluation.h"

namespace nas {

/// An evaluator that takes long enough to be continued elsewhere. Optional (dynamic_cast).
class ResumableEvaluator {
 public:
  virtual ~ResumableEvaluator() = default;
  /// As `Evaluator::evaluate`. The state is read from `checkpoint` where that exists, and written
  /// there after every epoch, atomically; the result equals that of an evaluation in one piece, bit
  /// by bit. Throws Error(kData) for a checkpoint of something else.
  virtual EvalResult resume(const EvalRequest& request,
                            const std::filesystem::path& checkpoint) const = 0;
};

}  // namespace nas
