#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/util/rng.h"

namespace nas {

enum class GpKernel : std::uint8_t {
  kMatern52,  ///< (1 + a + a^2/3) exp(-a), a = sqrt(5) r
  kRbf,       ///< exp(-r^2 / 2)
  kHamming,   ///< exp(-sum_i [x_i != z_i] / l_i): coordinates are numbers of categories
};

/// What a Gaussian process may learn from data. Distances are r^2 = sum_i ((x_i - z_i) / l_i)^2.
struct GpOptions {
  GpKernel kernel = GpKernel::kMatern52;
  bool ard = false;            ///< a length scale for each dimension, otherwise one for all
  bool fit_amplitude = false;  ///< otherwise the prior variance of standardised targets is 1
  bool fit_noise = false;      ///< otherwise `noise` is the variance of the observations' noise
  double noise = 1e-6;         ///< of standardised targets; the start value when it is fitted
  double min_scale = 1e-5, max_scale = 1e5;  ///< bounds of the length scales
  int restarts = 5;         ///< further starts of the fit, log-uniform in the bounds
  int max_iterations = 60;  ///< of each start
};

struct GpPosterior {
  double mean = 0;
  double deviation = 0;  ///< of the function, without the noise of an observation; >= 0
};

/// Gaussian process regression with zero mean on standardised targets (Rasmussen and Williams,
/// Gaussian Processes for Machine Learning, 2006, algorithm 2.1). Const methods are safe from
/// several threads.
class GaussianProcess {
 public:
  explicit GaussianProcess(const GpOptions& options = {});
  ~GaussianProcess();
  GaussianProcess(GaussianProcess&&) noexcept;
  GaussianProcess& operator=(GaussianProcess&&) noexcept;

  /// Conditions on `inputs` (row-major, targets.size() rows) with the parameters of largest
  /// marginal likelihood found from the start (scales 1) and the restarts. Throws Error(kData) for
  /// no targets, unequal sizes or values that are not finite. Cost: O(n^3) an iteration.
  void fit(std::span<const double> inputs, std::span<const double> targets, Rng rng);
  /// Conditions with given parameters: natural logarithms of the length scales, then of the
  /// amplitude and the noise where they are fitted.
  void condition(std::span<const double> inputs, std::span<const double> targets,
                 std::span<const double> log_parameters);

  std::size_t dimensions() const;
  std::span<const double> log_parameters() const;
  std::span<const double> inputs() const;
  std::span<const double> targets() const;  ///< as given

  GpPosterior posterior(std::span<const double> point) const;
  /// Of many points, row-major; much faster than one by one.
  std::vector<GpPosterior> posteriors(std::span<const double> points) const;
  /// mean + kappa * deviation and its gradient. Requires a differentiable kernel.
  double upper_confidence_bound(std::span<const double> point, double kappa,
                                std::span<double> gradient) const;

  /// Of the standardised targets under the data conditioned on; `gradient` by log parameter may be
  /// empty.
  double log_marginal_likelihood(std::span<const double> log_parameters,
                                 std::span<double> gradient) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Upper confidence bound and expected improvement over `best`, both to be maximised.
double upper_confidence_bound(const GpPosterior& posterior, double kappa);
double expected_improvement(const GpPosterior& posterior, double best);
/// Standard normal density and distribution function.
double normal_density(double x);
double normal_distribution(double x);

}  // namespace nas
