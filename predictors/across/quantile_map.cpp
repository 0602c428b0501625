#include "predictors/across/quantile_map.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace nas {
namespace {

constexpr std::size_t kQuantiles = 51;

/// Quantiles that rise strictly, so that a map between two of them keeps every order.
std::vector<double> quantiles_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const double least = std::max(1e-9, 1e-6 * (values.back() - values.front()));
  std::vector<double> result;
  for (std::size_t i = 0; i < kQuantiles; ++i) {
    const double at =
        static_cast<double>(i) / (kQuantiles - 1) * static_cast<double>(values.size() - 1);
    const double value = values[static_cast<std::size_t>(at)];
    result.push_back(result.empty() ? value : std::max(value, result.back() + least));
  }
  return result;
}

}  // namespace

void QuantileMap::set_levels(std::span<const std::vector<double>> targets) {
  levels_.assign(kQuantiles, 0.0);
  for (const std::vector<double>& source : targets) {
    const std::vector<double> levels = quantiles_of(source);
    for (std::size_t i = 0; i < kQuantiles; ++i) {
      levels_[i] += levels[i] / static_cast<double>(targets.size());
    }
  }
}

void QuantileMap::set_places(std::vector<double> scores) {
  places_ = quantiles_of(std::move(scores));
}

double QuantileMap::operator()(double score) const {
  const auto above = std::upper_bound(places_.begin() + 1, places_.end() - 1, score);
  const auto i = static_cast<std::size_t>(above - places_.begin());
  const double part = (score - places_[i - 1]) / (places_[i] - places_[i - 1]);
  return levels_[i - 1] + part * (levels_[i] - levels_[i - 1]);
}

bool QuantileMap::restore(std::vector<double> places, std::vector<double> levels) {
  places_ = std::move(places);
  levels_ = std::move(levels);
  const bool rising =
      std::adjacent_find(places_.begin(), places_.end(), std::greater_equal<>()) == places_.end();
  return rising && places_.size() == kQuantiles && levels_.size() == kQuantiles;
}

}  // namespace nas
