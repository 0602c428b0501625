#pragma once

#include "core/api/evaluation.h"

namespace nas {

/// An evaluator that needs no network, only the choices: a table. Optional (dynamic_cast); it is
/// what a searcher may ask thousands of times before it proposes.
class FromChoices {
 public:
  virtual ~FromChoices() = default;
  /// What `Evaluator::evaluate` gives.
  virtual EvalResult evaluate_choices(const Architecture& architecture) const = 0;
};

}  // namespace nas
