#include "core/gp/gaussian_process.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "core/gp/box_search.h"
#include "core/util/error.h"

namespace nas {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
using Rows =
    Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

constexpr double kMinNoise = 1e-8, kMaxNoise = 1.0;
constexpr double kMinAmplitude = 1e-2, kMaxAmplitude = 1e2;

// Adds ten times more to the diagonal each time the factorisation fails.
Eigen::LLT<Matrix> factorised(Matrix k) {
  Eigen::LLT<Matrix> factor(k);
  for (double jitter = 1e-10; factor.info() != Eigen::Success; jitter *= 10) {
    if (jitter > 1) throw Error(ErrorKind::kNumeric, "gaussian process: singular kernel matrix");
    k.diagonal().array() += jitter;
    factor.compute(k);
  }
  return factor;
}

struct Parameters {
  Vector inverse_scales;  // one, or one a dimension
  double amplitude = 1;
  double noise = 1e-6;
};

}  // namespace

double normal_density(double x) {
  return std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
}

double normal_distribution(double x) {
  return std::erfc(-x / std::numbers::sqrt2) / 2;
}

double upper_confidence_bound(const GpPosterior& posterior, double kappa) {
  return posterior.mean + kappa * posterior.deviation;
}

double expected_improvement(const GpPosterior& posterior, double best) {
  const double gain = posterior.mean - best;
  if (!(posterior.deviation > 0)) return std::max(gain, 0.0);
  const double z = gain / posterior.deviation;
  return gain * normal_distribution(z) + posterior.deviation * normal_density(z);
}

struct GaussianProcess::Impl {
  GpOptions options;
  std::size_t dimensions = 0;
  std::vector<double> inputs, targets;
  std::vector<double> log_parameters;
  double target_mean = 0, target_scale = 1;
  Vector y;      // standardised
  Vector alpha;  // K^-1 y
  Eigen::LLT<Matrix> factor;

  std::size_t rows() const { return targets.size(); }
  std::size_t scales() const { return options.ard ? dimensions : 1; }
  std::size_t parameter_count() const {
    return scales() + (options.fit_amplitude ? 1 : 0) + (options.fit_noise ? 1 : 0);
  }
  Rows matrix() const {
    return {inputs.data(), static_cast<Eigen::Index>(rows()),
            static_cast<Eigen::Index>(dimensions)};
  }

  Parameters parameters(std::span<const double> log) const {
    Parameters result;
    result.inverse_scales.resize(static_cast<Eigen::Index>(dimensions));
    for (std::size_t i = 0; i < dimensions; ++i) {
      result.inverse_scales[static_cast<Eigen::Index>(i)] = std::exp(-log[options.ard ? i : 0]);
    }
    std::size_t next = scales();
    result.noise = options.noise;
    if (options.fit_amplitude) result.amplitude = std::exp(log[next++]);
    if (options.fit_noise) result.noise = std::exp(log[next]);
    return result;
  }

  // Between scaled rows: squared distances, or weighted mismatches.
  Matrix distances(const Matrix& a, const Matrix& b, const Parameters& p) const {
    if (options.kernel == GpKernel::kHamming) {
      Matrix d = Matrix::Zero(a.rows(), b.rows());
      for (Eigen::Index j = 0; j < b.rows(); ++j) {
        for (Eigen::Index k = 0; k < a.cols(); ++k) {
          const double weight = p.inverse_scales[k];
          for (Eigen::Index i = 0; i < a.rows(); ++i) d(i, j) += a(i, k) != b(j, k) ? weight : 0;
        }
      }
      return d;
    }
    const Matrix sa = a * p.inverse_scales.asDiagonal();
    const Matrix sb = b * p.inverse_scales.asDiagonal();
    Matrix d = -2 * sa * sb.transpose();
    d.colwise() += sa.rowwise().squaredNorm();
    d.rowwise() += sb.rowwise().squaredNorm().transpose();
    return d.cwiseMax(0);
  }

  // Correlations; `slope` gets the derivative by the distance above.
  Matrix correlations(const Matrix& d, Matrix* slope) const {
    switch (options.kernel) {
      case GpKernel::kMatern52: {
        // k = (1 + a + a^2/3) e^-a with a = sqrt(5 d): dk/dd = -5/6 (1 + a) e^-a
        const Eigen::ArrayXXd a = (5 * d.array()).sqrt();
        const Eigen::ArrayXXd e = (-a).exp();
        if (slope != nullptr) *slope = (-5.0 / 6 * (1 + a) * e).matrix();
        return ((1 + a + a.square() / 3) * e).matrix();
      }
      case GpKernel::kRbf: {
        const Eigen::ArrayXXd e = (-d.array() / 2).exp();
        if (slope != nullptr) *slope = (-e / 2).matrix();
        return e.matrix();
      }
      case GpKernel::kHamming:
        break;
    }
    const Eigen::ArrayXXd e = (-d.array()).exp();
    if (slope != nullptr) *slope = (-e).matrix();
    return e.matrix();
  }

