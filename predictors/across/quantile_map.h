#pragma once

#include <span>
#include <vector>

namespace nas {

/// Scores as targets, in the same order: what has this place among some scores has that place among
/// the targets of other networks. Right in its order, a guess in its level. Beyond both ends it
/// continues the last piece.
class QuantileMap {
 public:
  /// Quantiles of targets that were seen; of several sources the mean.
  void set_levels(std::span<const std::vector<double>> targets);
  void set_places(std::vector<double> scores);
  double operator()(double score) const;

  const std::vector<double>& places() const { return places_; }
  const std::vector<double>& levels() const { return levels_; }
  /// False: they are not the quantiles that such a map has.
  bool restore(std::vector<double> places, std::vector<double> levels);

 private:
  std::vector<double> places_, levels_;
};

}  // namespace nas
