#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "core/runtime/supernet/relaxation.h"

// Binary gates of ProxylessNAS (Cai, Zhu and Han, ICLR 2019, arXiv 1812.00332; released code). A
// block with candidates o_i and p = softmax(alpha) computes sum g_i o_i(x) with a one-hot g, so
// dL/dg_i = <dL/dy, o_i(x)>.

namespace nas {

enum class GateMode : std::uint8_t {
  kTwo,       ///< two candidates run, drawn without replacement; the active one by q of the pair
  kFull,      ///< all run, the active one drawn by p
  kOneByOne,  ///< "full_v2": as kFull, the others one after the other and without gradient
};

/// dL/dalpha_i = sum_j dL/dg_j p_j (delta_ij - p_i); sums to 0.
std::vector<double> gate_gradient(std::span<const double> probabilities,
                                  std::span<const double> gates);

/// Shifts the two updated alphas by one offset, so that the share of the pair among all stays as it
/// was; `before`: the two as they were.
void keep_pair_share(std::span<double> alphas, std::array<std::size_t, 2> pair,
                     std::array<double, 2> before);

/// Gates as a relaxation: weight steps run one path, drawn by p. `latency.cost` is by selector.
/// Where the active alternative is `none` or leaves a residual block out (`ChoiceGroup`), as Zero
/// of the paper does, its alphas have no gradient in this step, also none of the latency. `groups`
/// outlives it.
std::unique_ptr<Relaxation> make_gates(GateMode mode, const LatencyLoss& latency,
                                       const ChoiceGroups& groups);

/// Draws one alternative of each choice.
std::vector<std::uint16_t> draw_path(const ArchVectors& parameters, Rng& rng);

/// A policy gradient over such paths (released code, "rl"): reward accuracy * (reference /
/// cost)^0.1, or the accuracy alone.
double path_reward(double accuracy, double cost, double reference);
/// The baseline: the first mean of rewards; later `baseline` + `decay` * (mean - `baseline`), moved
/// before it is used, so that 0.99 follows the present batch.
double moved_baseline(double baseline, bool is_first, double mean, double decay);
/// The gradient of the loss: mean over the paths of (reward - baseline) * d(-log p)/dalpha.
ArchVectors policy_gradient(const ArchVectors& parameters,
                            std::span<const std::vector<std::uint16_t>> paths,
                            std::span<const double> rewards, double baseline);

}  // namespace nas
