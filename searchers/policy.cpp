#include "searchers/policy.h"

#include <algorithm>
#include <cmath>

#include "core/util/error.h"

namespace nas {

CategoricalPolicy::CategoricalPolicy(std::span<const Decision> decisions, double deviation,
                                     Rng rng) {
  starts_.push_back(0);
  for (const Decision& decision : decisions) {
    for (std::size_t i = 0; i < decision.choices.size(); ++i) {
      logits_.push_back(deviation * rng.normal());
    }
    starts_.push_back(logits_.size());
  }
}

std::vector<double> CategoricalPolicy::probabilities(std::size_t decision) const {
  const auto begin = logits_.begin() + static_cast<std::ptrdiff_t>(starts_[decision]);
  const auto end = logits_.begin() + static_cast<std::ptrdiff_t>(starts_[decision + 1]);
  std::vector<double> result(begin, end);
  if (result.empty()) return result;
  const double top = *std::max_element(begin, end);
  double sum = 0;
  for (double& value : result) sum += value = std::exp(value - top);
  for (double& value : result) value /= sum;
  return result;
}

std::vector<std::uint16_t> CategoricalPolicy::draw(Rng& rng) const {
  std::vector<std::uint16_t> choices;
  for (std::size_t decision = 0; decision + 1 < starts_.size(); ++decision) {
    const std::vector<double> probability = probabilities(decision);
    double left = rng.uniform();
    std::size_t choice = 0;
    while (choice + 1 < probability.size() && left >= probability[choice]) {
      left -= probability[choice++];
    }
    choices.push_back(static_cast<std::uint16_t>(choice));
  }
  return choices;
}

double CategoricalPolicy::log_probability(Choices choices) const {
  double sum = 0;
  for (std::size_t decision = 0; decision < choices.size(); ++decision) {
    sum += std::log(probabilities(decision)[choices[decision]]);
  }
  return sum;
}

std::vector<double> CategoricalPolicy::gradient(Choices choices) const {
  std::vector<double> result;
  for (std::size_t decision = 0; decision < choices.size(); ++decision) {
    for (const double probability : probabilities(decision)) result.push_back(-probability);
    result[starts_[decision] + choices[decision]] += 1;
  }
  return result;
}

}  // namespace nas
