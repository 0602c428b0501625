#include <bit>
#include <cmath>

#include "core/int8/kernel.h"

namespace nas {
namespace {

constexpr int kDifferenceBits = 5;  // integer bits of differences to the maximum
constexpr int kSumBits = 12;        // integer bits of the sum of exponentials

/// Differences below `least` (in steps of the input) count as minus infinity.
struct Softmax {
  FixedMultiplier factor;
  std::int32_t least;

  std::int32_t exponential(std::int32_t difference) const {
    const std::int32_t shifted = wrapped_shift(difference, factor.exponent);
    return fixed_exp(doubling_high_product(shifted, factor.mantissa));
  }
};

void run_row(const Softmax& softmax, const std::int8_t* in, std::int8_t* out, std::int64_t length) {
  const std::int32_t most = *std::max_element(in, in + length);
  std::int32_t sum = 0;
  for (std::int64_t i = 0; i < length; ++i) {
    const std::int32_t difference = in[i] - most;
    if (difference >= softmax.least) {
      sum += rounded_shift(softmax.exponential(difference), kSumBits);
    }
  }
  // 1 / sum with the sum as (1 + rest) 2^bits.
  const int headroom = std::countl_zero(static_cast<std::uint32_t>(sum));
  const auto rest = static_cast<std::int32_t>((static_cast<std::uint32_t>(sum) << headroom) -
                                              (std::uint32_t{1} << 31));
  const std::int32_t scale = fixed_reciprocal(rest);
  const int shift = kSumBits - headroom + 31 - 8;
  for (std::int64_t i = 0; i < length; ++i) {
    const std::int32_t difference = in[i] - most;
    if (difference < softmax.least) {
      out[i] = -128;
      continue;
    }
    const std::int32_t share = doubling_high_product(scale, softmax.exponential(difference));
    out[i] = static_cast<std::int8_t>(std::clamp(rounded_shift(share, shift) - 128, -128, 127));
  }
}

MicroRun prepare_softmax(const KernelCall& call) {
  const MicroTensor &input = call.input(0), &output = call.output();
  call.expect(input.element == MicroElement::kInt8 && output.element == MicroElement::kInt8,
              "only int8 data are executed");
  call.expect(!input.dims.empty() && input.dims == output.dims && input.dims.back() >= 1,
              "input and output have other shapes");
  call.expect(zero_point_of(output) == -128 && scale_of(call, output) == 1.0F / 256,
              "its output is not at scale 1/256 and zero point -128");
  call.expect(input.dims.back() < (1 << kSumBits), "it has too many classes");
  const double scale = static_cast<double>(scale_of(call, input)) *
                       static_cast<double>(call.options().beta) *
                       std::ldexp(1.0, 31 - kDifferenceBits);
  call.expect(scale > 1, "the scale of its input is too small");
  const FixedMultiplier factor = multiplier(call, std::min(scale, 2147483647.0));
  const double least = std::floor(((1 << kDifferenceBits) - 1) *
                                  std::ldexp(1.0, 31 - kDifferenceBits - factor.exponent));
  const Softmax softmax{factor, -static_cast<std::int32_t>(std::min(least, 1e9))};
  const std::int64_t length = input.dims.back(), rows = input.elements() / length;
  return [=, from = call.input_at(0), to = call.output_at()](MicroMemory memory) {
    for (std::int64_t row = 0; row < rows; ++row) {
      run_row(softmax, at<std::int8_t>(memory, from) + row * length,
              at<std::int8_t>(memory, to) + row * length, length);
    }
  };
}

constexpr MicroKernel kKernels[] = {{MicroOp::kSoftmax, prepare_softmax}};

}  // namespace

extern constinit const MicroKernels softmax_kernels{kKernels};

}  // namespace nas
