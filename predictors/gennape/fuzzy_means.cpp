#include "predictors/gennape/fuzzy_means.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/util/error.h"

namespace nas {
namespace {

constexpr double kConverged = 1e-9;

using Matrix = CgMatrix<double>;

/// The next centre is drawn in proportion to the squared distance to the nearest one (k-means++).
Matrix first_centroids(const Matrix& points, std::size_t clusters, Rng rng) {
  std::vector<Eigen::Index> chosen{
      static_cast<Eigen::Index>(rng.below(static_cast<std::uint64_t>(points.rows())))};
  Eigen::VectorXd nearest =
      Eigen::VectorXd::Constant(points.rows(), std::numeric_limits<double>::infinity());
  while (chosen.size() < clusters) {
    const Eigen::VectorXd to_last =
        (points.rowwise() - points.row(chosen.back())).rowwise().squaredNorm();
    nearest = nearest.cwiseMin(to_last);
    double left = rng.uniform() * nearest.sum();
    if (!(nearest.maxCoeff() > 0)) break;
    Eigen::Index at = 0;
    while (at + 1 < points.rows() && (left -= nearest(at)) > 0) ++at;
    while (!(nearest(at) > 0)) at = at == 0 ? points.rows() - 1 : at - 1;
    chosen.push_back(at);
  }
  Matrix centroids(static_cast<Eigen::Index>(chosen.size()), points.cols());
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    centroids.row(static_cast<Eigen::Index>(i)) = points.row(chosen[i]);
  }
  return centroids;
}

}  // namespace

Matrix FuzzyMeans::memberships(const Matrix& points) const {
  Matrix shares(points.rows(), centroids.rows());
  const double power = -1 / (fuzzifier - 1);
  for (Eigen::Index i = 0; i < points.rows(); ++i) {
    const Eigen::VectorXd squares = (centroids.rowwise() - points.row(i)).rowwise().squaredNorm();
    const double least = squares.minCoeff();
    // Relative to the nearest, so that powers neither overflow nor vanish together.
    for (Eigen::Index k = 0; k < centroids.rows(); ++k) {
      shares(i, k) = least > 0 ? std::pow(squares(k) / least, power) : squares(k) == 0 ? 1.0 : 0.0;
    }
    shares.row(i) /= shares.row(i).sum();
  }
  return shares;
}

FuzzyMeans fuzzy_means(const Matrix& points, std::size_t clusters, double fuzzifier,
                       int most_iterations, Rng rng, const std::function<void()>& each,
                       FuzzyMeansReport* report) {
  NAS_CHECK(points.rows() > 0 && clusters > 0 && fuzzifier > 1, "points and clusters");
  FuzzyMeans means{first_centroids(points, clusters, rng), fuzzifier};
  Matrix shares = means.memberships(points);
  FuzzyMeansReport done;
  for (done.last_change = 1; done.iterations < most_iterations && done.last_change > kConverged;
       ++done.iterations) {
    each();
    const Matrix weights = shares.array().pow(fuzzifier);
    means.centroids.noalias() = weights.transpose() * points;
    const Eigen::VectorXd totals = weights.colwise().sum();
    means.centroids.array().colwise() /= totals.array();
    Matrix next = means.memberships(points);
    done.last_change = (next - shares).cwiseAbs().maxCoeff();
    shares = std::move(next);
  }
  if (report != nullptr) *report = done;
  return means;
}

}  // namespace nas
