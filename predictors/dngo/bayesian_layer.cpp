#include "predictors/dngo/bayesian_layer.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace nas {
namespace {

using Rows =
    Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

constexpr double kBound = 10;  // of both logarithms

/// The regression in the axes of Phi^T Phi, where all of it is sums.
struct Axes {
  Eigen::VectorXd values;  ///< eigenvalues of Phi^T Phi
  Eigen::MatrixXd vectors;
  Eigen::VectorXd projected;  ///< Phi^T y along them
  double squares = 0;         ///< y^T y
  double samples = 0;
};

double negative_evidence(const Axes& axes, Evidence evidence, double log_alpha, double log_noise) {
  if (std::abs(log_alpha) > kBound || std::abs(log_noise) > kBound) {
    return std::numeric_limits<double>::infinity();
  }
  const double alpha = std::exp(log_alpha), beta = std::exp(-log_noise);
  double residual = axes.squares, length = 0, determinant = 0;
  for (Eigen::Index i = 0; i < axes.values.size(); ++i) {
    const double precision = beta * axes.values[i] + alpha;
    const double weight = beta * axes.projected[i] / precision;
    residual += weight * (axes.values[i] * weight - 2 * axes.projected[i]);
    length += weight * weight;
    determinant += std::log(precision);
  }
  residual = std::max(residual, 0.0);
  if (evidence == Evidence::kPublished) residual = std::sqrt(residual);
  const auto width = static_cast<double>(axes.values.size());
  const double log_evidence = 0.5 * (width * log_alpha - axes.samples * log_noise -
                                     axes.samples * std::log(2 * std::numbers::pi) -
                                     beta * residual - alpha * length - determinant);
  return -log_evidence;
}

using Point = std::array<double, 2>;

/// Nelder and Mead (1965) with the usual coefficients.
template <class Function>
Point smallest(const Function& function, const Point& start) {
  constexpr int kMostSteps = 400;
  constexpr double kTolerance = 1e-4, kFirstStep = 0.25;
  struct Corner {
    Point at;
    double value;
  };
  const auto corner = [&](const Point& at) { return Corner{at, function(at)}; };
  const auto between = [](const Point& a, const Point& b, double t) {
    return Point{a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])};
  };
  std::array<Corner, 3> simplex{corner(start), corner({start[0] + kFirstStep, start[1]}),
                                corner({start[0], start[1] + kFirstStep})};
  const auto by_value = [](const Corner& a, const Corner& b) { return a.value < b.value; };
  for (int step = 0; step < kMostSteps; ++step) {
    std::sort(simplex.begin(), simplex.end(), by_value);
    if (std::abs(simplex[2].value - simplex[0].value) <= kTolerance) break;
    const Point centre = between(simplex[0].at, simplex[1].at, 0.5);
    const Corner mirrored = corner(between(centre, simplex[2].at, -1));
    if (mirrored.value < simplex[0].value) {
      const Corner further = corner(between(centre, simplex[2].at, -2));
      simplex[2] = further.value < mirrored.value ? further : mirrored;
    } else if (mirrored.value < simplex[1].value) {
      simplex[2] = mirrored;
    } else {
      const bool outside = mirrored.value < simplex[2].value;
      const Corner nearer = corner(between(centre, simplex[2].at, outside ? -0.5 : 0.5));
      if (nearer.value < std::min(mirrored.value, simplex[2].value)) {
        simplex[2] = nearer;
      } else {
        for (std::size_t i = 1; i < simplex.size(); ++i) {
          simplex[i] = corner(between(simplex[0].at, simplex[i].at, 0.5));
        }
      }
    }
  }
  return std::min_element(simplex.begin(), simplex.end(), by_value)->at;
}

}  // namespace

double BayesianLayer::mean(std::span<const double> phi) const {
  double sum = 0;
  for (std::size_t k = 0; k < phi.size(); ++k) sum += phi[k] * weights[k];
  return sum;
}

double BayesianLayer::variance(std::span<const double> phi) const {
  std::vector<double> along(phi.size(), 0);
  for (std::size_t k = 0; k < phi.size(); ++k) {
    for (std::size_t j = 0; j < phi.size(); ++j) along[j] += phi[k] * factor[k * phi.size() + j];
  }
  double sum = 1 / beta;
  for (const double value : along) sum += value * value;
  return sum;
}

BayesianLayer fit_bayesian_layer(std::span<const double> features, std::span<const double> targets,
                                 Evidence evidence, Rng rng) {
  const auto rows = static_cast<Eigen::Index>(targets.size());
  const auto width = static_cast<Eigen::Index>(features.size() / targets.size());
  const Rows phi(features.data(), rows, width);
  const Eigen::Map<const Eigen::VectorXd> y(targets.data(), rows);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(phi.transpose() * phi);
  Axes axes;
  axes.values = solver.eigenvalues().cwiseMax(0.0);
  axes.vectors = solver.eigenvectors();
  axes.projected = axes.vectors.transpose() * (phi.transpose() * y);
  axes.squares = y.squaredNorm();
  axes.samples = static_cast<double>(rows);
  const double log_alpha = rng.normal(), log_noise = -3 + rng.normal();
  const Point best =
      smallest([&](const Point& at) { return negative_evidence(axes, evidence, at[0], at[1]); },
               {log_alpha, log_noise});
  BayesianLayer layer;
  layer.alpha = std::exp(best[0]);
  layer.beta = std::exp(-best[1]);
  const Eigen::VectorXd precision = (layer.beta * axes.values.array() + layer.alpha).matrix();
  const Eigen::VectorXd weights =
      axes.vectors * (layer.beta * axes.projected.array() / precision.array()).matrix();
  layer.weights.assign(weights.begin(), weights.end());
  layer.factor.resize(static_cast<std::size_t>(width * width));
  Eigen::Map<Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
      layer.factor.data(), width, width) =
      axes.vectors * precision.cwiseSqrt().cwiseInverse().asDiagonal();
  return layer;
}

}  // namespace nas
