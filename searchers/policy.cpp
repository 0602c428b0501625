#include "searchers/policy.h"

#include <cmath>

#include "core/util/categorical.h"
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
  return softmax(std::span(begin, end));
}

std::vector<std::uint16_t> CategoricalPolicy::draw(Rng& rng) const {
  std::vector<std::uint16_t> choices;
  for (std::size_t decision = 0; decision + 1 < starts_.size(); ++decision) {
    choices.push_back(static_cast<std::uint16_t>(weighted_draw(probabilities(decision), rng)));
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
