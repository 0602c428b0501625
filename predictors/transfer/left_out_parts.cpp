#include "predictors/transfer/left_out_parts.h"

#include <algorithm>
#include <numeric>

namespace nas {

std::vector<double> left_out_in_parts(std::span<const double> measured, Rng rng,
                                      const LeftOutPredict& predict) {
  constexpr std::size_t kParts = 5;
  const std::size_t count = measured.size();
  if (count == 2) return {measured[1], measured[0]};  // one alone says what it is itself
  std::vector<double> result(count);
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  rng.shuffle(std::span(order));
  const std::size_t parts = std::min(kParts, count);
  for (std::size_t part = 0; part < parts; ++part) {
    std::vector<std::size_t> kept, left;
    for (std::size_t i = 0; i < count; ++i) (i % parts == part ? left : kept).push_back(order[i]);
    const std::vector<double> predicted = predict(kept, left);
    for (std::size_t i = 0; i < left.size(); ++i) result[left[i]] = predicted[i];
  }
  return result;
}

}  // namespace nas