  // Sums weight * dk/dd * dd/dlog(l) over pairs for one dimension; the distance falls as l grows.
  double scale_derivative(const Matrix& weighted, const Parameters& p,
                          std::size_t dimension) const {
    const Rows x = matrix();
    const auto column = static_cast<Eigen::Index>(dimension);
    const double inverse = p.inverse_scales[column];
    double sum = 0;
    for (Eigen::Index j = 0; j < x.rows(); ++j) {
      for (Eigen::Index i = 0; i < x.rows(); ++i) {
        const double difference = x(i, column) - x(j, column);
        const double part = options.kernel == GpKernel::kHamming
                                ? -(difference != 0 ? inverse : 0)
                                : -2 * difference * difference * inverse * inverse;
        sum += weighted(i, j) * part;
      }
    }
    return sum;
  }

  double likelihood(std::span<const double> log, std::span<double> gradient) const {
    const Parameters p = parameters(log);
    const Matrix x = matrix();
    Matrix slope;
    const Matrix d = distances(x, x, p);
    const Matrix c = correlations(d, gradient.empty() ? nullptr : &slope);
    Matrix k = p.amplitude * c;
    k.diagonal().array() += p.noise;
    const Eigen::LLT<Matrix> f = factorised(k);
    const Vector a = f.solve(y);
    const auto n = static_cast<double>(rows());
    const Matrix lower = f.matrixL();
    const double value = -0.5 * y.dot(a) - lower.diagonal().array().log().sum() -
                         n / 2 * std::log(2 * std::numbers::pi);
    if (gradient.empty()) return value;
    // dL/dt = 1/2 sum((a a^T - K^-1) o dK/dt)
    const Matrix w = a * a.transpose() - f.solve(Matrix::Identity(x.rows(), x.rows()));
    const Matrix weighted = 0.5 * p.amplitude * w.cwiseProduct(slope);
    if (options.ard) {
      for (std::size_t i = 0; i < dimensions; ++i) gradient[i] = scale_derivative(weighted, p, i);
    } else {
      gradient[0] =
          (options.kernel == GpKernel::kHamming ? -1 : -2) * weighted.cwiseProduct(d).sum();
    }
    std::size_t next = scales();
    if (options.fit_amplitude) gradient[next++] = 0.5 * p.amplitude * w.cwiseProduct(c).sum();
    if (options.fit_noise) gradient[next] = 0.5 * p.noise * w.trace();
    return value;
  }

  void take(std::span<const double> x, std::span<const double> t) {
    if (t.empty() || x.size() % t.size() != 0 || x.empty()) {
      throw Error(ErrorKind::kData, "gaussian process: " + std::to_string(x.size()) +
                                        " inputs do not fit " + std::to_string(t.size()) +
                                        " targets");
    }
    const auto finite = [](double v) { return std::isfinite(v); };
    if (!std::all_of(x.begin(), x.end(), finite) || !std::all_of(t.begin(), t.end(), finite)) {
      throw Error(ErrorKind::kData, "gaussian process: inputs and targets must be finite");
    }
    inputs.assign(x.begin(), x.end());
    targets.assign(t.begin(), t.end());
    dimensions = x.size() / t.size();
    const Eigen::Map<const Vector> raw(targets.data(), static_cast<Eigen::Index>(rows()));
    target_mean = raw.mean();
    target_scale = std::sqrt((raw.array() - target_mean).square().mean());
    // A constant: only its mean is known. Its deviation may be rounding and not 0.
    const bool constant = raw.maxCoeff() == raw.minCoeff();
    if (constant) target_mean = targets.front();
    if (constant || !(target_scale > 0)) target_scale = 1;
    y = (raw.array() - target_mean) / target_scale;
  }

  void condition_on(std::span<const double> log) {
    NAS_CHECK(log.size() == parameter_count(), "parameters of a Gaussian process");
    log_parameters.assign(log.begin(), log.end());
    const Parameters p = parameters(log_parameters);
    const Matrix x = matrix();
    Matrix k = p.amplitude * correlations(distances(x, x, p), nullptr);
    k.diagonal().array() += p.noise;
    factor = factorised(std::move(k));
    alpha = factor.solve(y);
  }
};

GaussianProcess::GaussianProcess(const GpOptions& options) : impl_(std::make_unique<Impl>()) {
  impl_->options = options;
}
GaussianProcess::~GaussianProcess() = default;
GaussianProcess::GaussianProcess(GaussianProcess&&) noexcept = default;
GaussianProcess& GaussianProcess::operator=(GaussianProcess&&) noexcept = default;

std::size_t GaussianProcess::dimensions() const {
  return impl_->dimensions;
}
std::span<const double> GaussianProcess::log_parameters() const {
  return impl_->log_parameters;
}
std::span<const double> GaussianProcess::inputs() const {
  return impl_->inputs;
}
std::span<const double> GaussianProcess::targets() const {
  return impl_->targets;
}

