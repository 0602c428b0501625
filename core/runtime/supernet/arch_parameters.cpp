#include "core/runtime/supernet/arch_parameters.h"

#include <cmath>

#include "core/util/rng.h"

namespace nas {

ArchVectors zero_vectors(const ChoiceGroups& groups) {
  ArchVectors vectors;
  for (const ChoiceGroup& group : groups.choices) {
    vectors.alphas.emplace_back(group.alternatives.size(), 0.0);
  }
  for (const SumGroup& sum : groups.sums) vectors.betas.emplace_back(sum.terms.size(), 0.0);
  return vectors;
}

ArchVectors initial_vectors(const ChoiceGroups& groups, double deviation, std::uint64_t seed) {
  ArchVectors vectors = zero_vectors(groups);
  const Rng rng({.seed = seed, .purpose = Purpose::kSearch});
  // By name, so that weighted sums do not shift the alphas.
  const auto fill = [&](const std::string& name, std::vector<double>& values) {
    Rng own = rng.stream(stable_hash(name));
    for (double& value : values) value = deviation * own.normal();
  };
  for (std::size_t i = 0; i < groups.choices.size(); ++i) {
    fill(groups.choices[i].name, vectors.alphas[i]);
  }
  for (std::size_t i = 0; i < groups.sums.size(); ++i) fill(groups.sums[i].name, vectors.betas[i]);
  return vectors;
}

void each_vector(ArchVectors& vectors, const std::function<void(std::vector<double>&)>& visit) {
  for (std::vector<double>& values : vectors.alphas) visit(values);
  for (std::vector<double>& values : vectors.betas) visit(values);
}

double norm(const ArchVectors& vectors) {
  double square = 0;
  for (const auto* lists : {&vectors.alphas, &vectors.betas}) {
    for (const std::vector<double>& values : *lists) {
      for (const double value : values) square += value * value;
    }
  }
  return std::sqrt(square);
}

void scale(ArchVectors& vectors, double factor) {
  each_vector(vectors, [&](std::vector<double>& values) {
    for (double& value : values) value *= factor;
  });
}

std::vector<double> softmax_gradient(std::span<const double> probabilities,
                                     std::span<const double> gradient) {
  double mean = 0;
  for (std::size_t i = 0; i < gradient.size(); ++i) mean += probabilities[i] * gradient[i];
  std::vector<double> result(gradient.size());
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    result[i] = probabilities[i] * (gradient[i] - mean);
  }
  return result;
}

double entropy(std::span<const double> probabilities) {
  double sum = 0;
  for (const double p : probabilities) sum -= p * std::log(p + 1e-8);
  return sum;
}

ArchAdam::ArchAdam(const Settings& settings, const ChoiceGroups& groups) {
  ArchVectors zeros = zero_vectors(groups);
  each_vector(zeros, [&](const std::vector<double>& values) {
    Adam<double>& adam = vectors_.emplace_back(settings);
    adam.state().first = adam.state().second = values;
  });
}

void ArchAdam::step(const ArchVectors& gradient, ArchVectors& parameters) {
  auto adam = vectors_.begin();
  const auto update = [&](const auto& gradients, auto& lists) {
    for (std::size_t i = 0; i < lists.size(); ++i, ++adam) {
      if (!gradients[i].empty()) adam->step(lists[i], gradients[i]);
    }
  };
  update(gradient.alphas, parameters.alphas);
  update(gradient.betas, parameters.betas);
}

}  // namespace nas
