#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "predictors/gennape/comp_graph.h"

namespace nas {

/// How large the networks of a space are: factors from its sizes to those of NAS-Bench-101.
struct CgScale {
  double channels = 1;  ///< 512 by the widest layer
  double side = 1;      ///< 8 by the side of the map that is pooled in the end
  /// Of the median network.
  static CgScale of(std::span<const CompGraph> graphs);
};

/// Labels that stand in the networks that are learned from. What an encoder makes of any other is
/// as random as its first weights.
class CgVocabulary {
 public:
  void add(std::span<const CompGraph> graphs);
  bool knows(CgOp op) const { return known_[static_cast<std::size_t>(op)]; }
  std::vector<double> values() const { return {known_.begin(), known_.end()}; }
  /// Requires as many as `values` gives.
  void set_values(std::span<const double> values);

  /// A network in the terms of those that were learned from. Sizes of layers are multiplied by
  /// `scale`, and MACs as they follow. An identity that is not known is left out; another label
  /// that is not known becomes a known one of the same kind (an average pool becomes a maximum
  /// pool), where there is one.
  CompGraph read(const CompGraph& graph, const CgScale& scale) const;

 private:
  CgOp word_for(CgOp op) const;

  std::array<bool, static_cast<std::size_t>(CgOp::kLabels)> known_{};
};

}  // namespace nas
