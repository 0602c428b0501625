#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/ir/blueprint/choice_groups.h"
#include "core/runtime/supernet/arch_parameters.h"

namespace nas {

/// A cost of a space's networks that is a sum: a fixed part, and one for the alternative that each
/// open choice takes. In ms or MACs.
struct AlternativeCosts {
  double fixed = 0;
  std::vector<std::vector<double>> alternatives{};  ///< by Blueprint::selectors and alternative
};

/// Convolution and linear MACs. Throws Error(kUnsupported) for choices within choices.
AlternativeCosts alternative_macs(const Blueprint& blueprint);

/// From a sum whose terms are functions of one decision each (`AdditiveCost` of hardware models): a
/// term goes to the first open choice that this decision makes. Throws Error(kUnsupported) for
/// terms of several decisions and for decisions that make no choice.
AlternativeCosts costs_of_terms(double fixed, std::span<const ElasticValue> terms,
                                const Blueprint& blueprint);

/// The same with one entry for each group: the sum over its choices. Throws Error(kUsage) where
/// the cost is of another blueprint.
AlternativeCosts by_group(const AlternativeCosts& cost, const ChoiceGroups& groups);

/// fixed + sum of probability times cost; `cost` is by group. Probabilities of alternatives that
/// are left out are 0.
double expected_cost(const AlternativeCosts& cost,
                     const std::vector<std::vector<double>>& probabilities);

/// How a cross-entropy and an expected cost E become one loss (ProxylessNAS, released code).
struct LatencyLoss {
  /// none: CE. mul_log: factor * CE * (ln E / ln R)^exponent. add_linear: CE + lambda (E - R) / R.
  /// cost: E alone. reward: CE; the cost joins the rewards of a policy gradient (`path_reward`).
  std::string kind = "none";
  std::string metric = "macs";  ///< what E is: "macs", "latency_ms"
  double reference = 0;         ///< R, in the unit of the cost, > 1 for mul_log
  double factor = 0.2, exponent = 0.3, lambda = 0.1;
  AlternativeCosts cost{};  ///< by selector
};
struct CombinedLoss {
  double value = 0;
  double by_cross_entropy = 1;  ///< dL / dCE
  double by_cost = 0;           ///< dL / dE
};
/// Throws Error(kUsage) for an unknown kind, for E or R that have no logarithm, and for R that is
/// not above 0 where it is needed.
CombinedLoss combine(const LatencyLoss& loss, double cross_entropy, double expected);

}  // namespace nas
