#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/util/rng.h"

namespace nas {

/// Kernel density of categorical vectors: the mean over the points of a product of Aitchison-Aitken
/// kernels, 1 - b where the value agrees and b / (c - 1) where it is another of the c values
/// (Aitchison and Aitken, 1976).
class CategoricalDensity {
 public:
  using Point = std::vector<std::uint16_t>;

  /// Bandwidths by the normal reference rule, 1.06 s n^(-1 / (4 + d)) with the deviation s of the
  /// value's number, not below `min_bandwidth`, and cut where the kernel is uniform, (c - 1) / c.
  /// Requires points of `sizes.size()` values, at least one.
  CategoricalDensity(std::vector<Point> points, std::vector<std::size_t> sizes,
                     double min_bandwidth);

  std::span<const double> bandwidths() const { return bandwidths_; }
  double operator()(const Point& point) const;
  /// A point of the data, each value of which is drawn anew uniformly with probability `bandwidth`,
  /// as BOHB's released code does (its bandwidth factor widens continuous values only).
  Point draw(Rng& rng) const;

 private:
  std::vector<Point> points_;
  std::vector<std::size_t> sizes_;
  std::vector<double> bandwidths_;
};

}  // namespace nas
