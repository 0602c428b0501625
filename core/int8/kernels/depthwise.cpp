#include <memory>

#include "core/int8/kernels/layer.h"
#include "core/int8/kernels/products.h"
#include "core/int8/kernels/window.h"

namespace nas {
namespace {

/// A convolution of each channel by itself, weights [1, H, W, out], widened; channel c of the
/// output reads channel c / multiplier of the image.
struct Depthwise {
  SlidingWindow window;
  LayerOutput output;
  std::vector<std::int16_t> weights;
  std::int32_t input_zero = 0;
  std::int64_t multiplier = 1;
  int from = 0, to = 0;
};

/// A pixel less the zero point, each channel as often as outputs read it.
void widen(const Depthwise& layer, const std::int8_t* pixel, std::int16_t* out) {
  for (std::int64_t c = 0; c < layer.window.in_channels; ++c) {
    const auto value = static_cast<std::int16_t>(pixel[c] - layer.input_zero);
    for (std::int64_t m = 0; m < layer.multiplier; ++m) *out++ = value;
  }
}

void run_position(const Depthwise& layer, const std::int16_t* image, std::int64_t row,
                  std::int64_t column, std::int32_t* sums) {
  const SlidingWindow& window = layer.window;
  const std::int64_t channels = window.out_channels;
  for (std::int64_t i = 0; i < window.rows.kernel; ++i) {
    const std::int64_t y = window.rows.begin(row) + i * window.rows.dilation;
    if (y < 0 || y >= window.rows.extent) continue;
    for (std::int64_t j = 0; j < window.columns.kernel; ++j) {
      const std::int64_t x = window.columns.begin(column) + j * window.columns.dilation;
      if (x < 0 || x >= window.columns.extent) continue;
      add_int16_products(image + (y * window.columns.extent + x) * channels,
                         layer.weights.data() + (i * window.columns.kernel + j) * channels,
                         channels, sums);
    }
  }
}

void run(const Depthwise& layer, const std::int8_t* image, std::int8_t* out) {
  const SlidingWindow& window = layer.window;
  const auto channels = static_cast<std::size_t>(window.out_channels);
  const std::int64_t pixels = window.rows.extent * window.columns.extent;
  std::vector<std::int16_t> wide(static_cast<std::size_t>(pixels) * channels);
  for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
    widen(layer, image + pixel * window.in_channels, wide.data() + pixel * window.out_channels);
  }
  std::vector<std::int32_t> sums(channels);
  for (std::int64_t position = 0; position < window.positions(); ++position) {
    for (std::size_t c = 0; c < channels; ++c) {
      sums[c] = static_cast<std::int32_t>(layer.output.biases[c]);
    }
    run_position(layer, wide.data(), position / window.columns.positions,
                 position % window.columns.positions, sums.data());
    for (std::size_t c = 0; c < channels; ++c) {
      *out++ = static_cast<std::int8_t>(layer.output(sums[c], c));
    }
  }
}

MicroRun prepare_depthwise(const KernelCall& call) {
  const MicroTensor &image = call.input(0), &weights = call.input(1);
  call.expect(image.element == MicroElement::kInt8, "only int8 images are executed");
  call.expect(weights.dims.size() == 4 && weights.dims[0] == 1,
              "its weights are not [1, H, W, out]");
  const auto layer = std::make_shared<Depthwise>();
  layer->window = sliding_window(call, image, weights.dims[1], weights.dims[2]);
  const SlidingWindow& window = layer->window;
  layer->multiplier = window.in_channels < 1 ? 0 : window.out_channels / window.in_channels;
  call.expect(weights.dims[3] == window.out_channels &&
                  layer->multiplier * window.in_channels == window.out_channels,
              "weights and image have other channels");
  layer->output = layer_output(call, {}, window.out_channels);
  const std::vector<std::int8_t> values = int8_weights(call, 1);
  layer->weights.assign(values.begin(), values.end());
  layer->input_zero = zero_point_of(image);
  const auto channels = static_cast<std::size_t>(window.out_channels);
  expect_sums_fit(call, layer->output, layer->weights, [&](std::size_t i) { return i % channels; });
  layer->from = call.input_at(0);
  layer->to = call.output_at();
  return [layer](MicroMemory memory) {
    for (std::int64_t n = 0; n < layer->window.batch; ++n) {
      run(*layer, at<std::int8_t>(memory, layer->from) + n * layer->window.in_elements(),
          at<std::int8_t>(memory, layer->to) + n * layer->window.out_elements());
    }
  };
}

constexpr MicroKernel kKernels[] = {{MicroOp::kDepthwiseConv2d, prepare_depthwise}};

}  // namespace

extern constinit const MicroKernels depthwise_kernels{kKernels};

}  // namespace nas