void GaussianProcess::condition(std::span<const double> inputs, std::span<const double> targets,
                                std::span<const double> log_parameters) {
  impl_->take(inputs, targets);
  impl_->condition_on(log_parameters);
}

void GaussianProcess::fit(std::span<const double> inputs, std::span<const double> targets,
                          Rng rng) {
  impl_->take(inputs, targets);
  const GpOptions& options = impl_->options;
  const std::size_t scales = impl_->scales();
  std::vector<double> low(scales, std::log(options.min_scale));
  std::vector<double> high(scales, std::log(options.max_scale));
  std::vector<double> start(scales, 0.0);
  if (options.fit_amplitude) {
    low.push_back(std::log(kMinAmplitude));
    high.push_back(std::log(kMaxAmplitude));
    start.push_back(0);
  }
  if (options.fit_noise) {
    low.push_back(std::log(kMinNoise));
    high.push_back(std::log(kMaxNoise));
    start.push_back(std::log(std::clamp(options.noise, kMinNoise, kMaxNoise)));
  }
  const BoxFunction likelihood = [this](std::span<const double> log, std::span<double> gradient) {
    return impl_->likelihood(log, gradient);
  };
  std::vector<double> best = start;
  double best_value = likelihood(start, {});
  for (int i = 0; i <= options.restarts; ++i) {
    double value = 0;
    std::vector<double> found =
        climb_in_box(low, high, start, options.max_iterations, likelihood, value);
    if (value > best_value) {
      best = std::move(found);
      best_value = value;
    }
    for (std::size_t k = 0; k < start.size(); ++k) start[k] = rng.uniform(low[k], high[k]);
  }
  impl_->condition_on(best);
}

std::vector<GpPosterior> GaussianProcess::posteriors(std::span<const double> points) const {
  const Impl& m = *impl_;
  NAS_CHECK(m.dimensions > 0 && points.size() % m.dimensions == 0, "points of another dimension");
  const Parameters p = m.parameters(m.log_parameters);
  const Matrix x = m.matrix();
  const std::size_t count = points.size() / m.dimensions;
  std::vector<GpPosterior> result(count);
  constexpr std::size_t kBlock = 512;
  for (std::size_t first = 0; first < count; first += kBlock) {
    const std::size_t size = std::min(kBlock, count - first);
    const Matrix block = Rows(points.data() + first * m.dimensions, static_cast<Eigen::Index>(size),
                              static_cast<Eigen::Index>(m.dimensions));
    const Matrix k = p.amplitude * m.correlations(m.distances(x, block, p), nullptr);
    const Vector means = k.transpose() * m.alpha;
    const Vector explained = m.factor.matrixL().solve(k).colwise().squaredNorm().transpose();
    for (std::size_t i = 0; i < size; ++i) {
      const auto row = static_cast<Eigen::Index>(i);
      result[first + i] = {m.target_mean + m.target_scale * means[row],
                           m.target_scale * std::sqrt(std::max(0.0, p.amplitude - explained[row]))};
    }
  }
  return result;
}

GpPosterior GaussianProcess::posterior(std::span<const double> point) const {
  return posteriors(point).front();
}

double GaussianProcess::upper_confidence_bound(std::span<const double> point, double kappa,
                                               std::span<double> gradient) const {
  const Impl& m = *impl_;
  NAS_CHECK(m.options.kernel != GpKernel::kHamming, "a kernel without a slope");
  const Parameters p = m.parameters(m.log_parameters);
  const Matrix x = m.matrix();
  const Matrix at = Rows(point.data(), 1, static_cast<Eigen::Index>(m.dimensions));
  Matrix slope;
  const Vector k = p.amplitude * m.correlations(m.distances(x, at, p), &slope);
  const Vector solved = m.factor.solve(k);
  const double variance = std::max(0.0, p.amplitude - k.dot(solved));
  const double deviation = std::sqrt(variance);
  const double value = m.target_mean + m.target_scale * (k.dot(m.alpha) + kappa * deviation);
  if (gradient.empty()) return value;
  // d deviation / dk = -K^-1 k / deviation; nothing to gain where it is 0.
  Vector weight = m.alpha;
  if (deviation > 1e-9) weight -= kappa / deviation * solved;
  for (Eigen::Index d = 0; d < x.cols(); ++d) {
    const double inverse = p.inverse_scales[d];
    double sum = 0;
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      sum += weight[i] * slope(i, 0) * 2 * (at(0, d) - x(i, d)) * inverse * inverse;
    }
    gradient[static_cast<std::size_t>(d)] = m.target_scale * p.amplitude * sum;
  }
  return value;
}

double GaussianProcess::log_marginal_likelihood(std::span<const double> log_parameters,
                                                std::span<double> gradient) const {
  NAS_CHECK(log_parameters.size() == impl_->parameter_count(), "parameters of a Gaussian process");
  return impl_->likelihood(log_parameters, gradient);
}

}  // namespace nas
