#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/api/search_space.h"

namespace nas {

/// What a search over relaxed choices found out about an open choice of a space's blueprint.
struct ChoiceWeights {
  ElasticValue selector;        ///< as in Blueprint::selectors
  std::vector<double> weights;  ///< by alternative; shares in the mixture, times that of its edge
};

/// A space with a published rule that makes an architecture of the weights of its open choices;
/// optional (dynamic_cast). Others have the rule of `derive`.
class DerivesArchitectures {
 public:
  virtual ~DerivesArchitectures() = default;
  virtual Architecture derive(std::span<const ChoiceWeights> weights) const = 0;
  /// Of an open choice, in order.
  virtual std::vector<std::string> alternative_names(const ElasticValue& selector) const = 0;
};

/// The architecture that the weights of all open choices of a space's blueprint mean. Where the
/// space has no rule of its own every decision takes the choice with the largest weight, the first
/// among equals (released code of NAS-Bench-201: `none` takes part). Throws Error(kUnsupported)
/// where a decision is no open choice, or depends on others.
Architecture derive(const SearchSpace& space, std::span<const ChoiceWeights> weights);

/// Printable, without blanks, one for each alternative.
std::vector<std::string> alternative_names(const SearchSpace& space, const ElasticValue& selector);

}  // namespace nas
