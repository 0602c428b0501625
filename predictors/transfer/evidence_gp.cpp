#include "predictors/transfer/evidence_gp.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "core/util/error.h"
#include "core/util/statistics.h"

namespace nas {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
using Rows =
    Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

constexpr double kLeastWeight = 1e-4;  // of a variant that still widens the intervals
constexpr std::size_t kChunk = 1024;   // queries at a time

Eigen::Index index(std::size_t value) {
  return static_cast<Eigen::Index>(value);
}

Rows rows_of(const BlockRows& rows, std::size_t block, std::size_t begin, std::size_t count) {
  const std::size_t width = rows.rows == 0 ? 0 : rows.blocks[block].size() / rows.rows;
  return {rows.blocks[block].data() + begin * width, index(count), index(width)};
}

/// Of rows [begin, begin + count) of `a` against all of `b`.
Matrix gram(const KernelPart& part, const BlockRows& a, std::size_t begin, std::size_t count,
            const BlockRows& b) {
  const Rows x = rows_of(a, part.block, begin, count), z = rows_of(b, part.block, 0, b.rows);
  Matrix products = x * z.transpose();
  if (!part.distance) return products / part.scale;
  const Vector xx = x.rowwise().squaredNorm(), zz = z.rowwise().squaredNorm();
  products = -2 * products;
  products.colwise() += xx;
  products.rowwise() += zz.transpose();
  return (-products / part.scale).array().exp();
}

Vector own_variance(const KernelPart& part, const BlockRows& a, std::size_t begin,
                    std::size_t count) {
  if (part.distance) return Vector::Ones(index(count));
  return rows_of(a, part.block, begin, count).rowwise().squaredNorm() / part.scale;
}

/// Degrees of freedom of the errors. The amplitude alone would leave n - 1; but the same samples
/// also weigh the variants against each other, and where these fit a few well-chosen samples,
/// errors elsewhere have heavier tails than that. A third holds on devices that are known, three
/// at least where n - 1 allows (docs/reproduction.md, latency-transfer).
double freedom_of(double samples) {
  constexpr double kPart = 3, kLeast = 3;
  return std::max(1.0, std::max(std::min(samples - 1, kLeast), (samples - 1) / kPart));
}

/// One variant, possibly with one stray sample, conditioned on the samples.
struct Fitted {
  std::size_t variant = 0;
  double log_evidence = 0;
  double weight = 0;
  double amplitude = 1;  ///< y' A^-1 y / (n - 1)
  Vector alpha;          ///< A^-1 y
  Eigen::LLT<Matrix> factor;
};

/// All variants for one set of samples.
struct Mixture {
  double mean = 0, deviation = 1;  ///< of the targets
  std::vector<Fitted> fitted;
};

double population_deviation(std::span<const double> values) {
  const double n = static_cast<double>(values.size());
  return sample_deviation(values) * std::sqrt((n - 1) / n);
}

void weigh(std::vector<Fitted>& fitted) {
  double most = -HUGE_VAL, sum = 0;
  for (const Fitted& one : fitted) most = std::max(most, one.log_evidence);
  for (Fitted& one : fitted) sum += one.weight = std::exp(one.log_evidence - most);
  for (Fitted& one : fitted) one.weight /= sum;
}

}  // namespace

struct EvidenceGp::Impl {
  std::vector<KernelPart> parts;
  std::vector<KernelVariant> variants;
  EvidenceOptions options;
  BlockRows samples{};
  std::vector<double> targets{};
  std::vector<Matrix> grams{};  ///< by part, samples x samples
  Mixture mixture{};

  Matrix covariance(const KernelVariant& variant, const std::vector<Matrix>& grams_of_parts) const {
    Matrix sum = Matrix::Constant(grams_of_parts.front().rows(), grams_of_parts.front().cols(),
                                  options.bias);
    for (std::size_t part = 0; part < parts.size(); ++part) {
      if (variant.weights[part] != 0) sum += variant.weights[part] * grams_of_parts[part];
    }
    return sum;
  }

  static Fitted fit_one(Matrix a, const Vector& y) {
    Fitted one;
    one.factor.compute(a);
    NAS_CHECK(one.factor.info() == Eigen::Success, "a covariance with noise is positive definite");
    one.alpha = one.factor.solve(y);
    const double n = static_cast<double>(y.size());
    const double fit = std::max(y.dot(one.alpha), 1e-12);
    one.amplitude = fit / std::max(1.0, n - 1);
    one.log_evidence =
        -n / 2 * std::log(fit / n) - one.factor.matrixLLT().diagonal().array().log().sum();
    return one;
  }

