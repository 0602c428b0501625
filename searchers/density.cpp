#include "searchers/density.h"

#include <algorithm>
#include <cmath>

#include "core/util/error.h"

namespace nas {
namespace {

// Of the numbers of the values of one coordinate, with n in the denominator.
double deviation_of(std::span<const CategoricalDensity::Point> points, std::size_t coordinate) {
  const auto n = static_cast<double>(points.size());
  double mean = 0, square = 0;
  for (const auto& point : points) mean += point[coordinate] / n;
  for (const auto& point : points) {
    const double distance = point[coordinate] - mean;
    square += distance * distance / n;
  }
  return std::sqrt(square);
}

}  // namespace

CategoricalDensity::CategoricalDensity(std::vector<Point> points, std::vector<std::size_t> sizes,
                                       double min_bandwidth)
    : points_(std::move(points)), sizes_(std::move(sizes)) {
  NAS_CHECK(!points_.empty(), "a density of no points");
  const double scale = 1.06 * std::pow(static_cast<double>(points_.size()),
                                       -1.0 / (4.0 + static_cast<double>(sizes_.size())));
  for (std::size_t i = 0; i < sizes_.size(); ++i) {
    const auto size = static_cast<double>(sizes_[i]);
    const double rule = std::max(scale * deviation_of(points_, i), min_bandwidth);
    bandwidths_.push_back(std::min(rule, (size - 1) / size));
  }
}

double CategoricalDensity::operator()(const Point& point) const {
  double sum = 0;
  for (const Point& centre : points_) {
    double product = 1;
    for (std::size_t i = 0; i < sizes_.size(); ++i) {
      product *= centre[i] == point[i] ? 1 - bandwidths_[i]
                                       : bandwidths_[i] / static_cast<double>(sizes_[i] - 1);
    }
    sum += product;
  }
  return sum / static_cast<double>(points_.size());
}

CategoricalDensity::Point CategoricalDensity::draw(Rng& rng) const {
  Point point = points_[rng.below(points_.size())];
  for (std::size_t i = 0; i < sizes_.size(); ++i) {
    if (rng.bernoulli(bandwidths_[i])) point[i] = static_cast<std::uint16_t>(rng.below(sizes_[i]));
  }
  return point;
}

}  // namespace nas
