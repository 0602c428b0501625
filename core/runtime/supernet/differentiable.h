#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/api/derivation.h"
#include "core/runtime/supernet/relaxation.h"
#include "core/runtime/supernet/search_schedule.h"
#include "core/runtime/supernet/weight_bank.h"
#include "core/runtime/trainer.h"

namespace nas {

/// Differentiable search: the weights of a supernet and the architecture parameters that mix its
/// alternatives are trained in turns, weights on the training samples, parameters on the held-out
/// ones (Liu et al., DARTS, ICLR 2019, algorithm 1).
struct ArchitectureSearch {
  const SearchSpace& space;
  RelaxationOptions relaxation{};
  /// reinforce: instead of a gradient through the network, a policy gradient over paths.
  bool policy = false;
  std::int64_t policy_paths = 10;  ///< of one update
  double baseline_decay = 0.99;    ///< of the policy
  bool second_order = false;  ///< DARTS: through one step of the weights, by finite differences
  bool architecture_first = true;  ///< before the weight step; NAS-Bench-201's code is the reverse
  SearchSchedule schedule{};
  /// Held-out samples of an architecture step; 0: as many as a batch of the recipe.
  std::int64_t search_batch = 0;
  ArchAdam::Settings adam{.rate = 3e-4, .beta1 = 0.5, .decay = 1e-3};
  double deviation = 1e-3;       ///< of the initial parameters
  double gradient_clip = 0;      ///< norm of the architecture gradient; 0: off
  bool track_statistics = true;  ///< batch normalisations keep running statistics
  /// Record the largest eigenvalue of the Hessian after each epoch; softmax only.
  bool eigenvalue = false;
  std::int64_t watch_samples = 1000;  ///< held-out samples that the derived subnet is judged by
  /// Called after each epoch; the same again when an epoch is repeated after an interruption.
  std::function<void(const CurvePoint&)> curve{};
  std::function<void(const std::string& text)> event{};
};
/// Everything that determines a result, for fidelities.
std::string search_text(const ArchitectureSearch& search);

struct ArchitectureSearchReport {
  TrainReport training;
  /// By epoch, the last one last: what an architecture is derived from.
  std::vector<std::vector<ChoiceWeights>> weights;
};

/// Trains in place; a checkpoint resumes exactly as `train` does. The curve has besides losses and
/// rates the values of `share_values`, the metrics of the subnet that is derived after each epoch
/// ("accuracy", by the bank's weights and the statistics of each batch), and every share:
/// "alpha/cells.0/edge_0_2/sep_conv_3x3", "beta/cells.0/node_2/1" (terms of a sum from 0; all of
/// `curve_values`). Throws
/// Error(kUsage) where no samples are held out, Error(kUnsupported) where the space cannot be
/// searched so, Error(kNumeric) with epoch and step when a loss or a parameter is not finite, and
/// as `train`.
ArchitectureSearchReport search_architecture(WeightBank& bank, const ArchitectureSearch& search,
                                             const TrainSetup& setup);

/// The search by the expected cost alone (`relaxation.latency` of kind "cost"): no network runs and
/// no data are needed, so alphas descend the exact gradient of E; gates are not drawn.
struct CostSearch {
  std::int64_t epochs = 1;
  std::int64_t steps = 1;  ///< of an epoch
  std::uint64_t seed = 0;
  std::stop_token stop{};
};
/// The report has `curve_values` after each epoch. Throws as `check_searchable`.
ArchitectureSearchReport search_by_cost(const Blueprint& blueprint,
                                        const ArchitectureSearch& search, const CostSearch& how);

/// What a curve says after an epoch: `share_values`, "expected_macs" or "expected_latency_ms" where
/// the loss has a cost (of all alternatives, by their shares), and every share, by `share_names`.
std::vector<NamedValue> curve_values(const ArchitectureSearch& search, const ChoiceGroups& groups,
                                     const ArchVectors& shares);

/// Throws Error(kUnsupported) where a space's blueprint cannot be searched so: no open choices, a
/// decision that is none, alternatives of different shapes.
void check_searchable(const SearchSpace& space, const Blueprint& blueprint);

/// Shares as the space's derivation takes them: those of an edge times its own share of the sum.
std::vector<ChoiceWeights> choice_weights(const ChoiceGroups& groups, const ArchVectors& shares);
/// The names of the curve, in the shape of the shares (`each_vector`).
std::vector<std::vector<std::string>> share_names(const SearchSpace& space,
                                                  const ChoiceGroups& groups);

}  // namespace nas
