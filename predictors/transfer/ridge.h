#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace nas {

/// A linear model with an intercept that is not shrunk.
struct LinearModel {
  std::vector<double> weights;
  double intercept = 0;
  double predict(std::span<const double> row) const;
};

/// Ridge regression for each penalty: minimises |y - X w - c|^2 + penalty |w|^2. `rows`: row-major,
/// targets.size() rows of `width`. Cost: one product of X with itself, one Cholesky factor each.
std::vector<LinearModel> fit_ridge(std::span<const double> rows, std::size_t width,
                                   std::span<const double> targets,
                                   std::span<const double> penalties);

}  // namespace nas
