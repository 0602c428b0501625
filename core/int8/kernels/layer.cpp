#include "core/int8/kernels/layer.h"

#include <cmath>
#include <cstring>

namespace nas {
namespace {

std::vector<std::int64_t> biases_of(const KernelCall& call, std::size_t operand,
                                    std::int64_t channels) {
  if (operand == LayerOperands::kNoBias || !call.has_input(operand)) {
    return std::vector<std::int64_t>(static_cast<std::size_t>(channels), 0);
  }
  std::vector<std::int64_t> biases = call.ints(operand);
  call.expect(static_cast<std::int64_t>(biases.size()) == channels,
              "there are " + std::to_string(biases.size()) + " biases for " +
                  std::to_string(channels) + " channels");
  // Sums of int8 data have 32 bits; those of int16 data are multiplied by 16 bits in 64.
  const bool narrow = call.output().element == MicroElement::kInt8;
  const std::int64_t most =
      narrow ? std::int64_t{std::numeric_limits<std::int32_t>::max()} : std::int64_t{1} << 46;
  for (const std::int64_t bias : biases) {
    call.expect(bias >= -most && bias <= most, "a bias is out of range");
  }
  return biases;
}

}  // namespace

LayerOutput layer_output(const KernelCall& call, const LayerOperands& operands,
                         std::int64_t channels, bool float_product) {
  const MicroTensor &data = call.input(operands.data), &weights = call.input(operands.weights);
  const MicroTensor& output = call.output();
  call.expect(data.element == output.element, "input and output hold other elements");
  call.expect(data.element == MicroElement::kInt8 || zero_point_of(data) == 0,
              "int16 data have a zero point");
  LayerOutput result{.biases = biases_of(call, operands.bias, channels),
                     .zero_point = zero_point_of(output),
                     .clamp = clamp_range(call, output, call.options().activation)};
  const float in = scale_of(call, data), out = scale_of(call, output);
  const std::vector<float>& scales = weights.quantisation.scales;
  call.expect(scales.size() == 1 || static_cast<std::int64_t>(scales.size()) == channels,
              "there are " + std::to_string(scales.size()) + " scales of weights for " +
                  std::to_string(channels) + " channels");
  for (const float scale : scales) {
    call.expect(std::isfinite(scale) && scale >= 0,
                "a scale of the weights is negative or not a number");
    const double product = float_product ? static_cast<double>(in * scale)
                                         : static_cast<double>(in) * static_cast<double>(scale);
    result.multipliers.push_back(multiplier(call, product / static_cast<double>(out)));
    // Sums of 64 bits are shifted by 15 - exponent.
    constexpr int kMostExponent = 14;
    call.expect(
        data.element == MicroElement::kInt8 || result.multipliers.back().exponent <= kMostExponent,
        "its scales are out of range");
  }
  return result;
}

std::vector<std::int8_t> int8_weights(const KernelCall& call, std::size_t operand) {
  const MicroTensor& weights = call.input(operand);
  call.expect(weights.element == MicroElement::kInt8,
              "its weights are " + std::string(name_of(weights.element)) + ", not int8");
  const std::string& data = call.constant(operand);
  std::vector<std::int8_t> values(data.size());
  std::memcpy(values.data(), data.data(), data.size());
  return values;
}

}  // namespace nas
