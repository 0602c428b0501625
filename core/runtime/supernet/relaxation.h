#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/runtime/supernet/alternative_costs.h"
#include "core/runtime/supernet/arch_parameters.h"
#include "core/util/categorical.h"

namespace nas {

/// What the open choices of a supernet are in one forward pass.
struct MixDraw {
  std::vector<std::vector<std::uint16_t>> present;  ///< by group: alternatives that run, ascending
  ArchVectors weights;                              ///< of those, and of the terms of sums
  /// What the gradient needs of the draw: gumbel softmax, gamma variables, probabilities of gates.
  std::vector<std::vector<double>> drawn{};
};

/// A loss on a validation batch, and its gradient.
struct MixedLoss {
  double value = 0;
  ArchVectors gradient;  ///< with respect to MixDraw::weights, in its shape
};

/// How architecture parameters become weights of mixtures, and a gradient of the weights becomes
/// one of the parameters. Everything here is arithmetic on a few hundred numbers, in float64; the
/// networks are the rule's business (architecture_rule_torch). Stateless.
class Relaxation {
 public:
  virtual ~Relaxation() = default;
  /// Of a weight step; `progress` in [0, 1] is the share of the epochs that has passed.
  virtual MixDraw weight_draw(const ArchVectors& parameters, double progress, Rng& rng) const = 0;
  /// Of an architecture step.
  virtual MixDraw search_draw(const ArchVectors& parameters, double progress, Rng& rng) const {
    return weight_draw(parameters, progress, rng);
  }
  /// Of everything that the parameters are trained by, with respect to them; empty for those that
  /// this step leaves alone.
  virtual ArchVectors gradient(const ArchVectors& parameters, const MixDraw& draw,
                               const MixedLoss& loss) const = 0;
  /// After the optimiser's step; `before`: the parameters as they were.
  virtual void settle(const MixDraw&, const ArchVectors& /*before*/, ArchVectors&) const {}
  /// The mean share of each alternative and term: what an architecture is derived from.
  virtual ArchVectors shares(const ArchVectors& parameters) const;
  /// `MixedLoss::gradient` is of all alternatives, though only one of each choice has run.
  virtual bool gates_of_absent() const { return false; }
};

/// Which relaxation, with the numbers of all of them.
struct RelaxationOptions {
  /// softmax: all alternatives side by side (DARTS, PC-DARTS).
  /// gumbel: one alternative, hard, straight through the gumbel softmax; only the one that runs
  ///   gives a gradient (Dong and Yang, GDAS, CVPR 2019, arXiv 1910.04465, section 3.2).
  /// dirichlet: all, with weights drawn from a Dirichlet distribution whose concentration is
  ///   elu(alpha) + 1, with pathwise gradients (Chen et al., DrNAS, ICLR 2021, arXiv 2006.10355).
  /// two, full, full_v2: binary gates of ProxylessNAS (gates.h).
  std::string method = "softmax";
  double first_temperature = 10, last_temperature = 0.1;  ///< gumbel, falls linearly by epoch
  /// dirichlet: weight of the Kullback-Leibler distance to the flat Dirichlet distribution.
  double kl = 0;
  LatencyLoss latency{};  ///< gates
};
std::vector<std::string> relaxation_methods();

/// `groups` outlives it. Throws Error(kUsage) with near misses for an unknown method, and for a
/// latency that does not fit the groups.
std::unique_ptr<Relaxation> make_relaxation(const RelaxationOptions& options,
                                            const ChoiceGroups& groups);

}  // namespace nas