  Mixture mix(const std::vector<Matrix>& of_parts, std::span<const double> values) const {
    Mixture result;
    result.mean = nas::mean(values);
    const double deviation = population_deviation(values);
    result.deviation = deviation > 0 ? deviation : 1;
    Vector y(index(values.size()));
    for (std::size_t i = 0; i < values.size(); ++i) {
      y(index(i)) = (values[i] - result.mean) / result.deviation;
    }
    for (std::size_t variant = 0; variant < variants.size(); ++variant) {
      Matrix a = covariance(variants[variant], of_parts);
      a.diagonal().array() += variants[variant].noise;
      const double log_prior = std::log(variants[variant].prior);
      result.fitted.push_back(fit_one(a, y));
      result.fitted.back().variant = variant;
      result.fitted.back().log_evidence += log_prior;
      for (std::size_t i = 0; options.stray > 0 && i < values.size(); ++i) {
        a(index(i), index(i)) += options.stray_variance;
        result.fitted.push_back(fit_one(a, y));
        result.fitted.back().variant = variant;
        result.fitted.back().log_evidence += log_prior + std::log(options.stray);
        a(index(i), index(i)) -= options.stray_variance;
      }
    }
    weigh(result.fitted);
    return result;
  }

  /// `cross`: by part, queries x samples; `own`: by part, the prior variances of the queries.
  std::vector<Forecast> predict(const Mixture& mixture_of, const std::vector<Matrix>& cross,
                                const std::vector<Vector>& own) const {
    const Eigen::Index queries = cross.front().rows(), n = cross.front().cols();
    std::vector<Vector> pulls(parts.size(), Vector::Zero(n));  // sum of weight x A^-1 y, by part
    double level = 0;
    for (const Fitted& one : mixture_of.fitted) {
      level += one.weight * options.bias * one.alpha.sum();
      for (std::size_t part = 0; part < parts.size(); ++part) {
        pulls[part] += one.weight * variants[one.variant].weights[part] * one.alpha;
      }
    }
    Vector mean = Vector::Constant(queries, level), variance = Vector::Zero(queries);
    for (std::size_t part = 0; part < parts.size(); ++part) mean += cross[part] * pulls[part];
    for (const Fitted& one : mixture_of.fitted) {
      if (one.weight < kLeastWeight) continue;
      const KernelVariant& variant = variants[one.variant];
      const Matrix k = covariance(variant, cross);
      Vector prior = Vector::Constant(queries, options.bias);
      for (std::size_t part = 0; part < parts.size(); ++part) {
        prior += variant.weights[part] * own[part];
      }
      const Matrix solved = one.factor.matrixL().solve(k.transpose());
      const Vector left = (prior - solved.colwise().squaredNorm().transpose()).cwiseMax(0.0);
      const Vector off = k * one.alpha - mean;
      variance += one.weight *
                  (one.amplitude * (left.array() + variant.noise).matrix() + off.cwiseProduct(off));
    }
    std::vector<Forecast> result;
    for (Eigen::Index i = 0; i < queries; ++i) {
      result.push_back({mixture_of.mean + mixture_of.deviation * mean(i),
                        mixture_of.deviation * std::sqrt(variance(i)),
                        freedom_of(static_cast<double>(n))});
    }
    return result;
  }
};

EvidenceGp::EvidenceGp(std::vector<KernelPart> parts, std::vector<KernelVariant> variants,
                       EvidenceOptions options)
    : impl_(new Impl{std::move(parts), std::move(variants), options}) {
  NAS_CHECK(!impl_->parts.empty() && !impl_->variants.empty(), "a mixture of nothing");
}
EvidenceGp::~EvidenceGp() = default;
EvidenceGp::EvidenceGp(EvidenceGp&&) noexcept = default;
EvidenceGp& EvidenceGp::operator=(EvidenceGp&&) noexcept = default;

void EvidenceGp::condition(BlockRows samples, std::span<const double> targets) {
  NAS_CHECK(samples.rows == targets.size() && targets.size() >= 2, "two samples at least");
  impl_->samples = std::move(samples);
  impl_->targets.assign(targets.begin(), targets.end());
  impl_->grams.clear();
  for (const KernelPart& part : impl_->parts) {
    impl_->grams.push_back(gram(part, impl_->samples, 0, impl_->samples.rows, impl_->samples));
  }
  impl_->mixture = impl_->mix(impl_->grams, impl_->targets);
}

