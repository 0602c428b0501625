#pragma once

#include <numeric>

#include "core/ir/blueprint/rewrite.h"
#include "core/runtime/supernet/relaxation.h"
#include "tests/core/runtime/supernet/toy_choices.h"

namespace nas::test {

inline ChoiceGroups toy_groups() {
  return choice_groups(edge_normalised(toy_blueprint()));
}

/// A loss that is linear in the weights of all alternatives, by group.
inline std::vector<std::vector<double>> slopes(const ChoiceGroups& groups) {
  std::vector<std::vector<double>> result;
  Rng rng(RngKey{.seed = 5});
  for (const ChoiceGroup& group : groups.choices) {
    std::vector<double>& list = result.emplace_back();
    for (std::size_t i = 0; i < group.alternatives.size(); ++i) list.push_back(rng.normal());
  }
  return result;
}

inline MixedLoss linear_loss(const MixDraw& draw, const std::vector<std::vector<double>>& slope) {
  MixedLoss loss;
  for (std::size_t g = 0; g < draw.present.size(); ++g) {
    std::vector<double>& gradient = loss.gradient.alphas.emplace_back();
    for (std::size_t i = 0; i < draw.present[g].size(); ++i) {
      gradient.push_back(slope[g][draw.present[g][i]]);
      loss.value += gradient.back() * draw.weights.alphas[g][i];
    }
  }
  for (const auto& weights : draw.weights.betas) {
    std::vector<double>& gradient = loss.gradient.betas.emplace_back();
    for (std::size_t i = 0; i < weights.size(); ++i) {
      gradient.push_back(static_cast<double>(i + 1));
      loss.value += gradient.back() * weights[i];
    }
  }
  return loss;
}

inline double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

inline ArchVectors parameters_of(const ChoiceGroups& groups) {
  return initial_vectors(groups, 0.5, 11);
}

}  // namespace nas::test
