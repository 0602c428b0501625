#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/util/rng.h"

namespace nas {

/// Bayesian linear regression on given features, y ~ N(phi . w, 1 / beta), w ~ N(0, 1 / alpha)
/// (Snoek et al. 2015, arXiv 1502.05700, section 3.2).
struct BayesianLayer {
  double alpha = 1, beta = 1;
  std::vector<double> weights;  ///< the posterior mean
  /// Of the posterior's covariance C: phi^T C phi = |factor^T phi|^2; row-major, width x width.
  std::vector<double> factor;

  double mean(std::span<const double> phi) const;
  double variance(std::span<const double> phi) const;  ///< with the noise 1 / beta
};

/// How well alpha and beta explain the targets.
enum class Evidence {
  kMarginal,   ///< the marginal likelihood
  kPublished,  ///< of pybnn, which QAS-URL uses: the norm of the residual instead of its square
};

/// Fits alpha and beta by Nelder and Mead's simplex on the evidence, from log alpha ~ N(0, 1) and
/// log(1 / beta) ~ N(-3, 1), within +-10. `features`: row-major, targets.size() rows.
BayesianLayer fit_bayesian_layer(std::span<const double> features, std::span<const double> targets,
                                 Evidence evidence, Rng rng);

}  // namespace nas