std::vector<Forecast> EvidenceGp::forecast(const BlockRows& queries) const {
  std::vector<Forecast> result;
  for (std::size_t begin = 0; begin < queries.rows; begin += kChunk) {
    const std::size_t count = std::min(kChunk, queries.rows - begin);
    std::vector<Matrix> cross;
    std::vector<Vector> own;
    for (const KernelPart& part : impl_->parts) {
      cross.push_back(gram(part, queries, begin, count, impl_->samples));
      own.push_back(own_variance(part, queries, begin, count));
    }
    const std::vector<Forecast> chunk = impl_->predict(impl_->mixture, cross, own);
    result.insert(result.end(), chunk.begin(), chunk.end());
  }
  return result;
}

std::vector<Forecast> EvidenceGp::leave_one_out() const {
  const std::size_t n = impl_->targets.size();
  NAS_CHECK(n >= 3, "leaving one out needs three samples");
  std::vector<Forecast> result;
  for (std::size_t left = 0; left < n; ++left) {
    std::vector<Eigen::Index> kept;
    std::vector<double> targets;
    for (std::size_t i = 0; i < n; ++i) {
      if (i == left) continue;
      kept.push_back(index(i));
      targets.push_back(impl_->targets[i]);
    }
    std::vector<Matrix> grams, cross;
    std::vector<Vector> own;
    for (const Matrix& all : impl_->grams) {
      grams.emplace_back(all(kept, kept));
      cross.emplace_back(all(std::vector{index(left)}, kept));
      own.emplace_back(Vector::Constant(1, all(index(left), index(left))));
    }
    result.push_back(impl_->predict(impl_->mix(grams, targets), cross, own).front());
  }
  return result;
}

std::vector<double> EvidenceGp::evidence() const {
  std::vector<double> sums(impl_->variants.size());
  for (const Fitted& one : impl_->mixture.fitted) sums[one.variant] += one.weight;
  return sums;
}

const BlockRows& EvidenceGp::samples() const {
  return impl_->samples;
}

std::span<const double> EvidenceGp::targets() const {
  return impl_->targets;
}

std::vector<std::size_t> most_uncertain(const BlockRows& candidates, const BlockRows& measured,
                                        std::span<const KernelPart> parts,
                                        const KernelVariant& kernel, double bias,
                                        std::size_t count) {
  const std::size_t size = candidates.rows;
  Vector variance = Vector::Constant(index(size), bias);
  for (std::size_t part = 0; part < parts.size(); ++part) {
    variance += kernel.weights[part] * own_variance(parts[part], candidates, 0, size);
  }
  const auto against = [&](const BlockRows& others) {
    Matrix sum = Matrix::Constant(index(size), index(others.rows), bias);
    for (std::size_t part = 0; part < parts.size(); ++part) {
      if (kernel.weights[part] == 0) continue;
      sum += kernel.weights[part] * gram(parts[part], candidates, 0, size, others);
    }
    return sum;
  };
  // What is left of the covariances once `measured` is known is a Cholesky factor's complement;
  // chosen candidates add one column each.
  std::vector<Vector> columns;
  if (measured.rows > 0) {
    Matrix own = Matrix::Constant(index(measured.rows), index(measured.rows), bias);
    for (std::size_t part = 0; part < parts.size(); ++part) {
      own += kernel.weights[part] * gram(parts[part], measured, 0, measured.rows, measured);
    }
    own.diagonal().array() += kernel.noise;
    const Eigen::LLT<Matrix> factor(own);
    const Matrix known = factor.matrixL().solve(against(measured).transpose());
    for (Eigen::Index i = 0; i < known.rows(); ++i) {
      columns.emplace_back(known.row(i).transpose());
      variance -= columns.back().cwiseAbs2();
    }
  }
  std::vector<std::size_t> chosen;
  std::vector<bool> taken(size);
  while (chosen.size() < std::min(count, size)) {
    std::size_t best = size;
    for (std::size_t i = 0; i < size; ++i) {
      if (!taken[i] && (best == size || variance(index(i)) > variance(index(best)))) best = i;
    }
    taken[best] = true;
    chosen.push_back(best);
    BlockRows one{1, {}};
    for (const std::vector<double>& block : candidates.blocks) {
      const std::size_t width = block.size() / size;
      const auto begin = block.begin() + static_cast<std::ptrdiff_t>(best * width);
      one.blocks.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(width));
    }
    Vector column = against(one).col(0);
    for (const Vector& known : columns) column -= known(index(best)) * known;
    column /= std::sqrt(std::max(variance(index(best)), 0.0) + kernel.noise);
    variance -= column.cwiseAbs2();
    columns.push_back(std::move(column));
  }
  return chosen;
}

}  // namespace nas
