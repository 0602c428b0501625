#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/ir/blueprint/choice_groups.h"
#include "core/util/adam.h"

namespace nas {

/// A number for each alternative of each group of open choices (alphas) and for each term of each
/// group of weighted sums (betas): the architecture parameters of a relaxed search, their
/// gradient (an empty vector: nothing is known of it), or weights made of them.
struct ArchVectors {
  std::vector<std::vector<double>> alphas;  ///< by ChoiceGroups::choices and alternative
  std::vector<std::vector<double>> betas;   ///< by ChoiceGroups::sums and term
  friend bool operator==(const ArchVectors&, const ArchVectors&) = default;
};

/// All zeros, in the shape of the groups.
ArchVectors zero_vectors(const ChoiceGroups& groups);
/// `deviation` * N(0, 1): 1e-3 in DARTS, PC-DARTS, GDAS, DrNAS and ProxylessNAS.
ArchVectors initial_vectors(const ChoiceGroups& groups, double deviation, std::uint64_t seed);

/// Calls visit(vector) for all alphas, then all betas.
void each_vector(ArchVectors& vectors, const std::function<void(std::vector<double>&)>& visit);
double norm(const ArchVectors& vectors);
void scale(ArchVectors& vectors, double factor);

/// Of a loss with respect to logits, from that with respect to their softmax.
std::vector<double> softmax_gradient(std::span<const double> probabilities,
                                     std::span<const double> gradient);
/// -sum p ln(p + 1e-8) (ProxylessNAS, released code).
double entropy(std::span<const double> probabilities);

/// Adam in float64 on all vectors, each with a state of its own, as torch.optim.Adam has it of each
/// parameter. A vector whose gradient is absent (empty) stays as it is, whatever momentum and decay
/// would do.
class ArchAdam {
 public:
  using Settings = Adam<double>::Settings;
  ArchAdam(const Settings& settings, const ChoiceGroups& groups);
  void step(const ArchVectors& gradient, ArchVectors& parameters);

  /// For a checkpoint: of all alphas, then of all betas.
  Adam<double>::State& state(std::size_t vector) { return vectors_[vector].state(); }

 private:
  std::vector<Adam<double>> vectors_;
};

}  // namespace nas
