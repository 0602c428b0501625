#include "core/util/categorical.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nas {

std::vector<double> softmax(std::span<const double> logits) {
  std::vector<double> result(logits.begin(), logits.end());
  if (result.empty()) return result;
  const double most = std::ranges::max(result);
  double sum = 0;
  for (double& value : result) sum += value = std::exp(value - most);
  for (double& value : result) value /= sum;
  return result;
}

std::size_t weighted_draw(std::span<const double> weights, Rng& rng) {
  double rest = rng.uniform() * std::accumulate(weights.begin(), weights.end(), 0.0);
  std::size_t i = 0;
  while (i + 1 < weights.size() && rest >= weights[i]) rest -= weights[i++];
  return i;
}

}  // namespace nas
