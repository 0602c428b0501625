#pragma once

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <vector>

#include "core/int8/kernel.h"

namespace nas {

/// What layers with weights share: biases, and how a sum becomes a result.
struct LayerOutput {
  std::vector<std::int64_t> biases;          ///< by output channel; 0 without
  std::vector<FixedMultiplier> multipliers;  ///< one, or by output channel
  std::int32_t zero_point = 0;
  ClampRange clamp{-128, 127};

  template <class Sum>  // std::int32_t, or std::int64_t where activations are int16
  std::int32_t operator()(Sum sum, std::size_t channel) const {
    const FixedMultiplier& factor = multipliers[multipliers.size() == 1 ? 0 : channel];
    return clamp(multiplied(sum, factor) + zero_point);
  }
};

/// Operands of a layer, by position; a bias that is not there is `kNoBias`.
struct LayerOperands {
  static constexpr std::size_t kNoBias = static_cast<std::size_t>(-1);
  std::size_t data = 0, weights = 1, bias = 2;
};

/// `channels`: of the output. Scales of a fully connected layer are multiplied in single precision,
/// as the engine does it there (`float_product`). Throws Error(kUnsupported) for scales and biases
/// that do not fit.
LayerOutput layer_output(const KernelCall& call, const LayerOperands& operands,
                         std::int64_t channels, bool float_product = false);

/// Throws Error(kUnsupported) where a sum of int8 activations times these weights, less their zero
/// points, may not fit into 32 bits. `channel_of(i)`: the output channel of weight i.
template <class Channel>
void expect_sums_fit(const KernelCall& call, const LayerOutput& output,
                     const std::vector<std::int16_t>& weights, const Channel& channel_of) {
  std::vector<std::int64_t> most(output.biases.size());
  for (std::size_t i = 0; i < most.size(); ++i) most[i] = std::abs(output.biases[i]);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    most[channel_of(i)] += 255 * std::abs(std::int64_t{weights[i]});
  }
  for (const std::int64_t sum : most) {
    call.expect(sum <= std::numeric_limits<std::int32_t>::max(), "its sums may exceed 32 bits");
  }
}

/// Constant int8 weights as they are. Throws Error(kUnsupported) for others.
std::vector<std::int8_t> int8_weights(const KernelCall& call, std::size_t operand);

}  // namespace nas
