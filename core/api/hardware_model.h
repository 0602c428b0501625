#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/api/latency_model.h"
#include "core/ir/blueprint/blueprint.h"

namespace nas {

/// Estimates what networks cost on the devices that it knows, without running them. Immutable and
/// safe from several threads.
class HardwareModel : public LatencyModel {
 public:
  virtual std::span<const Device> devices() const = 0;
};

/// One probability for each choice of each decision of a space.
using ChoiceProbabilities = std::vector<std::vector<double>>;

/// A cost as a sum: a fixed part, and terms that depend on few decisions. A term of one decision
/// has a cost for each of its alternatives; a term of several (kernel, width and depth of an
/// elastic block) one for each combination, 0 where the part does not exist.
struct AdditiveCost {
  double fixed = 0;
  std::vector<ElasticValue> terms;  ///< reals

  double at(Choices choices) const;

  /// The mean over architectures whose decisions are drawn independently. Linear in the
  /// probabilities of each decision, so that a search can differentiate it (Cai, Zhu and Han,
  /// ProxylessNAS, 2019, section 3.3: the expected latency).
  double expected(const ChoiceProbabilities& probabilities) const;
  /// d expected / d probability, in the shape of `probabilities`.
  ChoiceProbabilities gradient(const ChoiceProbabilities& probabilities) const;
};

/// A part of one network with what it costs.
struct CostPart {
  std::string scope;  ///< of its first node
  std::string key;    ///< what the model knows it by
  double milliseconds = 0;
};

/// A model that is a sum over the parts of a network.
class AdditiveModel : public HardwareModel {
 public:
  /// In the order of the network; their sum is the estimate. Throws as `estimate`.
  virtual std::vector<CostPart> parts(const ArchGraph& graph, const Device& device) const = 0;
  /// The cost of every network of a blueprint: `cost(bp).at(choices)` is the estimate of
  /// `resolve(bp, choices)` up to rounding. Throws as `estimate` where any alternative is unknown.
  virtual AdditiveCost cost(const Blueprint& blueprint, const Device& device) const = 0;
};

}  // namespace nas
