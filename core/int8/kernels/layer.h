#pragma once

#include <cstdint>
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

/// Constant int8 weights as they are. Throws Error(kUnsupported) for others.
std::vector<std::int8_t> int8_weights(const KernelCall& call, std::size_t operand);

}  // namespace nas
