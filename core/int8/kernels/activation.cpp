#include <array>
#include <cmath>
#include <memory>

#include "core/int8/kernel.h"

// Functions of each single number. Of int8 there are 256 numbers: a table holds them all.

namespace nas {
namespace {

template <class F>
MicroRun each_int8(const KernelCall& call, const F& f) {
  const MicroTensor &input = call.input(0), &output = call.output();
  call.expect(input.element == MicroElement::kInt8 && output.element == MicroElement::kInt8,
              "only int8 data are executed");
  call.expect(input.elements() == output.elements(), "input and output have other sizes");
  const auto table = std::make_shared<std::array<std::int8_t, 256>>();
  for (std::int32_t x = -128; x < 128; ++x) {
    (*table)[static_cast<std::size_t>(x + 128)] = static_cast<std::int8_t>(f(x));
  }
  const std::int64_t count = input.elements();
  return [=, from = call.input_at(0), to = call.output_at()](MicroMemory memory) {
    const std::int8_t* in = at<std::int8_t>(memory, from);
    std::int8_t* out = at<std::int8_t>(memory, to);
    for (std::int64_t i = 0; i < count; ++i) {
      out[i] = (*table)[static_cast<std::size_t>(in[i] + 128)];
    }
  };
}

MicroRun clamped(const KernelCall& call, MicroActivation activation) {
  const MicroTensor &input = call.input(0), &output = call.output();
  const double in = scale_of(call, input), out = scale_of(call, output);
  const FixedMultiplier factor = multiplier(call, in / out);
  const ClampRange clamp = clamp_range(call, output, activation);
  const std::int32_t in_zero = zero_point_of(input), out_zero = zero_point_of(output);
  return each_int8(
      call, [=](std::int32_t x) { return clamp(multiplied(x - in_zero, factor) + out_zero); });
}
MicroRun prepare_relu(const KernelCall& call) {
  return clamped(call, MicroActivation::kRelu);
}
MicroRun prepare_relu6(const KernelCall& call) {
  return clamped(call, MicroActivation::kRelu6);
}

MicroRun prepare_leaky_relu(const KernelCall& call) {
  const MicroTensor &input = call.input(0), &output = call.output();
  call.expect(input.element == output.element && input.elements() == output.elements(),
              "input and output hold other elements");
  // Both factors are taken in single precision, as the engine does.
  const float in = scale_of(call, input), out = scale_of(call, output);
  call.expect(call.options().alpha >= 0, "its slope below zero is negative");
  const FixedMultiplier above = multiplier(call, static_cast<double>(in / out));
  const FixedMultiplier below =
      multiplier(call, static_cast<double>(call.options().alpha * in / out));
  const ClampRange clamp = clamp_range(call, output);
  const std::int32_t in_zero = zero_point_of(input), out_zero = zero_point_of(output);
  const std::int64_t count = input.elements();
  const int from = call.input_at(0), to = call.output_at();
  return for_activation_type(call, input.element, [&]<class T>(T) -> MicroRun {
    return [=](MicroMemory memory) {
      const T* x = at<T>(memory, from);
      T* y = at<T>(memory, to);
      for (std::int64_t i = 0; i < count; ++i) {
        const std::int32_t value = x[i] - in_zero;
        y[i] = static_cast<T>(clamp(multiplied(value, value >= 0 ? above : below) + out_zero));
      }
    };
  });
}

/// The largest difference that a number of 4 (or 5) integer bits holds, in steps of the input.
std::int32_t input_radius(int integer_bits, int left_shift) {
  const double most = ((1 << integer_bits) - 1) * std::ldexp(1.0, 31 - integer_bits - left_shift);
  return static_cast<std::int32_t>(std::min(std::floor(most), 1e9));
}

/// Of inputs as numbers of 4 integer bits; beyond their range the function has its limits.
template <class F>
MicroRun saturating(const KernelCall& call, std::int32_t lowest, const F& f) {
  constexpr int kIntegerBits = 4;
  const double scale = scale_of(call, call.input(0));
  const FixedMultiplier factor = multiplier(call, scale * std::ldexp(1.0, 31 - kIntegerBits));
  const std::int32_t radius = input_radius(kIntegerBits, factor.exponent);
  const std::int32_t zero = zero_point_of(call.input(0));
  return each_int8(call, [=](std::int32_t x) {
    const std::int32_t value = x - zero;
    if (value <= -radius) return lowest;
    if (value >= radius) return std::int32_t{127};
    return f(multiplied(value, factor));
  });
}

/// -|value| of 4 integer bits as a number of 5, times 2^doublings.
std::int32_t negative_of_5_bits(std::int32_t value, int doublings) {
  const std::int32_t negative = value > 0 ? -value : value;
  return doublings == 1 ? negative : rounded_shift(negative, 1);
}

std::int32_t logistic_int8(std::int32_t value) {
  constexpr std::int32_t kOne = std::numeric_limits<std::int32_t>::max();
  const std::int32_t above =
      value == 0 ? 1 << 30 : fixed_reciprocal(fixed_exp(negative_of_5_bits(value, 0)));
  const std::int32_t result = value >= 0 ? above : kOne - above;
  return std::clamp(rounded_shift(result, 23) - 128, -128, 127);
}

std::int32_t tanh_int8(std::int32_t value) {
  if (value == 0) return 0;
  const std::int32_t above = fixed_tanh_ratio(fixed_exp(negative_of_5_bits(value, 1)));
  return std::clamp(rounded_shift(value > 0 ? above : -above, 24), -128, 127);
}

MicroRun prepare_logistic(const KernelCall& call) {
  return saturating(call, -128, logistic_int8);
}
MicroRun prepare_tanh(const KernelCall& call) {
  return saturating(call, -128, tanh_int8);
}

std::int16_t doubling_high_product16(std::int16_t a, std::int16_t b, bool rounded) {
  if (a == std::numeric_limits<std::int16_t>::min() && b == a) {
    return std::numeric_limits<std::int16_t>::max();
  }
  const std::int32_t product = std::int32_t{a} * b;
  // Without rounding the quotient is cut towards zero.
  return static_cast<std::int16_t>(rounded ? (product + (1 << 14)) >> 15 : product / (1 << 15));
}

std::int16_t saturated16(std::int32_t value) {
  return static_cast<std::int16_t>(std::clamp(value, -32768, 32767));
}

/// A factor with a mantissa of 16 bits.
struct ShortMultiplier {
  std::int16_t mantissa;
  int exponent;
};
ShortMultiplier short_multiplier(const KernelCall& call, double factor) {
  const FixedMultiplier wide = multiplier(call, factor);
  const std::int64_t rounded = (std::int64_t{wide.mantissa} + (1 << 15)) >> 16;
  return {saturated16(static_cast<std::int32_t>(rounded)), wide.exponent};
}

/// x relu6(x + 3) / 6 in 16 bits: (x / 3 cut to [-1, 1] + 1) / 2 times x at the output's scale.
struct HardSwish {
  ShortMultiplier output, third;
  std::int32_t in_zero, out_zero;

