#include <cmath>

#include "core/int8/kernel.h"

namespace nas {
namespace {

std::int64_t expect_equal_sizes(const KernelCall& call) {
  call.expect(call.input(0).elements() == call.output().elements(),
              "input and output have other sizes");
  return call.input(0).elements();
}

/// From one scale to another. int32 numbers take part as numbers with a scale.
template <class From, class To>
MicroRun requantised(const KernelCall& call) {
  const double in = scale_of(call, call.input(0)), out = scale_of(call, call.output());
  const FixedMultiplier factor = multiplier(call, in / out);
  const std::int32_t in_zero = zero_point_of(call.input(0)),
                     out_zero = zero_point_of(call.output());
  const std::int64_t count = expect_equal_sizes(call);
  return [=, from = call.input_at(0), to = call.output_at()](MicroMemory memory) {
    const From* x = at<From>(memory, from);
    To* y = at<To>(memory, to);
    constexpr std::int64_t kLow = std::numeric_limits<To>::min(),
                           kHigh = std::numeric_limits<To>::max();
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t value = std::int64_t{multiplied(x[i] - in_zero, factor)} + out_zero;
      y[i] = static_cast<To>(std::clamp(value, kLow, kHigh));
    }
  };
}

template <class To>
MicroRun quantised_floats(const KernelCall& call) {
  const float scale = scale_of(call, call.output());
  const std::int32_t zero = zero_point_of(call.output());
  const std::int64_t count = expect_equal_sizes(call);
  return [=, from = call.input_at(0), to = call.output_at()](MicroMemory memory) {
    const float* x = at<float>(memory, from);
    To* y = at<To>(memory, to);
    constexpr float kLow = std::numeric_limits<To>::min(), kHigh = std::numeric_limits<To>::max();
    for (std::int64_t i = 0; i < count; ++i) {
      const float value = std::round(x[i] / scale) + static_cast<float>(zero);
      y[i] = static_cast<To>(std::isnan(value) ? kLow : std::clamp(value, kLow, kHigh));
    }
  };
}

template <class From>
MicroRun dequantised(const KernelCall& call) {
  const double scale = scale_of(call, call.input(0));
  const std::int32_t zero = zero_point_of(call.input(0));
  const std::int64_t count = expect_equal_sizes(call);
  return [=, from = call.input_at(0), to = call.output_at()](MicroMemory memory) {
    const From* x = at<From>(memory, from);
    float* y = at<float>(memory, to);
    for (std::int64_t i = 0; i < count; ++i) {
      y[i] = static_cast<float>(scale * static_cast<double>(x[i] - zero));
    }
  };
}

using enum MicroElement;

MicroRun prepare_quantize(const KernelCall& call) {
  const MicroElement from = call.input(0).element, to = call.output().element;
  if (from == kFloat32 && to == kInt8) return quantised_floats<std::int8_t>(call);
  if (from == kFloat32 && to == kInt16) return quantised_floats<std::int16_t>(call);
  if (from == kInt8 && to == kInt8) return requantised<std::int8_t, std::int8_t>(call);
  if (from == kInt8 && to == kInt16) return requantised<std::int8_t, std::int16_t>(call);
  if (from == kInt8 && to == kInt32) return requantised<std::int8_t, std::int32_t>(call);
  if (from == kInt16 && to == kInt8) return requantised<std::int16_t, std::int8_t>(call);
  if (from == kInt16 && to == kInt16) return requantised<std::int16_t, std::int16_t>(call);
  if (from == kInt16 && to == kInt32) return requantised<std::int16_t, std::int32_t>(call);
  if (from == kInt32 && to == kInt8) return requantised<std::int32_t, std::int8_t>(call);
  if (from == kInt32 && to == kInt16) return requantised<std::int32_t, std::int16_t>(call);
  call.fail("from " + std::string(name_of(from)) + " to " + std::string(name_of(to)) +
            " is not executed");
}

MicroRun prepare_dequantize(const KernelCall& call) {
  call.expect(call.output().element == kFloat32, "its output is not float32");
  switch (call.input(0).element) {
    case kInt8:
      return dequantised<std::int8_t>(call);
    case kInt16:
      return dequantised<std::int16_t>(call);
    default:
      call.fail("from " + std::string(name_of(call.input(0).element)) + " is not executed");
  }
}

constexpr MicroKernel kKernels[] = {{MicroOp::kQuantize, prepare_quantize},
                                    {MicroOp::kDequantize, prepare_dequantize}};

}  // namespace

extern constinit const MicroKernels quantize_kernels{kKernels};

}  // namespace nas
