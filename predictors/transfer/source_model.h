#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/api/predictor.h"
#include "core/util/rng.h"
#include "predictors/transfer/extra_trees.h"
#include "predictors/transfer/ridge.h"

namespace nas {

/// What a known device says about any network: a mean of ridge regression and extra-trees fitted on
/// its measurements. Both the penalty and the part of the trees (none, half, all) are those that
/// predict a held-out fifth best. Smoother than the measurements themselves, and there for networks
/// that were never measured.
class SourceModel {
 public:
  /// `rows`: row-major, standardised; targets.size() rows of `width`.
  void fit(std::span<const double> rows, std::size_t width, std::span<const double> targets,
           std::size_t trees, Rng rng);
  double predict(std::span<const double> row) const;
  double tree_part() const { return tree_part_; }

  /// Tensors "NAME.linear", "NAME.trees".
  void save(const std::string& name, std::vector<PredictorTensor>& tensors) const;
  /// Throws Error(kData) for tensors that do not fit `width`.
  void restore(const std::string& name, const PredictorState& state, std::size_t width);

 private:
  LinearModel linear_;
  ExtraTrees trees_;
  double tree_part_ = 0;
};

}  // namespace nas
