#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/util/rng.h"

namespace nas {

struct ExtraTreesOptions {
  std::size_t trees = 50;
  std::size_t leaf = 2;      ///< fewest samples of a leaf
  std::size_t features = 0;  ///< tried for each split; 0 = all
};

/// Extremely randomised trees for regression (Geurts, Ernst and Wehenkel, Machine Learning 63,
/// 2006): each split tries one uniform threshold for each feature and keeps the best. Const methods
/// are safe from several threads.
class ExtraTrees {
 public:
  /// `rows`: row-major, targets.size() rows of `width`.
  void fit(std::span<const double> rows, std::size_t width, std::span<const double> targets,
           const ExtraTreesOptions& options, Rng rng);
  double predict(std::span<const double> row) const;

  /// All trees as numbers, four a node: feature (-1: a leaf), threshold or value, left, right.
  std::vector<double> save() const;
  /// Throws Error(kData) for numbers that are no trees over `width` features.
  void restore(std::span<const double> numbers, std::size_t width);

 private:
  struct Node {
    int feature = -1;
    double value = 0;  ///< threshold: smaller and equal go left; of a leaf the prediction
    int left = 0, right = 0;
  };
  struct Growth;
  std::vector<Node> nodes_;
  std::vector<int> roots_;
};

}  // namespace nas
