#include <algorithm>

#include "core/int8/kernel.h"

namespace nas {
namespace {

/// int8 numbers less their zero point whose sum has 32 bits.
constexpr std::int64_t kMostSummed = std::int64_t{1} << 23;

/// Means over height and width of an image [N, H, W, C]: the sum is scaled first, divided then.
MicroRun prepare_mean(const KernelCall& call) {
  const MicroTensor &image = call.input(0), &output = call.output();
  call.expect(image.element == MicroElement::kInt8 && output.element == MicroElement::kInt8,
              "only int8 data are executed");
  std::vector<std::int64_t> axes = call.ints(1);
  for (std::int64_t& axis : axes) {
    axis += axis < 0 ? static_cast<std::int64_t>(image.dims.size()) : 0;
  }
  std::ranges::sort(axes);
  call.expect(image.dims.size() == 4 && axes == std::vector<std::int64_t>{1, 2},
              "is not over height and width of an image");
  const std::int64_t batch = image.dims[0], channels = image.dims[3];
  const std::int64_t positions = image.dims[1] * image.dims[2];
  call.expect(positions <= kMostSummed, "it sums more numbers than fit into 32 bits");
  call.expect(positions >= 1 && output.elements() == batch * channels,
              "input and output have sizes that do not fit");
  const double in = scale_of(call, image), out = scale_of(call, output);
  const FixedMultiplier factor = multiplier(call, in / out);
  const std::int32_t in_zero = zero_point_of(image), out_zero = zero_point_of(output);
  const ClampRange clamp = clamp_range(call, output);
  return [=, from = call.input_at(0), to = call.output_at()](MicroMemory memory) {
    for (std::int64_t n = 0; n < batch; ++n) {
      const std::int8_t* pixels = at<std::int8_t>(memory, from) + n * positions * channels;
      std::int8_t* result = at<std::int8_t>(memory, to) + n * channels;
      for (std::int64_t c = 0; c < channels; ++c) {
        std::int32_t sum = 0;
        for (std::int64_t i = 0; i < positions; ++i) sum += pixels[i * channels + c] - in_zero;
        const std::int64_t scaled = multiplied(sum, factor);
        const std::int64_t half = scaled > 0 ? positions / 2 : -(positions / 2);
        const auto mean = static_cast<std::int32_t>((scaled + half) / positions);
        result[c] = static_cast<std::int8_t>(clamp(mean + out_zero));
      }
    }
  };
}

constexpr MicroKernel kKernels[] = {{MicroOp::kMean, prepare_mean}};

}  // namespace

extern constinit const MicroKernels mean_kernels{kKernels};

}  // namespace nas