  std::int32_t operator()(std::int32_t x) const {
    const auto fine = saturated16((x - in_zero) * (1 << 7));
    const std::int16_t scaled = doubling_high_product16(fine, output.mantissa, true);
    std::int16_t gate = fine;
    if (third.exponent > 0) gate = saturated16(gate * (1 << (third.exponent - 1)));
    gate = doubling_high_product16(gate, third.mantissa, true);
    if (third.exponent > 0) gate = saturated16(gate * 2);
    if (third.exponent < 0) gate = saturated16(rounded_shift(gate, -third.exponent));
    gate = static_cast<std::int16_t>((gate + (1 << 15)) >> 1);
    const std::int16_t product = doubling_high_product16(gate, scaled, false);
    return std::clamp(rounded_shift(product, -output.exponent) + out_zero, -128, 127);
  }
};

MicroRun prepare_hard_swish(const KernelCall& call) {
  const float fine = scale_of(call, call.input(0)) / 128.0F;
  const float out = scale_of(call, call.output());
  const HardSwish swish{
      .output = short_multiplier(call, static_cast<double>(fine / out)),
      .third = short_multiplier(call, static_cast<double>(fine / (3.0F / 32768.0F))),
      .in_zero = zero_point_of(call.input(0)),
      .out_zero = zero_point_of(call.output())};
  call.expect(swish.output.exponent <= 0 && swish.third.exponent <= 16,
              "its scales are out of range");
  return each_int8(call, swish);
}

MicroRun prepare_gelu(const KernelCall& call) {
  const float in = scale_of(call, call.input(0)), out = scale_of(call, call.output());
  const std::int32_t in_zero = zero_point_of(call.input(0)),
                     out_zero = zero_point_of(call.output());
  const bool approximate = call.options().approximate;
  return each_int8(call, [=](std::int32_t value) {
    const double x = static_cast<double>(in) * (value - in_zero);
    constexpr double kSlope = 0.7978845608028654;  // sqrt(2 / pi)
    const double share =
        approximate ? std::tanh(kSlope * (x + 0.044715 * x * x * x)) : std::erf(x / std::sqrt(2.0));
    const double y = 0.5 * x * (1 + share) / static_cast<double>(out);
    return static_cast<std::int32_t>(std::clamp(std::round(y) + out_zero, -128.0, 127.0));
  });
}

/// 1 / sqrt(x) of x >= 0; at 0 the largest number.
MicroRun prepare_rsqrt(const KernelCall& call) {
  const double in = scale_of(call, call.input(0)), out = scale_of(call, call.output());
  constexpr int kBits = 20;  // below one, between both factors
  FixedMultiplier factor = multiplier(call, 1 / (std::sqrt(in) * out));
  factor.exponent -= kBits;
  call.expect(factor.exponent > -32, "its scales are out of range");
  const std::int32_t in_zero = zero_point_of(call.input(0)),
                     out_zero = zero_point_of(call.output());
  return each_int8(call, [=](std::int32_t x) {
    const std::int32_t value = x - in_zero;
    if (value <= 0) return std::int32_t{127};
    FixedMultiplier root = fixed_inverse_root(value);
    root.exponent += kBits;
    const std::int32_t inverse = multiplied(std::int32_t{1}, root);
    return std::clamp(multiplied(inverse, factor) + out_zero, -128, 127);
  });
}

constexpr MicroKernel kKernels[] = {
    {MicroOp::kRelu, prepare_relu},
    {MicroOp::kRelu6, prepare_relu6},
    {MicroOp::kLeakyRelu, prepare_leaky_relu},
    {MicroOp::kLogistic, prepare_logistic},
    {MicroOp::kTanh, prepare_tanh},
    {MicroOp::kHardSwish, prepare_hard_swish},
    {MicroOp::kGelu, prepare_gelu},
    {MicroOp::kRsqrt, prepare_rsqrt},
};

}  // namespace

extern constinit const MicroKernels activation_kernels{kKernels};

}  // namespace nas
