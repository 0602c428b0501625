#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/api/search_space.h"
#include "core/util/rng.h"

namespace nas {

/// Independent categorical distributions, one for each decision, each the softmax of its logits.
class CategoricalPolicy {
 public:
  /// Logits drawn from N(0, deviation^2).
  CategoricalPolicy(std::span<const Decision> decisions, double deviation, Rng rng);

  /// All logits, decision after decision.
  std::span<const double> logits() const { return logits_; }
  std::span<double> logits() { return logits_; }
  /// Of the choices of decision `decision`; sums to 1.
  std::vector<double> probabilities(std::size_t decision) const;

  std::vector<std::uint16_t> draw(Rng& rng) const;
  double log_probability(Choices choices) const;
  /// Of log_probability with respect to the logits: one-hot minus softmax.
  std::vector<double> gradient(Choices choices) const;

 private:
  std::vector<std::size_t> starts_;  ///< of each decision's logits, and the end
  std::vector<double> logits_;
};

}  // namespace nas
